#include <emitted/network_definitions.hpp>
