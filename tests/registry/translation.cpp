#include <ctq/registry/translation.hpp>

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// An operator with attributes of each kind that a source can have.
struct sample {
    bool flag = true;
    float real = 0.5f;
    std::int16_t number = 7;
    std::array<std::int32_t, 2> pair{1, 2};

    friend constexpr bool operator==(const sample&, const sample&) = default;
};

/// A source node that notes what is emitted.
struct fake_node {
    std::map<std::string, std::vector<std::int32_t>, std::less<>> given = {};
    std::vector<sample> emitted = {};
    std::vector<int> finished = {};

    std::string_view type() const { return "Sample"; }
    std::int64_t version() const { return 13; }
    std::int32_t integer(std::string_view name, std::int32_t absent) const {
        const auto found = given.find(name);
        return found == given.end() ? absent : found->second[0];
    }
    std::int32_t saturated_integer(std::string_view name, std::int32_t absent) const { return integer(name, absent); }
    float real(std::string_view name, float absent) const {
        return static_cast<float>(integer(name, static_cast<std::int32_t>(absent * 1024))) / 1024;
    }
    std::string string(std::string_view, std::string_view absent) const { return std::string(absent); }
    std::vector<std::int32_t> integers(std::string_view name) const {
        const auto found = given.find(name);
        return found == given.end() ? std::vector<std::int32_t>() : found->second;
    }
    std::vector<std::int32_t> saturated_integers(std::string_view name) const { return integers(name); }
    std::vector<float> reals(std::string_view) const { return {}; }
    std::vector<std::string> strings(std::string_view) const { return {}; }
    std::size_t input_count() const { return 2; }
    std::size_t output_count() const { return 1; }
    bool has_input(std::size_t) const { return true; }
    bool is_constant(std::size_t) const { return false; }
    ctq::shape shape_of(std::size_t) const { return {}; }
    ctq::dtype type_of(std::size_t) const { return {}; }
    std::vector<float> constant_reals(std::size_t) const { return {}; }
    std::vector<std::int32_t> constant_integers(std::size_t) const { return {}; }
    std::vector<std::int64_t> constant_wide_integers(std::size_t) const { return {}; }
    int input(std::size_t i) { return static_cast<int>(i) + 10; }
    std::vector<int> inputs() { return {10, 11}; }
    int channels_last(std::size_t) { return 0; }
    int constant_channels_last(std::size_t) { return 0; }
    template <class T> int constant(std::string_view, const ctq::shape&, std::vector<T>) { return 0; }
    int attribute_constant(std::string_view) { return -1; }
    template <class Op> int fold(const Op&, const std::vector<int>&) { return 0; }
    template <class Op> int emit(const Op&, std::vector<int>) { return 0; }
    template <class Op> std::vector<int> emit_all(const Op& op, std::vector<int> from) {
        if constexpr (std::is_same_v<Op, sample>) emitted.push_back(op);
        return from;
    }
    int reshape(int, const ctq::shape&) { return 0; }
    void finish(int) {}
    void finish(const std::vector<int>& values) { finished = values; }
    void finish_channels_first(int) {}
    void check(bool holds, std::string_view what) const {
        if (!holds) throw std::invalid_argument(std::string(what));
    }
    void support(bool holds, std::string_view what) const { check(holds, what); }
};

using of_sample =
    ctq::one_to_one<"test", "Sample", sample, ctq::reads<"on", &sample::flag>, ctq::reads<"alpha", &sample::real>,
                    ctq::reads<"count", &sample::number>, ctq::reads<"pads", &sample::pair>>;

struct of_a_domain : of_sample {
    static constexpr std::string_view domain = "com.example";
    static constexpr ctq::version_range versions{3, 4};
};
struct without_source {
    using registered_kind = ctq::translation_tag;
    using makes = sample;
    static constexpr std::string_view name = "Sample";
};
struct of_constants {
    using registered_kind = ctq::translation_tag;
    static constexpr std::string_view source = "test", name = "Constants";
};
struct not_static {
    template <ctq::source_node Node> void translate(Node&) const {}
};
struct of_a_copy {
    template <class Node> static void translate(Node&, int) {}
};

static_assert(ctq::source_node<fake_node> && without_source::name == of_sample::name);
static_assert(ctq::translation<of_sample> && ctq::translation<of_a_domain> && !ctq::translation<without_source> &&
              !ctq::translation<sample>);
static_assert(ctq::translation<of_constants> && ctq::makes_constants<of_constants> && !ctq::makes_constants<of_sample>);
static_assert(ctq::source_domain_of<of_sample>.empty() && ctq::source_domain_of<of_a_domain> == "com.example");
static_assert(ctq::source_versions_of<of_sample>.contains(1) && ctq::source_versions_of<of_a_domain>.contains(4) &&
              !ctq::source_versions_of<of_a_domain>.contains(5) && !ctq::source_versions_of<of_a_domain>.contains(2));
static_assert(ctq::version_range{1, 9}.overlaps({9, 9}) && !ctq::version_range{1, 9}.overlaps({10}) &&
              ctq::version_range{}.overlaps({4, 4}));

sample translated(fake_node node) {
    of_sample::translate(node);
    CHECK(node.finished == std::vector<int>{10, 11});
    REQUIRE(node.emitted.size() == 1);
    return node.emitted[0];
}

} // namespace

TEST_CASE("translation: in one line every input goes on, and attributes that are given are read") {
    CHECK(translated({}) == sample{});
    CHECK(translated({{{"on", {0}}, {"alpha", {256}}, {"count", {-32768}}, {"pads", {4, 5}}}}) ==
          sample{false, 0.25f, -32768, {4, 5}});
    CHECK_THROWS_WITH_AS(translated({{{"count", {32768}}}}), "an attribute is outside its range",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(translated({{{"pads", {4}}}}), "a list attribute has the wrong length", std::invalid_argument);
}

TEST_CASE("translation: who translates a node, and who only seems to") {
    CHECK(ctq::translates<of_sample, fake_node>);
    CHECK_FALSE(ctq::translates<not_static, fake_node>);
    CHECK_FALSE(ctq::translates<of_a_copy, fake_node>);
    CHECK_FALSE(ctq::translates<of_sample, int>);
}
