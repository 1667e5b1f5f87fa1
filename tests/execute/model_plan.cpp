#include <ctq/execute/freeze.hpp>
#include <ctq/execute/model_plan.hpp>

#include <doctest/doctest.h>
#include <execute/models.hpp>

#include <stdexcept>
#include <string_view>

using namespace ctq::testing;

namespace {

using plan = ctq::model_plan<in_place_model, ctq::kernels::scalar>;

constexpr int value_named(std::string_view name) {
    for (std::size_t i = 0; i < in_place_model::values.size(); ++i)
        if (in_place_model::values[i].name == name) return static_cast<int>(i);
    throw std::invalid_argument("no such value");
}
constexpr std::size_t offset(std::string_view name) {
    return plan::offset_of_value(value_named(name));
}

// tanh writes over the input. clip is no in-place operator's only reader of it: multiply reads tanh again.
static_assert(offset("tanh") == offset("x") && offset("clip") != offset("tanh"));
// add writes over clip, multiply over add; add(f, f) and the transpose need new memory, the reshape none.
static_assert(offset("add") == offset("clip") && offset("multiply") == offset("add"));
static_assert(offset("add_2") != offset("multiply") && offset("reshape") == offset("add_2"));
static_assert(offset("transpose") != offset("reshape"));
static_assert(plan::bytes == 48 && plan::lower_bound == 48);

} // namespace

TEST_CASE("model_plan: alignment and bounds") {
    CHECK(plan::bytes >= plan::lower_bound);
    for (std::size_t v = 0; v < in_place_model::values.size(); ++v) {
        if (in_place_model::values[v].constant) continue;
        const std::size_t at = plan::offset_of_value(static_cast<int>(v));
        CHECK(at % ctq::kernels::scalar::alignment == 0);
        CHECK(at + in_place_model::values[v].facts.bytes() <= plan::bytes);
    }
}
