// error: ctq: executor: a model with float layers needs IEEE arithmetic; compile without -ffast-math
// without: #define __FAST_MATH__ 1
#define __FAST_MATH__ 1 // as the compilers do under -ffast-math
#include <ctq/firmware.hpp>

struct model {
    static constexpr std::string_view name = "model";
    static constexpr std::array values{ctq::activation("x", {1, 4}, ctq::dtype::float32),
                                       ctq::activation("y", {1, 4}, ctq::dtype::float32)};
    static constexpr auto nodes = ctq::nodes(ctq::node("relu", ctq::op::relu{}, {}, {0}, {1}));
    static constexpr std::array inputs{0};
    static constexpr std::array outputs{1};
};

ctq::executor<model> executor;
