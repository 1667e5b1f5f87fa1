// error: ctq: run: ranges of the element type are required for plain integers and booleans; see element_type
#include <ctq/firmware.hpp>

struct positions_model {
    static constexpr std::string_view name = "positions";
    static constexpr ctq::model_value values[] = {ctq::activation("x", {1, 2}, ctq::dtype::int64),
                                                  ctq::activation("y", {1, 2}, ctq::dtype::int64)};
    static constexpr auto nodes = ctq::nodes(ctq::node("sum", ctq::op::add{}, {}, {0, 0}, {1}));
    static constexpr int inputs[] = {0};
    static constexpr int outputs[] = {1};
};

int main() {
    ctq::executor<positions_model> executor;
    std::array<float, 2> in{};
    std::array<std::int64_t, 2> out{};
    executor.run(in, out);
}
