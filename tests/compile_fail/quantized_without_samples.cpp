// error: ctq: quantized: calibration samples are required, but for a rule that measures ranges at run time; give
// no_samples
#include <ctq/ctq.hpp>

constexpr std::array<float, 8> weights{1, 2, 3, 4, -1, -2, -3, -4};
constexpr auto network = [] {
    ctq::builder b;
    return b.finish(b.dense(b.input("x", {1, 4}), {weights}));
};

constexpr std::size_t ram = ctq::quantized<network, ctq::no_samples>::ram_bytes;
