#pragma once
// kernel<Architecture, Op, S>: how one operator runs on one instruction set under one signature. Adding a kernel is
// adding a specialization in the architecture's folder; what is missing falls through the chain of architectures to the
// operator's definition.
// room: kernels | runs on: all | heap: no

#include <ctq/core/tensor.hpp>
#include <ctq/kernels/architecture.hpp>
#include <ctq/operators/function_table.hpp>
#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/operation.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

/// All that is known of a lowered node before the program starts. `inputs` are those of the lowered node: activations,
/// and the constants that lowering made, which are the same whichever kernel runs.
template <class Op> struct node_facts {
    Op op;
    lowered_of<Op> lowered;
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
    std::byte* scratch = nullptr;        ///< scratch_bytes(facts), aligned as the architecture says; contents undefined
    const std::int8_t* packed = nullptr; ///< what pack() wrote before the program started, aligned to `alignment`
};

constexpr std::size_t alignment = 64;

/// Bytes [first, last) of packed constants; both are multiples of `alignment`.
struct packed_piece {
    std::int8_t* to; ///< where byte `first` belongs
    std::ptrdiff_t first, last;

    /// The same piece, counted from byte `at` on.
    constexpr packed_piece from(std::ptrdiff_t at) const { return {to, first - at, last - at}; }

    /// Calls write(i, place) for each of `count` entries of `size` bytes, from byte `at` on, that the piece holds.
    /// `at` and the piece's ends are multiples of the size: it holds an entry whole or not at all.
    template <class Write>
    constexpr void each(std::ptrdiff_t at, std::ptrdiff_t size, std::ptrdiff_t count, Write write) const {
        for (std::ptrdiff_t i = at < first ? (first - at) / size : 0; i < count && at + i * size < last; ++i)
            write(i, to + (at + i * size - first));
    }
};

/// What a kernel is that needs no scratch and packs nothing: a base, to which run() is added.
template <class Op> struct plain_kernel {
    static constexpr std::size_t scratch_bytes(const node_facts<Op>&) { return 0; }
    static constexpr std::size_t packed_bytes(const node_facts<Op>&) { return 0; }
    static constexpr void pack(const node_facts<Op>&, const_tensors, std::int8_t*) {}
};

/// The interface, and the fall-through. A kernel must equal the operator's `compute_integer` bit for bit.
///
/// - `scratch_bytes(facts)`: scratch that run() needs; planned into the arena.
/// - `packed_bytes(facts)`, `pack(facts, in, to)`: constants in an order of the kernel's own, made in the compiler (or
///   when the tool loads a model); 0 when the lowered node's own layout serves.
/// - `piece_bytes(facts)`, `pack_piece(facts, in, piece)`, where there may be too many of them for one constant
///   evaluation (`packs_in_pieces`): the bytes that one can pack, a multiple of `alignment`, and pack() for a piece.
/// - `run(facts, in, out, space)`.
template <class Architecture, class Op, signature S> struct kernel : kernel<typename Architecture::parent, Op, S> {};

template <class Op, signature S> struct kernel<scalar, Op, S> : plain_kernel<Op> {
    /// Flat, and with the operator as a constant of its own, so that the compiler sees shapes and attributes where they
    /// are used: else they land in flash as tables.
    template <class Facts>
    [[gnu::flatten]] static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace&) {
        if constexpr (Facts::is_constant) {
            constexpr Op op = Facts::value.op;
            constexpr lowered_of<Op> lowered = Facts::value.lowered;
            apply(op, lowered, in, out);
        } else {
            apply(facts.value.op, facts.value.lowered, in, out);
        }
    }

  private:
    static constexpr void apply(const Op& op, const lowered_of<Op>& lowered, const_tensors in, tensors out) {
        if constexpr (computes_lowered<Op, S>)
            op.template compute_integer<S>(lowered, in, out);
        else if constexpr (computes_plainly<Op, S>)
            op.template compute_integer<S>(in, out);
        else
            op::look_up<S>(in[0], in[1], out[0]);
    }
};

/// What a kernel must offer to run: see `kernel`, from which all but new ones inherit what they do not replace.
template <class Kernel, class Op>
concept node_kernel = requires(const node_facts<Op>& facts, const variable_facts<Op>& variable, const_tensors in,
                               tensors out, std::int8_t* to, const workspace& space) {
    { Kernel::scratch_bytes(facts) } -> std::same_as<std::size_t>;
    { Kernel::packed_bytes(facts) } -> std::same_as<std::size_t>;
    Kernel::pack(facts, in, to);
    Kernel::run(variable, in, out, space);
};

/// A kernel whose constants the compiler packs in several constant evaluations.
template <class Kernel, class Op>
concept packs_in_pieces = requires(const node_facts<Op>& facts, const_tensors in, const packed_piece& piece) {
    { Kernel::piece_bytes(facts) } -> std::same_as<std::size_t>;
    Kernel::pack_piece(facts, in, piece);
};

namespace detail {

template <class Architecture, class Op, signature S> struct checked_kernel {
    static constexpr bool is_whole = node_kernel<kernel<Architecture, Op, S>, Op>;
    static_assert(
        is_whole,
        "ctq: kernel: scratch_bytes, packed_bytes, pack and run are required; derive it from the parent's kernel");
    using type = std::conditional_t<is_whole, kernel<Architecture, Op, S>, kernel<scalar, Op, S>>; // one error is all
};

} // namespace detail

/// The kernel that runs a node, checked: what planners, executors and engines name.
template <class Architecture, class Op, signature S>
using kernel_for = typename detail::checked_kernel<Architecture, Op, S>::type;

} // namespace ctq::inline CTQ_TARGET::kernels
