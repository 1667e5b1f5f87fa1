// error: ctq: registry: an operation, rule, strategy, pass or translation is required; see the concepts
#include <ctq/ctq.hpp>

struct nameless_pass {
    using registered_kind = ctq::pass_tag;
    template <class Graph> static constexpr bool run(Graph&) { return false; }
};

constexpr auto mine = ctq::default_registry.with<nameless_pass>();
