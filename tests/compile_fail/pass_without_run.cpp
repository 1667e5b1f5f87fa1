// error: ctq: prepare: a graph_pass is required; give the type a name and static bool run(graph)
#include <ctq/ctq.hpp>

struct idle {
    using registered_kind = ctq::pass_tag;
    static constexpr std::string_view name = "idle";
};

constexpr auto nodes = ctq::prepare(ctq::default_graph{}, ctq::registry<idle>{}).nodes.size();
