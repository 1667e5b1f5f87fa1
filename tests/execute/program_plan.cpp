#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>
#include <ctq/execute/program_plan.hpp>

#include <doctest/doctest.h>
#include <graph/networks.hpp>

#include <cstdint>
#include <random>
#include <vector>

using namespace ctq;

namespace {

/// The arena of a graph laid down in one order.
std::size_t packed(const std::vector<buffer>& buffers, packing_order order, std::vector<std::size_t>& offsets) {
    std::vector<int> sorted(buffers.size(), 0);
    offsets.assign(buffers.size(), std::size_t{0});
    return pack(buffers, order, 8, offsets, sorted);
}

/// A random network: chains, diamonds, in-place nodes, scratch, nodes with two outputs.
struct random_network {
    std::vector<planned_value> values{{64, false}};
    std::vector<std::vector<int>> edges, made;
    std::vector<planned_node> nodes;
    std::vector<int> inputs{0}, outputs;

    explicit random_network(std::mt19937& random) {
        const std::size_t count = 2 + random() % 20;
        const auto add_value = [&](std::size_t bytes) {
            values.push_back({bytes, false});
            return static_cast<int>(values.size()) - 1;
        };
        for (std::size_t i = 0; i < count; ++i) {
            std::vector<int> from{static_cast<int>(random() % values.size())};
            if (random() % 3 == 0) from.push_back(static_cast<int>(random() % values.size()));
            const std::size_t bytes =
                random() % 4 == 0 ? values[static_cast<std::size_t>(from[0])].bytes : random() % 900;
            edges.push_back(from);
            made.push_back({add_value(bytes)});
            if (random() % 4 == 0) made.back().push_back(add_value(random() % 900));
            nodes.push_back({{}, {}, random() % 2 == 0, random() % 5 == 0 ? random() % 300 : 0});
        }
        for (std::size_t i = 0; i < count; ++i) {
            nodes[i].inputs = edges[i];
            nodes[i].outputs = made[i];
        }
        outputs.push_back(static_cast<int>(values.size()) - 1);
        if (random() % 3 == 0) outputs.push_back(static_cast<int>(random() % (values.size() - 1)));
    }

    planned_network view() const { return {values, nodes, inputs, outputs}; }
};

} // namespace

TEST_CASE("the tool plans the arena that the compiler plans") {
    constexpr auto check = []<class Rules, auto Make>() {
        const auto source = lower_graph<Rules>(Make());
        using model = frozen_model<Make, Rules>;
        const program_plan plan = plan_program<Rules, kernels::scalar>(source);
        using compiled = model_plan<model, kernels::scalar>;
        CHECK(plan.bytes == compiled::bytes);
        CHECK(plan.lower_bound == compiled::lower_bound);
        CHECK(plan.bytes == executor<model, policy::fast, kernels::scalar>::ram_bytes);
        for (std::size_t v = 0; v < source.values.size(); ++v)
            if (source.values[v].constant < 0)
                CHECK(plan.value_offsets[v] == compiled::offset_of_value(static_cast<int>(v)));
        for (std::size_t i = 0; i < source.nodes.size(); ++i)
            CHECK(plan.scratch_offsets[i] == compiled::offset_of_scratch(i));
    };
    check.template operator()<rule_list<>, [] { return testing::residual_network(); }>();
    check.template operator()<rule_list<>, [] { return testing::branching_network(); }>();
    check.template operator()<rule_list<>, [] { return testing::many_ports_network(); }>();
    check.template operator()<rule_list<>, [] { return testing::in_place_network(); }>();
    check.template
    operator()<rule::affine_int8, [] { return testing::quantized_constant<testing::residual_network>(); }>();
    check.template
    operator()<rule::affine_int8, [] { return testing::quantized_constant<testing::in_place_network>(); }>();
}

TEST_CASE("a plan runs in a constant expression") {
    static_assert(
        plan_program<rule_list<>, kernels::scalar>(lower_graph<rule_list<>>(testing::residual_network())).bytes > 0);
}

TEST_CASE("no two buffers that are in use at the same time overlap, and the best order is never above first fit") {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        const random_network net(random);
        std::vector<buffer> buffers(net.values.size() + net.nodes.size(), buffer{});
        std::vector<int> home(net.values.size(), 0);
        find_lifetimes(net.view(), buffers, home);
        const std::size_t least = peak_bytes(buffers, static_cast<int>(net.nodes.size()) + 1);
        std::vector<std::size_t> offsets;
        const std::size_t by_size = packed(buffers, packing_order::by_size, offsets);
        std::size_t best = by_size;
        for (std::size_t order = 0; order < packing_orders; ++order) {
            const std::size_t bytes = packed(buffers, static_cast<packing_order>(order), offsets);
            REQUIRE(bytes >= least);
            best = bytes < best ? bytes : best;
            for (std::size_t a = 0; a < buffers.size(); ++a) {
                REQUIRE(offsets[a] % 8 == 0);
                REQUIRE((buffers[a].bytes == 0 || offsets[a] + buffers[a].bytes <= bytes));
                for (std::size_t b = 0; b < a; ++b) {
                    const bool apart = offsets[a] + buffers[a].bytes <= offsets[b] ||
                                       offsets[b] + buffers[b].bytes <= offsets[a] || buffers[a].bytes == 0 ||
                                       buffers[b].bytes == 0;
                    REQUIRE((apart || !buffers[a].meets(buffers[b])));
                }
            }
        }
        REQUIRE(best <= by_size);
    }
}

TEST_CASE("a network replayed over its plan reads only what was written for it") {
    std::mt19937 random(8);
    for (int round = 0; round < 2000; ++round) {
        const random_network net(random);
        std::vector<buffer> buffers(net.values.size() + net.nodes.size(), buffer{});
        std::vector<int> home(net.values.size(), 0);
        find_lifetimes(net.view(), buffers, home);
        std::vector<std::size_t> offsets;
        const std::size_t bytes = packed(buffers, packing_order::by_area, offsets);
        std::vector<int> holder(bytes, -1); // which value each byte of the arena holds
        const auto place = [&](int v) { return offsets[static_cast<std::size_t>(home[static_cast<std::size_t>(v)])]; };
        const auto size = [&](int v) { return net.values[static_cast<std::size_t>(v)].bytes; };
        const auto whole = [&](int v) {
            for (std::size_t i = 0; i < size(v); ++i)
                if (holder[place(v) + i] != v) return false;
            return true;
        };
        const auto write = [&](std::size_t at, std::size_t count, int v) {
            for (std::size_t i = 0; i < count; ++i) holder[at + i] = v;
        };
        write(place(0), size(0), 0);
        for (std::size_t i = 0; i < net.nodes.size(); ++i) {
            for (const int input : net.edges[i]) REQUIRE(whole(input));
            write(offsets[net.values.size() + i], net.nodes[i].scratch_bytes, -2);
            const bool shares = home[static_cast<std::size_t>(net.nodes[i].outputs[0])] != net.nodes[i].outputs[0];
            for (std::size_t k = shares ? 1 : 0; k < net.edges[i].size(); ++k) REQUIRE(whole(net.edges[i][k]));
            for (const int output : net.made[i]) write(place(output), size(output), output);
            for (const int output : net.made[i]) REQUIRE(whole(output));
        }
        for (const int output : net.outputs) REQUIRE(whole(output));
    }
}
