#include <ctq/registry/integer_meaning.hpp>
#include <ctq/registry/lowering_view.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

/// The least that a view offers. Nothing of it is called.
struct least_view {
    std::size_t input_count() const { return 0; }
    const ctq::tensor_facts& input(std::size_t) const { return facts; }
    const ctq::tensor_facts& output() const { return facts; }
    template <class T> const T* constant(std::size_t) const { return nullptr; }
    double scale(std::size_t, std::size_t) const { return 1; }
    std::int64_t bias(std::size_t) const { return 0; }
    int weight_axis() const { return 0; }
    template <class T> static std::vector<T> list(std::size_t count) { return std::vector<T>(count, T{}); }
    void keep(std::size_t) {}
    void keep_scale(std::size_t) {}
    void keep_zero_point(std::size_t) {}
    template <class T> void append(std::string_view, const ctq::shape&, std::vector<T>) {}
    void append_narrow(std::string_view, const ctq::shape&, const std::vector<std::int32_t>&, ctq::dtype) {}

    ctq::tensor_facts facts{};
};

struct without_bias : least_view {
    void bias(std::size_t) const {}
};

static_assert(ctq::lowering_view<least_view>);
static_assert(!ctq::lowering_view<without_bias> && !ctq::lowering_view<int>);

using ctq::const_tensors, ctq::signature, ctq::tensors;

struct numbers {
    int count = 0;
};

/// Computes with what lowering makes, and makes it.
struct makes_it {
    using lowered = numbers;
    template <signature S> void compute_integer(const lowered&, const_tensors, tensors) const {}
    template <signature S, ctq::lowering_view Node> lowered lower(Node&) const { return {}; }
};
struct makes_nothing {
    using lowered = numbers;
    template <signature S> void compute_integer(const lowered&, const_tensors, tensors) const {}
};
struct makes_something_else {
    using lowered = numbers;
    template <signature S> void compute_integer(const lowered&, const_tensors, tensors) const {}
    template <signature S, class Node> int lower(Node&) const { return 0; }
};
struct takes_no_view {
    template <signature S> void compute_integer(const_tensors, tensors) const {}
    template <signature S, class Node> ctq::nothing_lowered lower(Node&, int) const { return {}; }
};
struct needs_nothing {
    template <signature S> void compute_integer(const_tensors, tensors) const {}
};

} // namespace

TEST_CASE("lowering_view: an operator that computes with what lowering makes must make it") {
    const auto fits = []<class Op>(const Op&) {
        return ctq::lowers_what_it_computes_with<Op, signature{}, least_view>;
    };
    CHECK(fits(makes_it{}));
    CHECK(fits(needs_nothing{}));
    CHECK_FALSE(fits(makes_nothing{}));
    CHECK_FALSE(fits(makes_something_else{}));
    CHECK_FALSE(fits(takes_no_view{}));
}
