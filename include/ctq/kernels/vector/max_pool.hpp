#pragma once
// max_pool over vectors: the largest of int8 vectors over the channels, of the widest that the channels fill.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/vector/pooling.hpp>
#include <ctq/kernels/vector/signatures.hpp>
#include <ctq/kernels/vector/vectors.hpp>
#include <ctq/operators/max_pool.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

template <byte_provider Bytes, class Plan>
[[gnu::noinline]] void run_max_pool(const Plan& plan, const std::int8_t* in, std::int8_t* out) {
    for_each_window(plan.value, in, out, [&](const pool_window& window, std::int8_t* to) CTQ_ALWAYS_INLINE {
        each_piece(plan.value.channels, Bytes::width, [&](std::ptrdiff_t first) CTQ_ALWAYS_INLINE {
            auto best = Bytes::all8(-128);
            window.for_each([&](const std::int8_t* pixel)
                                CTQ_ALWAYS_INLINE { best = Bytes::largest8(best, Bytes::load_vector(pixel + first)); });
            Bytes::store(to + first, best);
        });
    });
}

/// The same with the widest of `Bytes` and what is narrower that the channels fill; the narrowest serves all others.
template <byte_provider Bytes, class Plan>
void run_widest_max_pool(const Plan& plan, std::int32_t channels, const std::int8_t* in, std::int8_t* out) {
    if constexpr (std::is_void_v<typename Bytes::narrower>)
        run_max_pool<Bytes>(plan, in, out);
    else if (channels >= Bytes::width)
        run_max_pool<Bytes>(plan, in, out);
    else
        run_widest_max_pool<typename Bytes::narrower>(plan, channels, in, out);
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::bytes_signature<S>
struct kernel<Architecture, op::max_pool, S> : kernel<typename Architecture::parent, op::max_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        using bytes = vector::vectors_of<Architecture>;
        const std::int32_t channels = facts.value.outputs[0].shape[3];
        if (std::is_constant_evaluated() || channels < vector::narrowest_width<bytes>)
            return kernel<typename Architecture::parent, op::max_pool, S>::run(facts, in, out, space);
        vector::run_widest_max_pool<bytes>(vector::plan_of<&vector::plan_pooling<op::max_pool>>(facts), channels,
                                           in[0].as<std::int8_t>(), out[0].as<std::int8_t>());
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels
