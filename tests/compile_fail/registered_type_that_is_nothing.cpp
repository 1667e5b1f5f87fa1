// error: ctq: registry: an operation, rule, strategy, pass or translation is required; see the concepts
#include <ctq/ctq.hpp>

struct calibrator_without_choose {
    static constexpr std::string_view name = "calibrator_without_choose";
};

constexpr auto mine = ctq::default_registry.with<calibrator_without_choose>();
