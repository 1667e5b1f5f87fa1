#include <ctq/rewrite/pass.hpp>

#include <laws/graph_pass.hpp>

using namespace ctq;

namespace {

struct nothing {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "nothing";
    template <class Graph> static constexpr bool run(Graph&) { return false; }
};
struct nameless {
    using registered_kind = pass_tag;
    template <class Graph> static constexpr bool run(Graph&) { return false; }
};
struct silent {
    using registered_kind = pass_tag;
    static constexpr std::string_view name = "silent";
    template <class Graph> static constexpr void run(Graph&) {}
};

static_assert(graph_pass<nothing, default_graph>);
static_assert(phase_of<nothing> == pass_phase::canonical && phase_of<pass::fuse_residual> == pass_phase::annotated);
static_assert(phase_of<pass::fuse_activation> == pass_phase::fuse);
static_assert(!graph_pass<nameless, default_graph>);
static_assert(!graph_pass<silent, default_graph>);
static_assert(!graph_pass<op::relu, default_graph>);

} // namespace

TEST_CASE("graph_pass: the laws hold for a user's pass") {
    laws::check_graph_pass<nothing>();
}

TEST_CASE("new_names: numbers until no value has the name, nor was given it") {
    default_graph graph;
    pass::new_names names(graph);
    graph.add_value("a", {});
    graph.add_value("a_2", {});
    CHECK(names.for_value("a") == "a_3");
    CHECK(names.for_value("b") == "b");
    CHECK(names.for_value("b") == "b_2");
}

TEST_CASE("new_names: those of nodes are apart from those of values") {
    default_graph graph;
    graph.add_value("a", {});
    pass::new_names names(graph);
    CHECK(names.for_value("a") == "a_2");
    CHECK(names.for_node("a") == "a");
    CHECK(names.for_node("a") == "a_2");
    graph.add_node("b", op::relu{}, {0});
    pass::new_names more(graph);
    CHECK(more.for_node("b") == "b_2");
}
