#pragma once
// max_pool on x86: the largest of byte vectors over the channels; from 8 channels on.
// room: kernels | runs on: x86-64 with AVX-512BW or AVX2 | heap: no

#include <ctq/kernels/x86/bytes.hpp>
#include <ctq/kernels/x86/pooling.hpp>
#include <ctq/kernels/x86/signatures.hpp>
#include <ctq/operators/max_pool.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

#if defined(__AVX2__)

namespace x86 {

template <class Bytes, class Plan>
[[gnu::noinline]] void run_max_pool(const Plan& plan, const std::int8_t* in, std::int8_t* out) {
    for_each_window(plan.value, in, out, [&](const pool_window& window, std::int8_t* to) CTQ_ALWAYS_INLINE {
        each_piece(plan.value.channels, Bytes::width, [&](std::ptrdiff_t first) CTQ_ALWAYS_INLINE {
            auto best = Bytes::all(-128);
            window.for_each([&](const std::int8_t* pixel)
                                CTQ_ALWAYS_INLINE { best = Bytes::largest(best, Bytes::load(pixel + first)); });
            Bytes::store(to + first, best);
        });
    });
}

} // namespace x86

template <signature S>
requires x86::bytes_signature<S>
struct kernel<avx2, op::max_pool, S> : kernel<scalar, op::max_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        const std::int32_t channels = facts.value.outputs[0].shape[3];
        if (std::is_constant_evaluated() || channels < x86::bytes8::width)
            return kernel<scalar, op::max_pool, S>::run(facts, in, out, space);
        const auto plan = x86::plan_of<&x86::plan_pooling<op::max_pool>>(facts);
        const std::int8_t* from = in[0].as<std::int8_t>();
        std::int8_t* to = out[0].as<std::int8_t>();
        if (channels >= x86::bytes32::width)
            x86::run_max_pool<x86::bytes32>(plan, from, to);
        else if (channels >= x86::bytes16::width)
            x86::run_max_pool<x86::bytes16>(plan, from, to);
        else
            x86::run_max_pool<x86::bytes8>(plan, from, to);
    }
};

#endif

#if defined(__AVX512BW__)

template <signature S>
requires x86::bytes_signature<S>
struct kernel<avx512vnni, op::max_pool, S> : kernel<avx2, op::max_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        if (std::is_constant_evaluated() || facts.value.outputs[0].shape[3] < x86::bytes64::width)
            return kernel<avx2, op::max_pool, S>::run(facts, in, out, space);
        x86::run_max_pool<x86::bytes64>(x86::plan_of<&x86::plan_pooling<op::max_pool>>(facts), in[0].as<std::int8_t>(),
                                        out[0].as<std::int8_t>());
    }
};

#endif

} // namespace ctq::inline CTQ_TARGET::kernels
