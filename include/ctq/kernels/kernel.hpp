#pragma once
// kernel<Architecture, Op>: how one operator runs on one instruction set. Adding a kernel is adding a specialization in
// the architecture's folder; what is missing falls through the chain of architectures to the operator's definition.
// room: kernels | runs on: all | heap: no

#include <ctq/core/tensor.hpp>
#include <ctq/kernels/architecture.hpp>
#include <ctq/operators/function_table.hpp>
#include <ctq/registry/operation.hpp>

#include <cstddef>
#include <span>

namespace ctq::kernels {

/// All that is known of a node before the program starts.
template <class Op> struct node_facts {
    Op op;
    std::span<const tensor_facts> inputs, outputs;
};

/// A node whose facts are constants: `Node::value` is a `static constexpr node_facts<Op>`. A kernel that is given one
/// is compiled for exactly these shapes. Kernels read `facts.value` in both forms and may ask `facts.is_constant`.
template <class Node> struct constant_facts {
    static constexpr bool is_constant = true;
    static constexpr const auto& value = Node::value;
};

/// A node whose facts come at run time: the host tool, and policies that share code between layers.
template <class Op> struct variable_facts {
    static constexpr bool is_constant = false;
    node_facts<Op> value;
};

/// Memory that the caller lends a kernel.
struct workspace {
    std::byte* scratch = nullptr;        ///< scratch_bytes(facts), aligned to `alignment`; contents undefined
    const std::int8_t* packed = nullptr; ///< what pack() wrote before the program started, aligned to `alignment`
};

constexpr std::size_t alignment = 64;

/// The interface, and the fall-through. A kernel must equal the operator's `compute_integer` bit for bit.
///
/// - `scratch_bytes(facts)`: scratch that run() needs; planned into the arena.
/// - `packed_bytes(facts)`, `pack(facts, in, to)`: constants in an order of the kernel's own, made in the compiler (or
///   when the tool loads a model); 0 when the operator's own layout serves.
/// - `run<Requantizer>(facts, in, out, space)`.
template <class Architecture, class Op> struct kernel : kernel<typename Architecture::parent, Op> {};

template <class Op> struct kernel<scalar, Op> {
    static constexpr std::size_t scratch_bytes(const node_facts<Op>&) { return 0; }
    static constexpr std::size_t packed_bytes(const node_facts<Op>&) { return 0; }
    static constexpr void pack(const node_facts<Op>&, const_tensors, std::int8_t*) {}

    /// Flat, and with the operator as a constant of its own, so that the compiler sees shapes and attributes where they
    /// are used: else they land in flash as tables.
    template <class Requantizer, class Facts>
    [[gnu::flatten]] static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace&) {
        if constexpr (Facts::is_constant) {
            constexpr Op op = Facts::value.op;
            apply<Requantizer>(op, in, out);
        } else {
            apply<Requantizer>(facts.value.op, in, out);
        }
    }

  private:
    template <class Requantizer> static constexpr void apply(const Op& op, const_tensors in, tensors out) {
        if constexpr (requires { op.template compute_integer<Requantizer>(in, out); })
            op.template compute_integer<Requantizer>(in, out);
        else
            look_up(in[0], in[1], out[0]);
    }
};

} // namespace ctq::kernels
