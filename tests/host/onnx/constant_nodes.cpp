#include <ctq/host/onnx/constant_nodes.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using namespace ctq::host::onnx;

namespace {

using dims_list = std::vector<std::int64_t>;

node constant_node(const char* type, std::vector<std::string> inputs, std::vector<attribute> attributes) {
    node n;
    n.op_type = type;
    n.inputs = std::move(inputs);
    n.attributes = std::move(attributes);
    return n;
}

attribute attribute_of(const char* name, attribute_type type) {
    attribute a;
    a.name = name;
    a.type = type;
    return a;
}

attribute integer_attribute(const char* name, std::int64_t value) {
    attribute a = attribute_of(name, attribute_type::integer);
    a.i = value;
    return a;
}

tensor made_by(const node& n) {
    CHECK(is_constant_node(n));
    return constant_given_by(n);
}

std::string fault_of_node(const node& n) {
    try {
        made_by(n);
        return "none";
    } catch (const node_fault& fault) {
        return fault.text;
    }
}

} // namespace

TEST_CASE("constant_nodes: a Constant is what its one attribute says") {
    CHECK(made_by(constant_node("Constant", {}, {integer_attribute("value_int", 5)})).integers == dims_list{5});
    CHECK(made_by(constant_node("Constant", {}, {integer_attribute("value_int", 5)})).dims.empty());
    attribute list = attribute_of("value_ints", attribute_type::integers);
    list.ints = {2, -1};
    CHECK(made_by(constant_node("Constant", {}, {list})).dims == dims_list{2});
    attribute real = attribute_of("value_float", attribute_type::real);
    real.f = 0.5F;
    CHECK(made_by(constant_node("Constant", {}, {real})).floats == std::vector<float>{0.5F});
    attribute reals = attribute_of("value_floats", attribute_type::reals);
    reals.floats = {1.0F, 2.0F};
    CHECK(made_by(constant_node("Constant", {}, {reals})).dims == dims_list{2});
    CHECK(made_by(constant_node("Constant", {}, {attribute_of("value_string", attribute_type::string)}))
              .unreadable.starts_with("is of type STRING"));
    CHECK(made_by(constant_node("Constant", {}, {attribute_of("value_strings", attribute_type::strings)}))
              .unreadable.starts_with("is of type STRING"));
    CHECK(made_by(constant_node("Constant", {}, {attribute_of("sparse_value", attribute_type::sparse_tensor)}))
              .unreadable.starts_with("is a sparse tensor"));
    CHECK(fault_of_node(constant_node("Constant", {}, {})) == "has 0 values; one is required");
    CHECK(fault_of_node(constant_node("Constant", {}, {list, real})) == "has 2 values; one is required");
    CHECK(fault_of_node(constant_node("Constant", {}, {integer_attribute("value_ints", 5)}))
              .starts_with("a constant given by 'value_ints'"));
}

TEST_CASE("constant_nodes: of ONNX's own domain") {
    CHECK_FALSE(is_constant_node(constant_node("Relu", {"x"}, {})));
    node theirs = constant_node("Constant", {}, {integer_attribute("value_int", 5)});
    theirs.domain = "com.example";
    CHECK_FALSE(is_constant_node(theirs));
}
