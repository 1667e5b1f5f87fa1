// error: ctq: registry: each operator, rule, strategy and pass needs a name of its own; rename the new one
// without: , ctq::op::relu
#include <ctq/ctq.hpp>

constexpr ctq::registry<ctq::op::relu, ctq::op::add, ctq::op::relu> mine{};
