#pragma once
// The four MLPerf Tiny networks with random weights, shapes as in mlcommons/tiny.

#include <ctq/default_registry.hpp>

#include <random>
#include <vector>

namespace bench {

using namespace ctq;

/// A builder that makes up the weights.
class random_builder {
    builder builder_;
    std::mt19937 random_{1};

    std::vector<float> numbers(std::size_t count, float spread) {
        std::uniform_real_distribution<float> uniform(-spread, spread);
        std::vector<float> made(count);
        for (float& each : made) each = uniform(random_);
        return made;
    }

  public:
    int depth = 0;

    layer input(const shape& of) {
        depth = of[of.rank - 1];
        return builder_.input("input", of);
    }

    layer conv(layer x, int outputs, op::extents kernel, op::extents stride = {1, 1}, op::margins padding = {},
               int groups = 1, bounds activation = bounds::relu()) {
        const auto taps = static_cast<std::size_t>(kernel[0] * kernel[1] * depth / groups);
        const auto weights = numbers(taps * static_cast<std::size_t>(outputs), 1.7f / static_cast<float>(taps));
        const auto bias = numbers(static_cast<std::size_t>(outputs), 0.1f);
        depth = outputs;
        return builder_.conv2d(
            x, {weights, bias},
            {.kernel = kernel, .stride = stride, .padding = padding, .groups = groups, .activation = activation});
    }
    layer same(layer x, int outputs, int stride = 1, int kernel = 3, bounds activation = bounds::relu()) {
        const int before = kernel == 1 || stride == 2 ? 0 : 1, after = kernel == 1 ? 0 : 1;
        return conv(x, outputs, {kernel, kernel}, {stride, stride}, {before, before, after, after}, 1, activation);
    }
    layer depthwise(layer x, int stride = 1) {
        const int before = stride == 2 ? 0 : 1;
        return conv(x, depth, {3, 3}, {stride, stride}, {before, before, 1, 1}, depth);
    }
    layer dense(layer x, int inputs, int outputs, bounds activation = bounds::none()) {
        const auto weights = numbers(static_cast<std::size_t>(inputs * outputs), 1.7f / static_cast<float>(inputs));
        const auto bias = numbers(static_cast<std::size_t>(outputs), 0.1f);
        return builder_.dense(x, {weights, bias}, activation);
    }
    builder& plain() { return builder_; }
};

inline default_graph resnet8() {
    random_builder b;
    layer x = b.input({1, 32, 32, 3});
    x = b.same(x, 16);
    layer y = b.same(b.same(x, 16), 16, 1, 3, bounds::none());
    x = b.plain().add(x, y, bounds::relu());
    for (const int channels : {32, 64}) {
        const int before = b.depth;
        y = b.same(b.same(x, channels, 2), channels, 1, 3, bounds::none());
        b.depth = before;
        x = b.same(x, channels, 2, 1, bounds::none());
        x = b.plain().add(x, y, bounds::relu());
    }
    x = b.plain().global_average_pool(x);
    return b.plain().finish(b.plain().softmax(b.dense(x, 64, 10)));
}

inline default_graph dscnn() {
    random_builder b;
    layer x = b.input({1, 49, 10, 1});
    x = b.conv(x, 64, {10, 4}, {2, 2}, {4, 1, 5, 1});
    for (int i = 0; i < 4; ++i) x = b.same(b.depthwise(x), 64, 1, 1);
    x = b.plain().global_average_pool(x);
    return b.plain().finish(b.plain().softmax(b.dense(x, 64, 12)));
}

inline default_graph mobilenet_v1_025() {
    random_builder b;
    layer x = b.input({1, 96, 96, 3});
    x = b.same(x, 8, 2);
    const int channels[] = {16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256};
    const int strides[] = {1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1};
    for (int i = 0; i < 13; ++i) x = b.same(b.depthwise(x, strides[i]), channels[i], 1, 1);
    x = b.plain().global_average_pool(x);
    return b.plain().finish(b.plain().softmax(b.dense(x, 256, 2)));
}

inline default_graph autoencoder() {
    random_builder b;
    layer x = b.input({1, 640});
    int inputs = 640;
    for (const int outputs : {128, 128, 128, 128, 8, 128, 128, 128, 128}) {
        x = b.dense(x, inputs, outputs, bounds::relu());
        inputs = outputs;
    }
    return b.plain().finish(b.dense(x, 128, 640));
}

} // namespace bench
