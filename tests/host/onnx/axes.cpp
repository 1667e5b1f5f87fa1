#include <ctq/host/onnx/axes.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string_view>
#include <vector>

using ctq::shape;
using ctq::op::axis_set;

namespace {

/// The parts of a source node that axes are read from.
struct fake_node {
    std::vector<std::int32_t> attribute = {}, input = {};

    std::size_t input_count() const { return input.empty() ? 1 : 2; }
    bool has_input(std::size_t) const { return !input.empty(); }
    std::vector<std::int32_t> constant_integers(std::size_t) const { return input; }
    std::vector<std::int32_t> integers(std::string_view) const { return attribute; }
    void check(bool holds, const char* what) const {
        if (!holds) throw std::invalid_argument(what);
    }
};

axis_set set_from(const std::vector<std::int32_t>& given) {
    return ctq::host::onnx::axis_set_of(fake_node{}, given, shape{2, 3, 4, 5});
}

constexpr axis_set set_of(std::initializer_list<int> axes) {
    axis_set result;
    for (const int axis : axes) result.insert(axis);
    return result;
}

} // namespace

TEST_CASE("axes: a set of ONNX's axes, negative ones from the end, none given all") {
    CHECK(set_from({1, -1}) == set_of({1, 3}));
    CHECK(set_from({}) == set_of({0, 1, 2, 3}));
    CHECK_THROWS_WITH_AS(set_from({1, -3}), "axes must not repeat", std::invalid_argument);
    CHECK_THROWS_AS(set_from({4}), ctq::model_error);
}

TEST_CASE("axes: an attribute or an input, as the version has them; the other is refused") {
    using ctq::host::onnx::axes_by_attribute;
    using ctq::host::onnx::axes_by_input;
    const fake_node by_attribute{{1, -1}}, by_input{{}, {2}}, by_neither{};
    CHECK(axes_by_attribute(by_attribute) == by_attribute.attribute);
    CHECK(axes_by_input(by_input) == by_input.input);
    CHECK(axes_by_attribute(by_neither).empty());
    CHECK(axes_by_input(by_neither).empty());
    CHECK_THROWS_WITH_AS(axes_by_attribute(by_input), "one input is required; in this version axes are an attribute",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(axes_by_input(by_attribute),
                         "axes must not be an attribute; in this version they are an input", std::invalid_argument);
}
