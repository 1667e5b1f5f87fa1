#include <ctq/registry/source_node.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

/// The least that a source node offers. Nothing of it is called.
struct least_node {
    std::string_view type() const { return {}; }
    std::int64_t opset() const { return 13; }
    std::int32_t integer(std::string_view, std::int32_t absent) const { return absent; }
    float real(std::string_view, float absent) const { return absent; }
    std::string string(std::string_view, std::string_view absent) const { return std::string(absent); }
    std::vector<std::int32_t> integers(std::string_view) const { return {}; }
    std::size_t input_count() const { return 0; }
    std::size_t output_count() const { return 1; }
    bool has_input(std::size_t) const { return false; }
    bool is_constant(std::size_t) const { return false; }
    ctq::shape shape_of(std::size_t) const { return {}; }
    std::vector<float> constant_reals(std::size_t) const { return {}; }
    std::vector<std::int32_t> constant_integers(std::size_t) const { return {}; }
    int input(std::size_t) { return 0; }
    std::vector<int> inputs() { return {}; }
    int channels_last(std::size_t) { return 0; }
    int constant_channels_last(std::size_t) { return 0; }
    int constant(std::string_view, const ctq::shape&, std::vector<float>) { return 0; }
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
struct with_one_output : least_node {
    void finish(int) {}
};

static_assert(ctq::source_node<least_node> && !ctq::source_node<with_one_output>);
static_assert(!ctq::source_node<without_refusals> && !ctq::source_node<without_values> && !ctq::source_node<int>);

struct silent {};
struct constrained {
    template <ctq::source_node Node> static void from_onnx(Node&) {}
};
struct of_one_type {
    static void from_onnx(int&) {}
};
struct of_a_copy {
    template <class Node> static void from_onnx(Node&, int) {}
};
struct not_static {
    template <class Node> void from_onnx(Node&) {}
};

} // namespace

TEST_CASE("source_node: who imports itself, and who only seems to") {
    const auto seems = []<class Op>(const Op&) { return ctq::states_import<Op, least_node>; };
    const auto does = []<class Op>(const Op&) { return ctq::imports_itself<Op, least_node>; };
    CHECK((!seems(silent{}) && !does(silent{})));
    CHECK((seems(constrained{}) && does(constrained{})));
    CHECK((seems(of_one_type{}) && !does(of_one_type{})));
    CHECK((seems(of_a_copy{}) && !does(of_a_copy{})));
    CHECK((seems(not_static{}) && !does(not_static{})));
}
