#include "graphs.hpp"

#include <ctq/host/engine/float_engine.hpp>
#include <ctq/host/engine/integer_engine.hpp>
#include <ctq/host/engine/sample_reader.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>
#include <host/scratch.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq;
using namespace engine_test;
using ctq::test::outcome_of;
using testing::quantized_typed_ports;
using testing::typed_ports_network;

namespace {

template <class Value> host::dataset two_samples(const std::vector<Value>& values) {
    const std::vector<std::int64_t> shape{2, static_cast<std::int64_t>(values.size() / 2)};
    return host::dataset(host::npy::parse(host::npy::format<Value>(shape, values), "x"), "x.npy");
}

/// Image, positions and mask of two samples.
std::vector<host::dataset> samples_of_typed_ports(std::vector<float> image) {
    return {two_samples(image), two_samples<std::int32_t>({1, 2, 3, 4, -5, 6}),
            two_samples<std::uint8_t>({1, 0, 0, 1})};
}

} // namespace

TEST_CASE("each input gets a sample in its own type: reals, positions, a mask") {
    const default_graph graph = typed_ports_network(), integers = quantized_typed_ports();
    const std::vector<float> image = numbers(16, 1);
    const std::vector<host::dataset> data = samples_of_typed_ports(image);
    host::sample_reader read(graph, data);
    host::float_engine real(graph);
    host::integer_engine<rule::affine_int8, default_graph> integer(integers);
    read(1, real);
    read(1, integer);
    CHECK(std::ranges::equal(real.input(0), std::vector<float>(image.begin() + 8, image.end())));
    for (std::size_t i = 0; i < 8; ++i) CHECK(integer.input(0)[i] == quantize(image[8 + i], integer.input_facts(0)));
    const std::vector<std::int64_t> positions{4, -5, 6};
    CHECK(std::ranges::equal(real.input<std::int64_t>(1), positions));
    CHECK(std::ranges::equal(integer.input<std::int64_t>(1), positions));
    CHECK(std::ranges::equal(real.input<boolean>(2), std::vector<boolean>{boolean::no, boolean::yes}));
    real.run();
    integer.run();
    CHECK(std::ranges::equal(real.output<std::int64_t>(1), std::vector<std::int64_t>{8, -10, 12}));
    CHECK(same_elements(integer.output_tensor(1), constant(std::vector<std::int64_t>{8, -10, 12})));
    CHECK(same_elements(integer.output_tensor(2),
                        constant(std::vector<boolean>{boolean::no, boolean::yes, boolean::no, boolean::yes})));
}

TEST_CASE("reals must be finite") {
    std::vector<float> image = numbers(16, 1);
    image[9] = std::numeric_limits<float>::infinity();
    const default_graph graph = typed_ports_network();
    const std::vector<host::dataset> data = samples_of_typed_ports(image);
    host::float_engine real(graph);
    host::sample_reader read(graph, data);
    CHECK(outcome_of([&] { read(1, real); }).says("sample 1: element 1 is inf"));
}

TEST_CASE("positions must be places that there are") {
    builder b;
    const layer table = b.constant("table", {3, 2}, std::vector<float>(6, 1));
    const default_graph graph = b.finish(b.apply(op::gather{}, {table, b.input("ids", {2}, dtype::int64)}));
    const std::vector<host::dataset> high{two_samples<std::int64_t>({-3, 2, 0, 3})},
        low{two_samples<float>({0, -4, 0, 0})};
    host::float_engine real(graph);
    host::sample_reader read(graph, high), read_low(graph, low);
    CHECK_NOTHROW(read(0, real));
    const auto refused = outcome_of([&] { read(1, real); });
    CHECK(refused.number() == 3);
    CHECK(refused.text == "x.npy: sample 1: element 1 is 3; it is looked up among 3 entries: give -3 to 2");
    CHECK(outcome_of([&] { read_low(0, real); }).says("sample 0: element 1 is -4; "));
}
