#include <ctq/execute/plan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <vector>

using ctq::buffer;
using ctq::packing_order;

namespace {

constexpr std::array orders{packing_order::by_size, packing_order::by_start, packing_order::by_end,
                            packing_order::by_duration, packing_order::by_area};
static_assert(orders.size() == ctq::packing_orders);

struct layout {
    std::vector<std::size_t> offsets;
    std::size_t bytes;
};

layout packed(const std::vector<buffer>& buffers, packing_order order, std::size_t alignment) {
    layout result{std::vector<std::size_t>(buffers.size(), 0), 0};
    std::vector<int> sorted(buffers.size(), 0);
    result.bytes = ctq::pack(buffers, order, alignment, result.offsets, sorted);
    return result;
}

/// First fit by size, written anew: each buffer at the lowest aligned place that is free while it lives.
std::size_t first_fit_by_size(const std::vector<buffer>& buffers, std::size_t alignment) {
    std::vector<std::size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return buffers[a].bytes != buffers[b].bytes ? buffers[a].bytes > buffers[b].bytes : a < b;
    });
    std::vector<std::size_t> offsets(buffers.size(), 0);
    std::size_t total = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const buffer& one = buffers[order[i]];
        if (one.bytes == 0) continue;
        for (std::size_t at = 0;; at += alignment) {
            bool free = true;
            for (std::size_t j = 0; j < i; ++j) {
                const buffer& other = buffers[order[j]];
                const bool together = one.first <= other.last && other.first <= one.last;
                if (together && at < offsets[order[j]] + other.bytes && offsets[order[j]] < at + one.bytes)
                    free = false;
            }
            if (!free) continue;
            offsets[order[i]] = at;
            total = std::max(total, at + one.bytes);
            break;
        }
    }
    return total;
}

std::vector<buffer> random_buffers(std::mt19937& random, int steps) {
    std::vector<buffer> result(1 + random() % 24);
    for (buffer& each : result) {
        const int a = static_cast<int>(random() % static_cast<unsigned>(steps));
        const int b = static_cast<int>(random() % static_cast<unsigned>(steps));
        each = {random() % 5 == 0 ? 0 : random() % 500, std::min(a, b), std::max(a, b)};
    }
    return result;
}

} // namespace

TEST_CASE("plan: buffers that live together never overlap, on no alignment, in no order") {
    std::mt19937 random(1);
    for (int i = 0; i < 400; ++i) {
        const int steps = 1 + static_cast<int>(random() % 12);
        const auto buffers = random_buffers(random, steps);
        for (const std::size_t alignment : {std::size_t{1}, std::size_t{8}, std::size_t{64}}) {
            std::size_t best = static_cast<std::size_t>(-1);
            for (const packing_order order : orders) {
                const layout found = packed(buffers, order, alignment);
                best = std::min(best, found.bytes);
                std::size_t end = 0;
                bool apart = true, aligned = true;
                for (std::size_t a = 0; a < buffers.size(); ++a) {
                    if (buffers[a].bytes == 0) continue;
                    end = std::max(end, found.offsets[a] + buffers[a].bytes);
                    aligned = aligned && found.offsets[a] % alignment == 0;
                    for (std::size_t b = 0; b < a; ++b)
                        if (buffers[b].bytes != 0 && buffers[a].meets(buffers[b]))
                            apart = apart && (found.offsets[a] + buffers[a].bytes <= found.offsets[b] ||
                                              found.offsets[b] + buffers[b].bytes <= found.offsets[a]);
                }
                CHECK(apart);
                CHECK(aligned);
                CHECK(found.bytes == end);
                CHECK(found.bytes >= ctq::peak_bytes(buffers, steps));
            }
            CHECK(packed(buffers, packing_order::by_size, alignment).bytes == first_fit_by_size(buffers, alignment));
            CHECK(best <= first_fit_by_size(buffers, alignment));
        }
    }
}

TEST_CASE("plan: the peak is what lives at one step") {
    const std::vector<buffer> buffers{{100, 0, 1}, {50, 1, 2}, {70, 2, 2}, {0, 0, 2}};
    CHECK(ctq::peak_bytes(buffers, 3) == 150);
    CHECK(ctq::peak_bytes({}, 3) == 0);
}

