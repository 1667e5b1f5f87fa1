#include <ctq/host/engine/layer_choice.hpp>

#include <doctest/doctest.h>

using namespace ctq;
using namespace ctq::host;

namespace users_own {

struct unknown {
    static constexpr std::string_view name = "conv2d";
    static constexpr std::string_view cpp_name = "unknown";
    static constexpr std::array<std::string_view, 0> onnx_names{};
    static constexpr auto attributes = no_attributes;
    friend constexpr bool operator==(const unknown&, const unknown&) = default;
    constexpr float operator()(float x) const { return x; }
};

} // namespace users_own

using users_own::unknown;

TEST_CASE("an instruction set's table serves the registered operators, and only them") {
    for (const isa set : all_isas) {
        const bool has_table = table_of(set) != nullptr;
        const auto own = &bound_node<float_layer<conv2d>, conv2d>::functions;
        CHECK((&fast_float_functions<conv2d>(set, true) == own) == !has_table);
        CHECK(&fast_float_functions<unknown>(set, true) == &bound_node<float_layer<unknown>, unknown>::functions);
        CHECK(&integer_functions<three_step, unknown>(set) ==
              &bound_node<integer_kernel<kernels::native, three_step, unknown>, unknown>::functions);
    }
}

TEST_CASE("layers that pack constants need them") {
    CHECK(&fast_float_functions<dense>(best_isa(), false) == &defined_float_functions<dense>());
    CHECK(&fast_float_functions<dense>(best_isa(), true) != &defined_float_functions<dense>());
}

TEST_CASE("an operator without an integer meaning is refused") {
    CHECK_THROWS_AS((integer_functions<three_step, batch_normalization>(best_isa())), model_error);
}

TEST_CASE("a table of another size or another operator layout is not used") {
    ctq_border::layer_functions entries[64]{};
    ctq_border::isa_table table;
    table.real = entries;
    constexpr auto entry = &host::detail::entry_of<conv2d>;
    CHECK(entry(&table, &ctq_border::isa_table::real) == nullptr);
    table.operators = std::variant_size_v<host::detail::default_operators>;
    CHECK(entry(&table, &ctq_border::isa_table::real) == nullptr);
    for (auto& each : entries) {
        each.run = [](const std::byte*) {};
        each.operator_bytes = sizeof(conv2d);
    }
    CHECK(entry(&table, &ctq_border::isa_table::real) != nullptr);
    for (auto& each : entries) each.operator_bytes = sizeof(conv2d) + 1;
    CHECK(entry(&table, &ctq_border::isa_table::real) == nullptr);
}
