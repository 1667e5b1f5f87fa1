#pragma once
// average_pool over vectors: int32 sums over the channels, divided exactly by a float reciprocal; from a vector of
// int32 on.
// room: kernels | runs on: all | heap: no | float: exact, see pool_mean

#include <ctq/kernels/vector/pooling.hpp>
#include <ctq/kernels/vector/signatures.hpp>
#include <ctq/kernels/vector/vectors.hpp>
#include <ctq/operators/average_pool.hpp>

#include <type_traits>

namespace ctq::inline CTQ_TARGET::kernels {

namespace vector {

/// Windows of more cells go to the definition: see pool_mean.
constexpr std::ptrdiff_t largest_pool = 8192;

/// The mean of `count` integers of a byte's range, halves away from zero. With n = |sum| + floor(count / 2) the result
/// is floor(n / count), and (n + 1/2) / count is no nearer than 1 / (2 count) >= 2^-14 to an integer; at most 2^8, the
/// product of the rounded sum and the rounded reciprocal is wrong by less than 2^-15. So the truncation is exact.
template <class Vectors> struct pool_mean {
    using vector = typename Vectors::vector;
    using floats = typename Vectors::floats;
    floats half, reciprocal;

    explicit pool_mean(std::int32_t count)
        : half(Vectors::all_floats(static_cast<float>(count / 2) + 0.5f)),
          reciprocal(Vectors::all_floats(1.0f / static_cast<float>(count))) {}

    void store(std::int8_t* to, vector sums) const {
        const floats size = Vectors::to_floats(Vectors::absolute32(sums));
        const vector mean = Vectors::truncate(Vectors::multiply_floats(Vectors::add_floats(size, half), reciprocal));
        Vectors::store_lanes(to, Vectors::with_sign32(mean, sums));
    }
};

template <class Vectors, class Plan>
[[gnu::noinline]] void run_average_pool(const Plan& plan, const std::int8_t* in, std::int32_t zero_point,
                                        std::int8_t* out) {
    const pooling_plan& p = plan.value;
    const std::ptrdiff_t whole = std::ptrdiff_t{p.kernel[0]} * p.kernel[1];
    std::ptrdiff_t count = whole;
    pool_mean<Vectors> mean(static_cast<std::int32_t>(whole));
    for_each_window(p, in, out, [&](const pool_window& window, std::int8_t* to) CTQ_ALWAYS_INLINE {
        const std::ptrdiff_t cells = p.count_padding ? whole : window.count();
        if (cells != count) mean = pool_mean<Vectors>(static_cast<std::int32_t>(count = cells));
        const auto start = Vectors::all32(static_cast<std::int32_t>(cells - window.count()) * zero_point);
        each_piece(p.channels, Vectors::lanes, [&](std::ptrdiff_t first) CTQ_ALWAYS_INLINE {
            auto sums = start;
            window.for_each([&](const std::int8_t* pixel)
                                CTQ_ALWAYS_INLINE { sums = Vectors::add32(sums, Vectors::load(pixel + first)); });
            mean.store(to + first, sums);
        });
    });
}

} // namespace vector

template <class Architecture, signature S>
requires vector::has_vectors<Architecture> && vector::bytes_signature<S>
struct kernel<Architecture, op::average_pool, S> : kernel<typename Architecture::parent, op::average_pool, S> {
    template <class Facts>
    static constexpr void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        using vectors = vector::vectors_of<Architecture>;
        const auto& op = facts.value.op;
        if (std::is_constant_evaluated() || facts.value.outputs[0].shape[3] < vectors::lanes ||
            std::int64_t{op.kernel[0]} * op.kernel[1] > vector::largest_pool)
            return kernel<typename Architecture::parent, op::average_pool, S>::run(facts, in, out, space);
        const auto plan = vector::plan_of<&vector::plan_pooling<op::average_pool>>(facts);
        vector::run_average_pool<vectors>(plan, in[0].as<std::int8_t>(), in[0].zero_point(), out[0].as<std::int8_t>());
    }
};

} // namespace ctq::inline CTQ_TARGET::kernels
