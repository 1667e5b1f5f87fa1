#include <ctq/host/onnx/integer_constants.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace ctq::host::onnx;
using numbers = std::vector<std::int64_t>;

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

tensor list(numbers values) {
    return integer_tensor(std::move(values));
}
tensor scalar(std::int64_t value) {
    return integer_tensor({value}, true);
}

node of_type(const char* type, std::vector<attribute> attributes = {}) {
    node n;
    n.op_type = type;
    n.attributes = std::move(attributes);
    return n;
}

attribute list(const char* name, numbers values) {
    attribute a;
    a.name = name;
    a.type = attribute_type::integers;
    a.ints = std::move(values);
    return a;
}

attribute integer(const char* name, std::int64_t value) {
    attribute a;
    a.name = name;
    a.type = attribute_type::integer;
    a.i = value;
    return a;
}

std::optional<tensor> result(const node& n, const std::vector<tensor>& inputs) {
    std::vector<const ctq::host::source::file_tensor*> in;
    for (const tensor& each : inputs) in.push_back(&each);
    return integer_result(n, in);
}

// "1,2" for a list, "1" behind "scalar " for rank 0, "nothing", or the fault.
std::string told(const char* type, const std::vector<tensor>& inputs, std::vector<attribute> attributes = {}) {
    try {
        const auto made = result(of_type(type, std::move(attributes)), inputs);
        if (!made) return "nothing";
        std::string out = made->dims.empty() ? "scalar " : "";
        for (std::size_t i = 0; i < made->integers.size(); ++i)
            out += (i == 0 ? "" : ",") + std::to_string(made->integers[i]);
        return out;
    } catch (const node_fault& fault) {
        return fault.text;
    }
}

} // namespace

TEST_CASE("integer_constants: the list knows each by its name, in ONNX's own domain only") {
    for (const integer_operator& each : integer_operators)
        CHECK(integer_operator_of(of_type(std::string(each.name).c_str())) == &each);
    CHECK(integer_operator_of(of_type("Relu")) == nullptr);
    node foreign = of_type("Add");
    foreign.domain = "com.example";
    CHECK(integer_operator_of(foreign) == nullptr);
}

TEST_CASE("integer_constants: what shapes are computed with") {
    CHECK(told("Identity", {list({4, 5})}) == "4,5");
    CHECK(told("Cast", {list({4, 5})}, {integer("to", 7)}) == "4,5");
    CHECK(told("Cast", {list({4, 5})}, {integer("to", 1)}) == "nothing");
    CHECK(told("Unsqueeze", {scalar(3), list({0})}) == "3");
    CHECK(told("Unsqueeze", {list({3}), list({0})}) == "nothing");
    CHECK(told("Squeeze", {list({3})}) == "scalar 3");
    CHECK(told("Squeeze", {list({3, 4})}) == "nothing");
    CHECK(told("Gather", {list({4, 5, 6}), scalar(-1)}) == "scalar 6");
    CHECK(told("Gather", {list({4, 5, 6}), list({2, 0})}) == "6,4");
    CHECK(told("Concat", {list({1}), list({2, 3}), list({4})}) == "1,2,3,4");
    CHECK(told("Slice", {list({4, 5, 6}), list({1}), list({largest})}) == "5,6");
    CHECK(told("Slice", {list({4, 5, 6}), list({-2}), list({-1})}) == "5");
    CHECK(told("Slice", {list({4, 5, 6}), list({0}), list({3}), list({0}), list({2})}) == "nothing");
    CHECK(told("Slice", {list({4, 5, 6}), list({0})}) == "nothing");
    CHECK(told("Slice", {list({4, 5, 6})}) == "nothing");
    CHECK(told("Slice", {list({4, 5, 6})}, {list("starts", {1}), list("ends", {largest})}) == "5,6");
    CHECK(told("Slice", {list({4, 5, 6})}, {list("starts", {-2}), list("ends", {-1})}) == "5");
    CHECK(told("Add", {list({1, 2}), scalar(10)}) == "11,12");
    CHECK(told("Sub", {scalar(1), scalar(10)}) == "scalar -9");
    CHECK(told("Mul", {list({3, 4}), list({5, 6})}) == "15,24");
    CHECK(told("Div", {list({7, 9}), list({2})}) == "3,4");
    CHECK(told("Add", {list({1, 2}), list({1, 2, 3})}) == "nothing");
    CHECK(told("Relu", {list({1})}) == "nothing");
    node foreign = of_type("Identity");
    foreign.domain = "com.example";
    CHECK_FALSE(result(foreign, {list({1})}).has_value());
    CHECK_FALSE(result(of_type("Identity"), {}).has_value());
}

TEST_CASE("integer_constants: indices out of range and results beyond 64 bits are faults") {
    CHECK(told("Gather", {list({4, 5}), list({2})}) == "index 2 is outside 2 elements");
    CHECK(told("Gather", {list({4, 5}), list({-3})}) == "index -3 is outside 2 elements");
    CHECK(told("Add", {list({largest}), list({1})}) == "9223372036854775807 and 1 have no 64-bit result");
    CHECK(told("Mul", {list({largest}), list({2})}) == "9223372036854775807 and 2 have no 64-bit result");
    CHECK(told("Div", {list({4}), list({0})}) == "4 and 0 have no 64-bit result");
    CHECK(told("Div", {list({-largest - 1}), list({-1})}) == "-9223372036854775808 and -1 have no 64-bit result");
}
