#include <ctq/rewrite/absorb_pad.hpp>

#include <laws/graph_pass.hpp>

#include <limits>

using namespace ctq;

namespace {

default_graph padded(const op::pad& border) {
    builder b;
    const layer x = b.apply(border, {b.input("x", {1, 4, 4, 2})});
    const auto channels = 2 + border.before[3] + border.after[3];
    const auto taps = std::span(laws::weights<24>).first(static_cast<std::size_t>(4 * channels));
    return b.finish(b.conv2d(x, {taps}, {.kernel = {2, 2}, .padding = {1, 0, 0, 0}}));
}

} // namespace

TEST_CASE("absorb_pad: laws") {
    laws::check_graph_pass<pass::absorb_pad>();
}

TEST_CASE("absorb_pad: a border of zeros around the image becomes padding, another does not") {
    op::pad border;
    border.before = {0, 1, 2, 0};
    border.after = {0, 3, 0, 0};
    const default_graph graph = laws::after<pass::absorb_pad>(padded(border));
    REQUIRE(laws::operators_of(graph) == "conv2d");
    CHECK(operator_if<op::conv2d>(graph.nodes[0])->padding == op::margins{2, 2, 3, 0});
    CHECK(graph.nodes[0].origins.size() == 2);
    op::pad valued = border, channels = border, large = border;
    valued.value = 1;
    channels.after[3] = 1;
    large.before[1] = op::window::limit;
    for (const op::pad& each : {valued, channels, large}) {
        default_graph kept = padded(each);
        CHECK_FALSE(pass::absorb_pad::run(kept));
    }
}

TEST_CASE("absorb_pad: a border that is read elsewhere too stays") {
    builder b;
    op::pad border;
    border.before = {0, 1, 1, 0};
    const layer x = b.apply(border, {b.input("x", {1, 3, 3, 1})});
    default_graph graph = b.finish({{"y", b.conv2d(x, {laws::weights<4>}, {}).value}, {"z", x.value}});
    CHECK_FALSE(pass::absorb_pad::run(graph));
}

namespace {

constexpr float lowest = std::numeric_limits<float>::lowest(), infinity = std::numeric_limits<float>::infinity();

op::pad border_of_one(float value) {
    op::pad border;
    border.before = {0, 1, 1, 0};
    border.after = {0, 1, 0, 0};
    border.value = value;
    return border;
}

/// A pool behind a border, around what a clamp leaves.
template <class Pool> default_graph pooled(float border, const Pool& pool, const bounds& clamp = bounds::none()) {
    builder b;
    const layer x = b.apply(op::clip{clamp}, {b.input("x", {1, 5, 5, 2})});
    return b.finish(b.apply(pool, {b.apply(border_of_one(border), {x})}));
}

} // namespace

TEST_CASE("absorb_pad: a border that never wins becomes a max_pool's own padding") {
    const op::max_pool pool{.kernel = {3, 3}, .stride = {2, 2}, .padding = {0, 0, 1, 1}};
    for (const float value : {lowest, -infinity}) {
        const default_graph graph = laws::after<pass::absorb_pad>(pooled(value, pool));
        REQUIRE(laws::operators_of(graph) == "clip max_pool");
        CHECK(operator_if<op::max_pool>(graph.nodes[1])->padding == op::margins{1, 1, 2, 1});
    }
    CHECK(laws::operators_of(laws::after<pass::absorb_pad>(pooled(0, pool, bounds::relu()))) == "clip max_pool");
    default_graph wins = pooled(0, pool, {-1, 1}), unknown = pooled(-5, pool),
                  wide = pooled(lowest, op::max_pool{.kernel = {2, 2}, .padding = {1, 0, 0, 0}}),
                  dilated = pooled(lowest, op::max_pool{.kernel = {2, 2}, .dilation = {2, 2}});
    for (default_graph* each : {&wins, &unknown, &wide, &dilated}) CHECK_FALSE(pass::absorb_pad::run(*each));
}

TEST_CASE("absorb_pad: a border of zeros becomes padding that an average_pool counts") {
    op::average_pool pool{.kernel = {3, 3}};
    for (const bool counts : {false, true}) {
        pool.count_padding = counts;
        const default_graph graph = laws::after<pass::absorb_pad>(pooled(0, pool));
        REQUIRE(laws::operators_of(graph) == "clip average_pool");
        CHECK(operator_if<op::average_pool>(graph.nodes[1])->padding == op::margins{1, 1, 1, 0});
        CHECK(operator_if<op::average_pool>(graph.nodes[1])->count_padding);
    }
    op::average_pool own = pool;
    own.padding = {1, 0, 0, 0};
    own.count_padding = false;
    default_graph left_out = pooled(0, own), valued = pooled(1, pool);
    CHECK_FALSE(pass::absorb_pad::run(left_out));
    CHECK_FALSE(pass::absorb_pad::run(valued));
}
