#pragma once
// What the translations of recurrent layers share: the inputs that may be left out, the functions of the cell, and the
// layout in which the samples come first.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/recurrent.hpp>
#include <ctq/operators/transpose.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::translations::detail {

/// A function of a cell as ONNX calls it, how many of alpha and beta it takes, and what these are where a node does not
/// say. What the latter is of some is one thing to ONNX and another to onnxruntime.
struct cell_function_entry {
    std::string_view name;
    op::cell_function function;
    int numbers = 0;
    bool has_defaults = false;
    float alpha = 0, beta = 0;
};

inline constexpr std::array<cell_function_entry, 11> cell_functions{{
    {"Relu", op::cell_function::relu},
    {"Tanh", op::cell_function::tanh},
    {"Sigmoid", op::cell_function::sigmoid},
    {"Affine", op::cell_function::affine, 2},
    {"LeakyRelu", op::cell_function::leaky_relu, 1, true, 0.01f},
    {"ThresholdedRelu", op::cell_function::thresholded_relu, 1},
    {"ScaledTanh", op::cell_function::scaled_tanh, 2},
    {"HardSigmoid", op::cell_function::hard_sigmoid, 2, true, 0.2f, 0.5f},
    {"Elu", op::cell_function::elu, 1, true, 1.0f},
    {"Softsign", op::cell_function::softsign},
    {"Softplus", op::cell_function::softplus},
}};

/// The numbers of one of activation_alpha and activation_beta, which functions take in their order.
class numbers_of_functions {
    std::vector<float> given_;
    std::size_t next_ = 0;

  public:
    explicit numbers_of_functions(std::vector<float> given) : given_(std::move(given)) {}

    [[nodiscard]] bool is_used_up() const { return next_ == given_.size(); }

    template <source_node Node> float take(const Node& in, const cell_function_entry& of, float absent) {
        if (!is_used_up()) return given_[next_++];
        in.support(of.has_defaults,
                   message(of.name, " without its activation_alpha and activation_beta is not supported; give them"));
        return absent;
    }
};

/// The functions of an operator's cell, one direction's after the other's; those that it has where the node names none.
template <source_node Node, class Op> void read_functions(const Node& in, Op& op) {
    const std::vector<std::string> names = in.strings("activations");
    const std::size_t wanted = op.functions.size() / (op.direction == op::sequence_direction::bidirectional ? 1U : 2U);
    in.check(names.empty() || names.size() == wanted,
             message("activations must name ", wanted, wanted == 1 ? " function" : " functions"));
    numbers_of_functions alphas(in.reals("activation_alpha")), betas(in.reals("activation_beta"));
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto* const found =
            std::ranges::find(cell_functions, std::string_view(names[i]), &cell_function_entry::name);
        in.check(found != cell_functions.end(), "activations must be functions that ONNX has in its recurrent layers");
        op.functions[i] = found->function;
        if (found->numbers > 0) op.alpha[i] = alphas.take(in, *found, found->alpha);
        if (found->numbers > 1) op.beta[i] = betas.take(in, *found, found->beta);
    }
    in.support(alphas.is_used_up() && betas.is_used_up(),
               "more of activation_alpha or activation_beta than the activations take is not supported");
}

template <source_node Node> op::sequence_direction direction_of(const Node& in) {
    const auto name = in.string("direction", "forward");
    in.check(name == "forward" || name == "reverse" || name == "bidirectional",
             "direction must be forward, reverse or bidirectional");
    return name == "forward"   ? op::sequence_direction::forward
           : name == "reverse" ? op::sequence_direction::reverse
                               : op::sequence_direction::bidirectional;
}

/// A recurrent node that becomes an `Op`: its operator, and its inputs and outputs in the operator's layout.
template <class Op, source_node Node> class recurrent_node {
    Node* in_;
    bool samples_first_;
    std::int32_t steps_, samples_, directions_, units_;

    static constexpr op::transpose swapped{{1, 0, 2, 3, 4, 5}}, of_all_states{{2, 0, 1, 3, 4, 5}};

  public:
    explicit recurrent_node(Node& in) : in_(&in), samples_first_(in.integer("layout", 0) != 0) {
        in.check(in.has_input(1) && in.has_input(2), "a sequence and two inputs of weights are required");
        const shape x = in.shape_of(0), r = in.shape_of(2);
        in.check(x.rank == 3 && r.rank == 3, "the sequence and the weights must have 3 axes");
        in.check(r[1] == Op::gates * r[2] && in.integer("hidden_size", r[2]) == r[2],
                 "the weights of the state must be [directions, gates * hidden_size, hidden_size]");
        steps_ = x[samples_first_ ? 1 : 0];
        samples_ = x[samples_first_ ? 0 : 1];
        directions_ = r[0];
        units_ = r[2];
        check_lengths();
    }

    /// Bounds of what goes into the functions are infinite where the node has no clip.
    Op operation() const {
        Op op;
        op.direction = direction_of(*in_);
        op.clip = in_->real("clip", op.clip);
        read_functions(*in_, op);
        return op;
    }

    /// Those that every recurrent layer has.
    std::vector<int> operands() {
        const int x = samples_first_ ? turned(in_->input(0), swapped) : in_->input(0);
        const int w = constant(1), r = constant(2), b = weights(3, "bias", 2 * static_cast<std::int32_t>(Op::gates));
        return {x, w, r, b, state(5, "state")};
    }

    /// Constant weights; where they are left out zeros, so many of each unit.
    int weights(std::size_t input, std::string_view role, std::int32_t of_unit) {
        return in_->has_input(input) ? constant(input) : zeros(role, {directions_, of_unit * units_});
    }

    /// A state that may be an activation; zeros where it is left out.
    int state(std::size_t input, std::string_view role) {
        if (!in_->has_input(input)) return zeros(role, {directions_, samples_, units_});
        if (in_->is_constant(input)) check_weights(*in_, input);
        return samples_first_ ? turned(in_->input(input), swapped) : in_->input(input);
    }

    /// All states, and last ones.
    void finish(std::vector<int> outputs) {
        outputs.resize(std::min(outputs.size(), in_->output_count()));
        if (samples_first_)
            for (std::size_t i = 0; i < outputs.size(); ++i)
                outputs[i] = turned(outputs[i], i == 0 ? of_all_states : swapped);
        in_->finish(outputs);
    }

  private:
    int constant(std::size_t input) {
        in_->support(in_->is_constant(input), "weights, biases and peepholes must be constant");
        check_weights(*in_, input);
        return in_->input(input);
    }

    int turned(int value, const op::transpose& by) { return in_->emit(by, {value}); }

    int zeros(std::string_view role, const shape& of) {
        in_->support(of.elements() <= 1 << 24, "a state of more than 16777216 elements is not supported");
        return in_->constant(role, of, std::vector<float>(static_cast<std::size_t>(of.elements())));
    }

    /// Sequences may have lengths of their own, as long as these are the whole.
    void check_lengths() const {
        if (!in_->has_input(4)) return;
        in_->support(in_->is_constant(4), "sequence_lens must be constant");
        in_->check(in_->shape_of(4).elements() == samples_, "there must be a length for each sample");
        for (const std::int64_t each : in_->constant_wide_integers(4)) {
            in_->check(each >= 0 && each <= steps_, "a length must be within the sequence");
            in_->support(each == steps_, "sequences of different lengths are not supported; cut them outside");
        }
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations::detail
