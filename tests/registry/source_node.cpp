#include <ctq/registry/source_node.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

/// The least that a source node offers. Nothing of it is called.
struct least_node {
    std::string_view type() const { return {}; }
    std::int64_t version() const { return 13; }
    std::int32_t integer(std::string_view, std::int32_t absent) const { return absent; }
    std::int32_t saturated_integer(std::string_view, std::int32_t absent) const { return absent; }
    float real(std::string_view, float absent) const { return absent; }
    std::string string(std::string_view, std::string_view absent) const { return std::string(absent); }
    std::vector<std::int32_t> integers(std::string_view) const { return {}; }
    std::vector<std::int32_t> saturated_integers(std::string_view) const { return {}; }
    std::vector<float> reals(std::string_view) const { return {}; }
    std::vector<std::string> strings(std::string_view) const { return {}; }
    std::size_t input_count() const { return 0; }
    std::size_t output_count() const { return 1; }
    bool has_input(std::size_t) const { return false; }
    bool is_constant(std::size_t) const { return false; }
    ctq::shape shape_of(std::size_t) const { return {}; }
    ctq::dtype type_of(std::size_t) const { return {}; }
    std::vector<float> constant_reals(std::size_t) const { return {}; }
    std::vector<std::int32_t> constant_integers(std::size_t) const { return {}; }
    std::vector<std::int64_t> constant_wide_integers(std::size_t) const { return {}; }
    int input(std::size_t) { return 0; }
    std::vector<int> inputs() { return {}; }
    int channels_last(std::size_t) { return 0; }
    int constant_channels_last(std::size_t) { return 0; }
    template <class T> int constant(std::string_view, const ctq::shape&, std::vector<T>) { return 0; }
    int attribute_constant(std::string_view) { return -1; }
    template <class Op> int fold(const Op&, const std::vector<int>&) { return 0; }
    template <class Op> int emit(const Op&, std::vector<int>) { return 0; }
    template <class Op> std::vector<int> emit_all(const Op&, std::vector<int>) { return {0}; }
    int reshape(int, const ctq::shape&) { return 0; }
    void finish(int) {}
    void finish(const std::vector<int>&) {}
    void finish_channels_first(int) {}
    void check(bool, std::string_view) const {}
    void support(bool, std::string_view) const {}
};

struct without_refusals : least_node {
    void support(bool) const {}
};
struct without_values : least_node {
    void input(std::size_t) {}
};
struct without_folding : least_node {
    void fold(int) {}
};
struct with_one_output : least_node {
    void finish(int) {}
};

} // namespace

TEST_CASE("source_node: what is asked for is what a translation can use") {
    CHECK(ctq::source_node<least_node>);
    CHECK_FALSE(ctq::source_node<with_one_output>);
    CHECK_FALSE(ctq::source_node<without_folding>);
    CHECK_FALSE(ctq::source_node<without_refusals>);
    CHECK_FALSE(ctq::source_node<without_values>);
    CHECK_FALSE(ctq::source_node<int>);
}
