// What the examples add keeps the same laws as what ctq has.

#include "../../examples/custom_operator/square_plus.hpp"
#include "../../examples/custom_rule/mean_sigma.hpp"
#include "../../examples/custom_rule/power_of_two.hpp"
#include "../../examples/custom_rule/shift_uint8.hpp"

#include <ctq/default_registry.hpp>

#include <doctest/doctest.h>
#include <laws/calibration_strategy.hpp>
#include <laws/operation.hpp>
#include <laws/quantization_rule.hpp>

TEST_CASE("examples: the operator keeps the laws of operation") {
    ctq::laws::check_operation<my::square_plus, ctq::testing::single_graph<my::square_plus>>();
}

TEST_CASE("examples: the rules keep the laws of quantization_rule") {
    ctq::laws::check_quantization_rule<my::power_of_two>();
    ctq::laws::check_quantization_rule<my::shift_uint8>();
}

TEST_CASE("examples: the strategy keeps the laws of calibration_strategy") {
    ctq::laws::check_calibration_strategy(my::mean_sigma{});
}
