#include <ctq/host/emit/golden.hpp>

#include <doctest/doctest.h>
#include <emitted/networks.hpp>
#include <operators/single_node.hpp>

#include <algorithm>
#include <cstdint>

using namespace ctq;
using namespace ctq::test;

TEST_CASE("pseudo-random inputs fit the ports and are always the same") {
    const graph source = branches();
    const auto inputs = host::emit::pseudo_random_inputs(source), again = host::emit::pseudo_random_inputs(source);
    REQUIRE(inputs.size() == 2);
    CHECK(inputs[0].as<std::int8_t>().size() == 144);
    CHECK(inputs[0].as<std::int8_t>() == again[0].as<std::int8_t>());
    CHECK(inputs[1].as<std::int8_t>() == again[1].as<std::int8_t>());
    CHECK(inputs[0].as<std::int8_t>() != inputs[1].as<std::int8_t>());
}

TEST_CASE("pseudo-random inputs lie all over the range of their values, whatever their type") {
    graph source = branches();
    tensor_facts& facts = source.value_at(source.inputs[0].value).facts;
    const auto extremes = [&](dtype type, const limits& range) {
        facts.type = type;
        facts.range = range;
        const auto all = testing::integers_in(host::emit::pseudo_random_inputs(source)[0]);
        const auto [least, most] = std::minmax_element(all.begin(), all.end());
        CHECK(*least >= range.low);
        CHECK(*most <= range.high);
        return std::int64_t{*most} - *least;
    };
    CHECK(extremes(dtype::int8, {-7, 7}) == 14);
    CHECK(extremes(dtype::uint8, {3, 250}) > 235);
    CHECK(extremes(dtype::int16, {-2000, 30000}) > 31000);
    CHECK(extremes(dtype::int32, {-32767, 32767}) > 63000);
    CHECK(extremes(dtype::int32, limits_of(dtype::int32)) > 4000000000);
}

TEST_CASE("a golden vector that no header should hold is refused before it is made") {
    graph source = branches();
    const auto with_outputs = [&](std::int32_t extent) {
        for (const port& each : source.outputs) source.value_at(each.value).facts.shape = {1 << 12, extent};
        host::emit::check_golden_size(source);
    };
    CHECK_NOTHROW(with_outputs((1 << 12) - 1));
    CHECK_THROWS_WITH_AS(with_outputs(1 << 12),
                         "the header's golden vector, all inputs and outputs, would have 33554720 elements; at most "
                         "33554432 are supported: give the inputs smaller dimensions",
                         model_error);
    CHECK_THROWS_AS(static_cast<void>(host::emit::pseudo_random_inputs(source)), model_error);
}

TEST_CASE("golden outputs are the integer network's") {
    const graph source = branches();
    const auto golden = host::emit::make_golden<rule::affine_int8>(source, host::emit::pseudo_random_inputs(source));
    const auto all = evaluate<rule::affine_int8>(source, golden.inputs);
    REQUIRE(golden.outputs.size() == 2);
    for (std::size_t i = 0; i < 2; ++i)
        CHECK(golden.outputs[i].as<std::int8_t>() ==
              all[static_cast<std::size_t>(source.outputs[i].value)].as<std::int8_t>());
    CHECK(golden.outputs[0].as<std::int8_t>().size() == 6);
}
