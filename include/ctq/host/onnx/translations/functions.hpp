#pragma once
// Functions of one real that ONNX and ctq both have: a line each.
// room: host | runs on: host | heap: no

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/all.hpp>
#include <ctq/registry/registry.hpp>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

constexpr registry<one_to_one<"Relu", op::relu>, one_to_one<"Sigmoid", op::sigmoid>, one_to_one<"Tanh", op::tanh>,
                   one_to_one<"LeakyRelu", op::leaky_relu, reads<"alpha", &op::leaky_relu::alpha>>,
                   one_to_one<"ThresholdedRelu", op::thresholded_relu, reads<"alpha", &op::thresholded_relu::alpha>>>
    functions{};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
