#include "graphs.hpp"

#include <ctq/host/engine/inference_run.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>
#include <host/scratch.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

using namespace ctq;
using namespace engine_test;
using dims = std::vector<std::int64_t>;
using ctq::test::outcome_of;

namespace {

template <class Value> host::dataset samples_of(const dims& shape, const std::vector<Value>& values) {
    return host::dataset(host::npy::parse(host::npy::format<Value>(shape, values), "x"), "x.npy");
}

/// Two boxes far from each other, and which of them score.
default_graph detector() {
    builder b;
    const layer boxes = b.input("boxes", {1, 3, 4}), scores = b.input("scores", {1, 1, 3});
    const layer chosen =
        b.apply(op::non_max_suppression{.most = 3, .iou_threshold = 0.5f, .score_threshold = 0.1f}, {boxes, scores});
    return b.finish({port{"chosen", chosen.value, 1}, port{"chosen.count", chosen.value + 1}});
}

} // namespace

TEST_CASE("every output in its own type, from floats and from integers, on any number of threads") {
    const default_graph graph = testing::typed_ports_network(), integers = testing::quantized_typed_ports();
    const std::vector<host::dataset> data{
        samples_of<float>({5, 8}, numbers(40, 1)),
        samples_of<std::int64_t>({5, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6}),
        samples_of<std::uint8_t>({5, 2}, {0, 1, 1, 0, 1, 1, 0, 0, 0, 1})};
    const auto reals = host::infer_floats(graph, data);
    for (const std::size_t threads : {1U, 3U}) {
        const auto quantized = host::infer_integers<rule::affine_int8>(integers, data, {.threads = threads});
        REQUIRE(quantized.size() == 3);
        CHECK(quantized[0].name == "scores");
        CHECK(quantized[0].shape == dims{5, 4});
        CHECK(quantized[1].shape == dims{5, 3});
        CHECK(quantized[1].elements == reals[1].elements);
        CHECK(quantized[2].elements == reals[2].elements);
        for (std::size_t i = 0; i < 20; ++i)
            CHECK(std::abs(quantized[0].elements.as<float>()[i] - reals[0].elements.as<float>()[i]) < 0.1f);
    }
    CHECK(reals[1].elements.as<std::int64_t>()[3] == 8);
    CHECK(reals[2].elements.as<boolean>()[3] == boolean::yes);
}

TEST_CASE("of rows that the data fill those of the fullest sample remain, in each sample's place") {
    const std::vector<float> each{0, 0, 1, 1, 0, 2, 1, 3, 0, 4, 1, 5};
    std::vector<float> boxes;
    for (int i = 0; i < 3; ++i) boxes.insert(boxes.end(), each.begin(), each.end());
    const default_graph graph = detector();
    const auto infer = [&](const std::vector<float>& scores) {
        const std::vector<host::dataset> data{samples_of<float>({3, 3, 4}, boxes),
                                              samples_of<float>({3, 1, 3}, scores)};
        return host::infer_floats(graph, data);
    };
    const auto some = infer({0.5f, 0, 0, 0.25f, 0, 0.75f, 0, 0, 0});
    CHECK(some[0].shape == dims{3, 2, 3});
    CHECK(some[0].elements.as<std::int64_t>() ==
          std::vector<std::int64_t>{0, 0, 0, -1, -1, -1, 0, 0, 2, 0, 0, 0, -1, -1, -1, -1, -1, -1});
    CHECK(some.size() == 1);
    const auto none = infer(std::vector<float>(9));
    CHECK(none[0].shape == dims{3, 0, 3});
    CHECK(none[0].elements.entries() == 0);
}

TEST_CASE("more results than fit the memory are refused before anything runs") {
    builder b;
    const layer x = b.input("x", {1, 1 << 24});
    const default_graph graph = b.finish(b.apply(op::relu{}, {x}));
    const std::vector<host::dataset> data{samples_of<std::uint8_t>({33, 1}, std::vector<std::uint8_t>(33))};
    CHECK(outcome_of([&] {
              static_cast<void>(host::infer_floats(graph, data));
          }).says("67108864 bytes for each of 33 samples"));
}
