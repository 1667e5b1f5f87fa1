#pragma once
// What kernels ask of a requantizer's vector form (requantize.hpp): whether there is one, and its parameters where a
// whole tensor has one scaling.
// room: kernels | runs on: x86-64 with AVX-512BW or AVX2 | heap: no

#include <ctq/kernels/x86/intrinsics.hpp>
#include <ctq/kernels/x86/requantize.hpp>

#include <cstdint>

#if defined(__AVX2__)

namespace ctq::inline CTQ_TARGET::kernels::x86 {

/// A requantizer of which `epilogue` knows a vector form. Layers of any other run the operator's definition.
template <class Requantizer>
concept vectorized = requires {
    sizeof(epilogue<Requantizer, x86::avx2>);
};

template <class Requantizer, class Arch> typename epilogue<Requantizer, Arch>::block one_scale(const scaling& s) {
    using finish = epilogue<Requantizer, Arch>;
    typename Requantizer::multiplier_type multipliers[Arch::lanes];
    std::int8_t shifts[Arch::lanes];
    for (int lane = 0; lane < Arch::lanes; ++lane) {
        multipliers[lane] = static_cast<typename Requantizer::multiplier_type>(s.multiplier);
        shifts[lane] = static_cast<std::int8_t>(s.shift);
    }
    const auto channels = finish::load(multipliers, shifts);
    return finish::join(channels, channels, channels, channels);
}

} // namespace ctq::inline CTQ_TARGET::kernels::x86

#endif