TEST_CASE("plan: a chain needs two buffers at a time, a ping and a pong") {
    std::vector<buffer> chain;
    for (int i = 0; i < 10; ++i) chain.push_back({64, i, i + 1});
    CHECK(packed(chain, packing_order::by_start, 64).bytes == 128);
}

namespace {

/// made[v]: the outputs of the node that makes value v.
constexpr std::array<std::array<int, 1>, 6> made{{{0}, {1}, {2}, {3}, {4}, {5}}};

struct found {
    std::vector<buffer> buffers;
    std::vector<int> home;
};

found lifetimes(const std::vector<ctq::planned_value>& values, const std::vector<ctq::planned_node>& nodes,
                const std::vector<int>& inputs, const std::vector<int>& outputs,
                const std::vector<ctq::planned_state>& states = {}) {
    found result{std::vector<buffer>(values.size() + nodes.size()), std::vector<int>(values.size())};
    ctq::find_lifetimes({values, nodes, inputs, outputs, states}, result.buffers, result.home);
    return result;
}

} // namespace

TEST_CASE("plan: a value lives from the node that makes it to the last that reads it") {
    // 0 -> [0] -> 1 -> [1] -> 2 -> [2] with 1 -> 3
    const std::array<int, 1> zero{0}, one{1};
    const std::array<int, 2> both{2, 1};
    const auto plan =
        lifetimes({{10}, {20}, {30}, {40}},
                  {{zero, made[1], false, 5}, {one, made[2], false, 0}, {both, made[3], false, 7}}, {0}, {3});
    CHECK((plan.buffers[0].first == 0 && plan.buffers[0].last == 0));
    CHECK((plan.buffers[1].first == 0 && plan.buffers[1].last == 2));
    CHECK((plan.buffers[2].first == 1 && plan.buffers[2].last == 2));
    CHECK((plan.buffers[3].first == 2 && plan.buffers[3].last == 3));
    CHECK((plan.buffers[4].bytes == 5 && plan.buffers[6].bytes == 7 && plan.buffers[6].first == 2));
    CHECK(plan.home == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("plan: each of several outputs lives until it is read last, an unread one in its node's step") {
    const std::array<int, 1> zero{0}, two{2};
    const std::array<int, 3> outputs{1, 2, 3};
    const auto plan =
        lifetimes({{10}, {20}, {30}, {40}, {50}, {60}},
                  {{zero, outputs, false, 0}, {zero, made[4], false, 0}, {two, made[5], false, 0}}, {0}, {1, 5});
    CHECK((plan.buffers[1].bytes == 20 && plan.buffers[1].first == 0 && plan.buffers[1].last == 3));
    CHECK((plan.buffers[2].bytes == 30 && plan.buffers[2].first == 0 && plan.buffers[2].last == 2));
    CHECK((plan.buffers[3].bytes == 40 && plan.buffers[3].first == 0 && plan.buffers[3].last == 0));
    CHECK(plan.home == std::vector<int>{0, 1, 2, 3, 4, 5});
    // In place over its input: the first output only.
    const std::vector<ctq::planned_value> alike{{10}, {10}, {10}};
    const std::array<int, 2> both{1, 2};
    const auto over = lifetimes(alike, {{zero, both, true, 0}}, {0}, {1, 2});
    CHECK(over.home == std::vector<int>{0, 0, 2});
    CHECK((over.buffers[0].last == 1 && over.buffers[1].bytes == 0 && over.buffers[2].bytes == 10));
}

TEST_CASE("plan: a node works in place only where nobody needs its input afterwards") {
    const std::array<int, 1> zero{0}, one{1};
    const std::array<int, 2> twice{0, 0};
    const std::vector<ctq::planned_value> three{{10}, {10}, {10}};
    // In a row: all three values in one buffer.
    const auto row = lifetimes(three, {{zero, made[1], true, 0}, {one, made[2], true, 0}}, {0}, {2});
    CHECK(row.home == std::vector<int>{0, 0, 0});
    CHECK((row.buffers[0].first == 0 && row.buffers[0].last == 2 && row.buffers[1].bytes == 0));
    // Read again later: not over it.
    CHECK(lifetimes(three, {{zero, made[1], true, 0}, {zero, made[2], true, 0}}, {0}, {1, 2}).home ==
          std::vector<int>{0, 1, 0});
    // An output of the network: not over it.
    CHECK(lifetimes(three, {{zero, made[1], true, 0}, {one, made[2], true, 0}}, {0}, {1, 2}).home ==
          std::vector<int>{0, 0, 2});
    // Both operands, a constant, another size: not over it.
    CHECK(lifetimes(three, {{twice, made[1], true, 0}}, {0}, {1}).home[1] == 1);
    CHECK(lifetimes({{10, true}, {10}}, {{zero, made[1], true, 0}}, {}, {1}).home[1] == 1);
    CHECK(lifetimes({{10}, {40}}, {{zero, made[1], true, 0}}, {0}, {1}).home[1] == 1);
    // As many bytes in elements of another width, which are broadcast: not over it.
    CHECK(lifetimes({{6, false, 3}, {6, false, 6}}, {{zero, made[1], true, 0}}, {0}, {1}).home[1] == 1);
    CHECK(lifetimes({{6, false, 6}, {6, false, 6}}, {{zero, made[1], true, 0}}, {0}, {1}).home[1] == 0);
}

TEST_CASE("plan: a state lives through all steps, and is written in place where its last reader comes first") {
    const std::array<int, 1> zero{0}, one{1}, two{2};
    const std::array<int, 2> first_and_second{0, 1}, both{0, 2};
    const std::vector<ctq::planned_value> four{{10}, {10}, {10}, {10}};
    const auto lives_always = [](const found& plan) { return plan.buffers[0].first == 0 && plan.buffers[0].last == 2; };
    // 0 is the state: read by the first node, written as 2 by the second: in place.
    const auto behind = lifetimes(four, {{zero, made[1], false, 0}, {one, made[2], false, 0}}, {}, {2}, {{0, 2}});
    CHECK(behind.home == std::vector<int>{0, 1, 0, 3});
    CHECK((lives_always(behind) && behind.buffers[2].bytes == 0));
    // The last reader makes it: in place only if it may work in place, over its first input.
    CHECK(lifetimes(four, {{zero, made[1], true, 0}}, {}, {}, {{0, 1}}).home[1] == 0);
    CHECK(lifetimes(four, {{zero, made[1], false, 0}}, {}, {}, {{0, 1}}).home[1] == 1);
    const std::array<int, 2> second_and_first{1, 0};
    CHECK(lifetimes(four, {{second_and_first, made[2], true, 0}}, {1}, {}, {{0, 2}}).home ==
          std::vector<int>{0, 1, 1, 3});
    // Read afterwards: copied at the end, so both live until then; nor does a node write over the state to make
    // something else.
    const auto before = lifetimes(four, {{one, made[2], false, 0}, {zero, made[3], true, 0}}, {1}, {3}, {{0, 2}});
    CHECK(before.home == std::vector<int>{0, 1, 2, 3});
    CHECK((lives_always(before) && before.buffers[2].last == 2));
    // Made in another's buffer that was there before: copied.
    CHECK(lifetimes(four, {{one, made[2], false, 0}, {both, made[3], false, 0}}, {1}, {}, {{0, 1}}).home[1] == 1);
    // A row in place: all of it in the state's memory.
    CHECK(lifetimes(four, {{zero, made[1], false, 0}, {one, made[2], false, 0}, {two, made[3], true, 0}}, {}, {3},
                    {{0, 3}})
              .home == std::vector<int>{0, 1, 0, 0});
    // Two states hold one value: one of them is a copy. Another size, a constant: copied.
    CHECK(lifetimes(four, {{first_and_second, made[2], false, 0}, {two, made[3], false, 0}}, {}, {}, {{0, 3}, {1, 3}})
              .home == std::vector<int>{0, 1, 2, 0});
    CHECK(lifetimes({{10}, {10, true}}, {}, {}, {}, {{0, 1}}).home[1] == 1);
}
