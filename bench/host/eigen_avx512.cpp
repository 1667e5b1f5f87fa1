// Why the float engine has products of its own: its convolution against im2col and Eigen's GEMM, on layers of the
// MLPerf Tiny networks, both compiled for AVX-512, one thread.
#if defined(__AVX512F__)

#include <ctq/host/engine/float_convolution.hpp>
#include <ctq/kernels/x86/intrinsics.hpp> // without the false warnings of g++, before Eigen includes it

#include <Eigen/Core>
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

namespace {

using namespace ctq;

using matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A square layer: stride 1, as much padding as keeps the size.
struct layer {
    int size, inputs, outputs, kernel;

    op::conv2d op() const {
        const std::int32_t margin = kernel / 2;
        return {{kernel, kernel}, {1, 1}, {1, 1}, {margin, margin, margin, margin}, 1, bounds::relu()};
    }
    double macs() const { return 1.0 * size * size * inputs * outputs * kernel * kernel; }
};

constexpr std::array layers{layer{32, 16, 16, 3}, layer{16, 32, 32, 3}, layer{8, 64, 64, 3},
                            layer{11, 64, 64, 1}, layer{48, 8, 16, 1},  layer{3, 256, 256, 1}};

void counters(benchmark::State& state, const layer& of) {
    state.counters["GMAC/s"] = benchmark::Counter(of.macs() / 1e9, benchmark::Counter::kIsIterationInvariantRate);
}

void own(benchmark::State& state) {
    const layer& of = layers[static_cast<std::size_t>(state.range(0))];
    const std::array in_facts{tensor_facts{dtype::float32, {1, of.size, of.size, of.inputs}, {}},
                              tensor_facts{dtype::float32, {of.outputs, of.kernel, of.kernel, of.inputs}, {}},
                              tensor_facts{dtype::float32, {of.outputs}, {}}};
    const std::array out_facts{tensor_facts{dtype::float32, {1, of.size, of.size, of.outputs}, {}}};
    std::vector<float> image(in_facts[0].elements(), 0.5f), weights(in_facts[1].elements(), 0.1f),
        bias(in_facts[2].elements(), 0.1f), result(out_facts[0].elements());
    const std::array<const_tensor, 3> in{const_tensor{in_facts[0], image.data()},
                                         const_tensor{in_facts[1], weights.data()},
                                         const_tensor{in_facts[2], bias.data()}};
    const tensor out{out_facts[0], result.data()};
    const kernels::variable_facts<op::conv2d> facts{{of.op(), {}, in_facts, out_facts}};
    std::vector<std::byte> scratch(host::fast_convolution::scratch_bytes(facts.value));
    std::vector<std::int8_t> packed(host::fast_convolution::packed_bytes(facts.value));
    host::fast_convolution::pack(facts.value, in, packed.data());
    for (auto _ : state) host::fast_convolution::run(facts, in, tensors(&out, 1), {scratch.data(), packed.data()});
    counters(state, of);
}

void eigen(benchmark::State& state) {
    const layer& of = layers[static_cast<std::size_t>(state.range(0))];
    const std::ptrdiff_t taps = of.kernel * of.kernel, margin = of.kernel / 2, padded = of.size + 2 * margin;
    std::vector<float> image(static_cast<std::size_t>(padded * padded * of.inputs), 0.5f);
    matrix columns(of.size * of.size, taps * of.inputs), result(of.size * of.size, of.outputs);
    const matrix weights = matrix::Constant(taps * of.inputs, of.outputs, 0.1f);
    const Eigen::RowVectorXf bias = Eigen::RowVectorXf::Constant(of.outputs, 0.1f);
    for (auto _ : state) {
        if (of.kernel == 1) {
            result.noalias() = Eigen::Map<const matrix>(image.data(), of.size * of.size, of.inputs) * weights;
        } else {
            float* to = columns.data();
            for (std::ptrdiff_t y = 0; y < of.size; ++y)
                for (std::ptrdiff_t x = 0; x < of.size; ++x)
                    for (std::ptrdiff_t row = 0; row < of.kernel; ++row) {
                        const std::ptrdiff_t length = of.kernel * of.inputs;
                        std::copy_n(image.data() + ((y + row) * padded + x) * of.inputs, length, to);
                        to += length;
                    }
            result.noalias() = columns * weights;
        }
        result = (result.rowwise() + bias).cwiseMax(0.0f);
        benchmark::DoNotOptimize(result.data());
    }
    counters(state, of);
}

BENCHMARK(own)->DenseRange(0, layers.size() - 1)->Unit(benchmark::kMicrosecond);
BENCHMARK(eigen)->DenseRange(0, layers.size() - 1)->Unit(benchmark::kMicrosecond);

} // namespace

#endif
