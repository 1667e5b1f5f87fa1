#include <ctq/rewrite/share_transposes.hpp>

#include <laws/graph_pass.hpp>
#include <rewrite/layout.hpp>

using namespace ctq;
using namespace ctq::testing;

namespace {

std::string shared(const default_graph& before) {
    laws::check_graph_pass_on<pass::share_transposes>(before);
    return laws::operators_of(laws::after<pass::share_transposes>(before));
}

} // namespace

TEST_CASE("share_transposes: laws") {
    laws::check_graph_pass<pass::share_transposes>();
}

TEST_CASE("share_transposes: equal ones of one value become one, whatever entries beyond the rank say") {
    builder b;
    const layer x = b.input("x", {2, 3}), y = b.input("y", {2, 3});
    const op::transpose plain{{1, 0, 2, 3, 4, 5}}, terse{{1, 0}};
    const layer sum = b.add(b.apply(plain, {x}), b.apply(terse, {x}));
    CHECK(shared(b.finish({{"sum", sum.value}, {"other", b.apply(plain, {y}).value}})) == "transpose add transpose");
}

TEST_CASE("share_transposes: one that changes nothing goes, unless it alone stands between an input and an output") {
    builder b;
    const layer x = b.input("x", {2, 3});
    const layer same = b.apply(op::transpose{}, {x}), y = b.apply(op::transpose{}, {b.softmax(same)});
    CHECK(shared(b.finish(y)) == "softmax");
    builder c;
    const layer shown = c.apply(op::transpose{}, {c.input("x", {2, 3})});
    CHECK(shared(c.finish({{"shown", shown.value}, {"y", c.softmax(shown).value}})) == "transpose softmax");
}

TEST_CASE("share_transposes: two outputs may come to be one value") {
    builder b;
    const layer x = b.softmax(b.input("x", {2, 3}));
    const layer y = b.apply(op::transpose{{1, 0, 2, 3, 4, 5}}, {x}),
                z = b.apply(op::transpose{{1, 0, 2, 3, 4, 5}}, {x});
    const default_graph graph = laws::after<pass::share_transposes>(b.finish({{"y", y.value}, {"z", z.value}}));
    CHECK(laws::operators_of(graph) == "softmax transpose");
    CHECK(graph.outputs[0].value == graph.outputs[1].value);
    CHECK(graph.outputs[1].name == "z");
}

TEST_CASE("share_transposes: what two shared ones led to is shared in the same run") {
    builder b;
    const op::transpose turned{{1, 0, 2, 3, 4, 5}};
    const layer x = b.softmax(b.input("x", {2, 3}));
    const layer left = b.apply(turned, {b.apply(turned, {x})}), right = b.apply(turned, {b.apply(turned, {x})});
    CHECK(shared(b.finish(b.add(left, right))) == "softmax transpose transpose add");
}
