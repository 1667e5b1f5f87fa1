// error: pass_changes_for_ever<Pass>()
// without: return true;
#include <ctq/ctq.hpp>

struct restless {
    using registered_kind = ctq::pass_tag;
    static constexpr std::string_view name = "restless";
    template <class Graph> static constexpr bool run(Graph&) {
        return true;
        return false;
    }
};

constexpr auto nodes = ctq::prepare(ctq::default_graph{}, ctq::registry<restless>{}).nodes.size();
