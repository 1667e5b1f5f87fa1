#pragma once
// The vectors of every instruction set that this translation unit may use: the one list of them. An instruction set
// stands inside its parent's condition: what both read is read once.
// room: kernels | runs on: all | heap: no

#include <ctq/kernels/architecture.hpp>
#include <ctq/kernels/vector/provider.hpp>
#if defined(CTQ_HAS_AVX2)
#include <ctq/kernels/avx2/vector.hpp>
#if defined(CTQ_HAS_AVX512VNNI)
#include <ctq/kernels/avx512vnni/vector.hpp>
#endif
#endif

namespace ctq::inline CTQ_TARGET::kernels::vector {

/// An architecture whose vectors offer all that the kernels use.
template <class Architecture> struct checked_vectors {
    static_assert(vector_provider<vectors<Architecture>>,
                  "ctq: vectors: an operation is missing; vector/provider.hpp lists what kernels use");
    using type = vectors<Architecture>;
};
template <class Architecture> using vectors_of = typename checked_vectors<Architecture>::type;

} // namespace ctq::inline CTQ_TARGET::kernels::vector
