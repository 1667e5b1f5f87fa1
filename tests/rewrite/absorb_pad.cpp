#include <ctq/rewrite/absorb_pad.hpp>

#include <laws/graph_pass.hpp>

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
