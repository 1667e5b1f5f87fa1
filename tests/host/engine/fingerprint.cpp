#include "graphs.hpp"

#include <ctq/host/engine/fingerprint.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace ctq;
using namespace engine_test;
using namespace std::string_literals;

namespace {

template <class... Values> std::string hashed(const Values&... values) {
    host::fingerprint_hash hash;
    (hash.add(values), ...);
    return hash.text();
}

/// XXH3 of bytes as they stand.
std::string hash_of_bytes(std::string_view bytes) {
    const auto hash = XXH3_64bits(bytes.data(), bytes.size());
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(hash >> shift) & 15U];
    return text;
}

} // namespace

TEST_CASE("the hash is XXH3 of little-endian bytes, lengths first") {
    CHECK(host::fingerprint_hash().text() == "2d06800538d394c2"); // XXH3's own vector for no bytes
    CHECK(hashed(1.0f, std::int16_t{-2}, std::int64_t{258}) == hash_of_bytes("\0\0\x80\x3f\xfe\xff\2\1\0\0\0\0\0\0"s));
    CHECK(hashed(std::string_view("ab")) == hash_of_bytes("\2\0\0\0\0\0\0\0ab"s));
    CHECK(hashed(std::vector<std::int32_t>{1, -1}) == hash_of_bytes("\2\0\0\0\0\0\0\0\1\0\0\0\xff\xff\xff\xff"s));
    CHECK(hashed(shape{3, 5}) == hash_of_bytes("\2\0\0\0\3\0\0\0\5\0\0\0"s));
}

TEST_CASE("elements fed at once are elements fed one by one") {
    const std::vector<float> all = numbers(1000, 1);
    host::fingerprint_hash single;
    single.add_count(all.size());
    for (const float each : all) single.add(each);
    CHECK(hashed(all) == single.text());
}

TEST_CASE("no bytes move from one field to the next") {
    const std::string_view ab = "ab", c = "c", a = "a", bc = "bc";
    CHECK(hashed(ab, c) != hashed(a, bc));
    using bytes = std::vector<std::uint8_t>;
    CHECK(hashed(bytes{1}, bytes{2, 3}) != hashed(bytes{1, 2}, bytes{3}));
    CHECK(hashed(bytes{}, bytes{0}) != hashed(bytes{0}, bytes{}));
}

TEST_CASE("of a user's own types the bytes are fed, unless some of them mean nothing") {
    struct dense {
        std::int8_t first, second;
    };
    struct with_gap {
        std::int8_t first;
        std::int32_t second;
    };
    CHECK(hashed(dense{1, 2}) == hash_of_bytes("\1\2"s));
    CHECK(hashed(with_gap{1, 2}, 1.0L) == hashed());
}

TEST_CASE("equal graphs, equal fingerprints: 16 hexadecimal digits") {
    const std::string made = host::fingerprint(residual());
    CHECK(made == host::fingerprint(residual()));
    CHECK(made.size() == 16);
    CHECK(made.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("anything that changes the numbers or the names changes the fingerprint") {
    std::set<std::string> seen;
    for (const named_graph& each : graphs()) seen.insert(host::fingerprint(each.graph));
    CHECK(seen.size() == graphs().size());
    seen.clear();
    const auto add = [&](auto change) {
        default_graph graph = residual();
        change(graph);
        seen.insert(host::fingerprint(graph));
    };
    add([](default_graph&) {});
    add([](default_graph& g) { g.constants[0].as<float>()[3] += 1e-6f; });
    add([](default_graph& g) { g.values[0].name = "picture"; });
    add([](default_graph& g) { operator_if<op::conv2d>(g.nodes[0])->activation = bounds::relu6(); });
    add([](default_graph& g) { operator_if<op::conv2d>(g.nodes[0])->padding = {1, 1, 1, 2}; });
    add([](default_graph& g) { g.outputs[0].value -= 1; });
    add([](default_graph& g) { g.outputs[0].count = 0; });
    add([](default_graph& g) { g.nodes[0].outputs.push_back(0); });
    add([](default_graph& g) { g.inputs.push_back(g.outputs[0]), g.outputs.clear(); });
    add([](default_graph& g) {
        g.constants.back() = constant(std::vector<std::int32_t>(g.constants.back().entries()));
    });
    add([](default_graph& g) { g.constants.back() = constant(std::vector<float>(g.constants.back().entries())); });
    CHECK(seen.size() == 11);
}

TEST_CASE("which constant a value has is part of the fingerprint") {
    default_graph graph = residual();
    const std::string before = host::fingerprint(graph);
    std::vector<value*> constants;
    for (value& each : graph.values)
        if (each.constant >= 0) constants.push_back(&each);
    REQUIRE(constants.size() >= 2);
    std::swap(constants[0]->constant, constants[1]->constant);
    CHECK(host::fingerprint(graph) != before);
}
