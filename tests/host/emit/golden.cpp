#include <ctq/host/emit/golden.hpp>

#include <doctest/doctest.h>
#include <emitted/networks.hpp>

using namespace ctq;
using namespace ctq::test;

TEST_CASE("pseudo-random inputs fit the ports and are always the same") {
    const graph source = branches();
    const auto inputs = host::emit::pseudo_random_inputs(source), again = host::emit::pseudo_random_inputs(source);
    REQUIRE(inputs.size() == 2);
    CHECK(inputs[0].int8s.size() == 144);
    CHECK(inputs[0].int8s == again[0].int8s);
    CHECK(inputs[1].int8s == again[1].int8s);
    CHECK(inputs[0].int8s != inputs[1].int8s);
}

TEST_CASE("golden outputs are the integer network's") {
    const graph source = branches();
    const auto golden = host::emit::make_golden<three_step>(source, host::emit::pseudo_random_inputs(source));
    const auto all = evaluate<three_step>(source, golden.inputs);
    REQUIRE(golden.outputs.size() == 2);
    for (std::size_t i = 0; i < 2; ++i)
        CHECK(golden.outputs[i].int8s == all[static_cast<std::size_t>(source.outputs[i].value)].int8s);
    CHECK(golden.outputs[0].int8s.size() == 6);
}
