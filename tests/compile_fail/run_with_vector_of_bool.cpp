// error: ctq: run: ranges whose elements lie one after the other are required, which std::vector<bool> is not
#include <ctq/firmware.hpp>

#include <vector>

struct mask_model {
    static constexpr std::string_view name = "mask";
    static constexpr ctq::model_value values[] = {ctq::activation("x", {2, 1}, ctq::dtype::boolean),
                                                  ctq::activation("y", {1, 2}, ctq::dtype::boolean)};
    static constexpr auto nodes = ctq::nodes(ctq::node("turned", ctq::op::transpose{{1, 0}}, {}, {0}, {1}));
    static constexpr int inputs[] = {0};
    static constexpr int outputs[] = {1};
};

int main() {
    ctq::executor<mask_model> executor;
    const std::vector<bool> in(2);
    std::array<bool, 2> out{};
    executor.run(in, out);
}
