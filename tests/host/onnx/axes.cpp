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

/// The parts of a source node that read_axes asks for.
struct fake_node {
    std::vector<std::int32_t> attribute = {}, input = {};

    bool has_input(std::size_t) const { return !input.empty(); }
    std::vector<std::int32_t> constant_integers(std::size_t) const { return input; }
    std::vector<std::int32_t> integers(std::string_view) const { return attribute; }
    void check(bool holds, const char* what) const {
        if (!holds) throw std::invalid_argument(what);
    }
};

axis_set read_from(fake_node from) {
    return ctq::host::onnx::read_axes(from, shape{2, 3, 4, 5});
}

constexpr axis_set set_of(std::initializer_list<int> axes) {
    axis_set result;
    for (const int axis : axes) result.insert(axis);
    return result;
}

} // namespace

TEST_CASE("axes: ONNX's axes from attribute or input, negative ones from the end, absent ones all") {
    CHECK(read_from({{1, -1}}) == set_of({1, 3}));
    CHECK(read_from({{}, {2}}) == set_of({2}));
    CHECK(read_from({}) == set_of({0, 1, 2, 3}));
    CHECK_THROWS_WITH_AS(read_from({{1, -3}}), "axes must not repeat", std::invalid_argument);
    CHECK_THROWS_AS(read_from({{4}}), ctq::model_error);
}
