#include <ctq/host/engine/layer_choice.hpp>
#include <ctq/quantize/annotate.hpp>

#include <doctest/doctest.h>

using namespace ctq;
using namespace ctq::host;

namespace users_own {

struct unknown {
    static constexpr std::string_view name = "conv2d";
    static constexpr std::string_view cpp_name = "unknown";
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const unknown&, const unknown&) = default;
    constexpr float operator()(float x) const { return x; }
};

} // namespace users_own

using users_own::unknown;

namespace {

/// What a dense layer is under the default rule.
constexpr signature bytes{.how = rule::affine_int8::how};

} // namespace

TEST_CASE("an instruction set's table serves the registered operators, and only them") {
    for (const isa set : all_isas) {
        const bool has_table = table_of(set) != nullptr;
        const auto own = &bound_node<float_layer<op::conv2d>, op::conv2d>::functions;
        CHECK((&fast_float_functions<op::conv2d>(set, true) == own) == !has_table);
        CHECK(&fast_float_functions<unknown>(set, true) == &bound_node<float_layer<unknown>, unknown>::functions);
        CHECK(&integer_functions<bytes, unknown>(set) ==
              &bound_node<kernels::kernel<kernels::native, unknown, bytes>, unknown>::functions);
    }
}

TEST_CASE("layers that pack constants need them") {
    CHECK(&fast_float_functions<op::dense>(best_isa(), false) == &defined_float_functions<op::dense>());
    CHECK(&fast_float_functions<op::dense>(best_isa(), true) != &defined_float_functions<op::dense>());
}

TEST_CASE("a signature that no default rule makes is served by the user's own translation unit") {
    constexpr signature raw_sums{dtype::int8, dtype::int8, dtype::int32, dtype::int32, rounding::unrounded};
    static_assert(host::detail::place_of_signature<raw_sums> == default_signatures.size());
    static_assert(host::detail::place_of_signature<bytes> < default_signatures.size());
    CHECK(&integer_functions<raw_sums, op::dense>(best_isa()) ==
          &bound_node<kernels::kernel<kernels::native, op::dense, raw_sums>, op::dense>::functions);
}

TEST_CASE("a table of another size or another operator layout is not used") {
    ctq_border::layer_functions entries[64]{};
    ctq_border::isa_table table;
    table.real = entries;
    const auto entry = [&] { return host::detail::entry_of<op::conv2d>(&table, table.real, 1, 0); };
    CHECK(entry() == nullptr);
    table.operators = std::variant_size_v<default_operators>;
    CHECK(entry() == nullptr);
    table.signatures = default_signatures.size();
    CHECK(entry() == nullptr);
    for (auto& each : entries) {
        each.run = [](const std::byte*) {};
        each.operator_bytes = sizeof(op::conv2d);
    }
    CHECK(entry() != nullptr);
    for (auto& each : entries) each.operator_bytes = sizeof(op::conv2d) + 1;
    CHECK(entry() == nullptr);
}
