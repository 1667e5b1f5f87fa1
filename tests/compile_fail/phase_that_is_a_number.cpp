// error: ctq: prepare: a pass_phase constant is required; write static constexpr auto phase = ctq::pass_phase::fuse
// without: static constexpr int phase = 1;
#include <ctq/ctq.hpp>

struct late {
    using registered_kind = ctq::pass_tag;
    static constexpr std::string_view name = "late";
    static constexpr int phase = 1;
    template <class Graph> static constexpr bool run(Graph&) { return false; }
};

constexpr auto nodes = ctq::prepare(ctq::default_graph{}, ctq::registry<late>{}).nodes.size();
