// error: pass_makes_nodes_for_ever<Pass>()
// without: graph.nodes.resize(2 * graph.nodes.size() + 1);
#include <ctq/ctq.hpp>

struct doubles {
    using registered_kind = ctq::pass_tag;
    static constexpr std::string_view name = "doubles";
    template <class Graph> static constexpr bool run(Graph& graph) {
        const auto before = graph.nodes.size();
        graph.nodes.resize(2 * graph.nodes.size() + 1);
        return graph.nodes.size() != before;
    }
};

constexpr auto nodes = ctq::prepare(ctq::default_graph{}, ctq::registry<doubles>{}).nodes.size();
