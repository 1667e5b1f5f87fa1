#include <ctq/host/onnx/attributes.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using namespace ctq::host::onnx;

namespace {

attribute make(const char* name, attribute_type type) {
    attribute a;
    a.name = name;
    a.type = type;
    return a;
}

node sample() {
    attribute i = make("i", attribute_type::integer), f = make("f", attribute_type::real);
    attribute list = make("list", attribute_type::integers), word = make("word", attribute_type::string);
    attribute large = make("large", attribute_type::integer), lists = make("larges", attribute_type::integers);
    attribute reals = make("reals", attribute_type::reals), words = make("words", attribute_type::strings);
    i.i = -7;
    f.f = 0.5F;
    list.ints = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    word.s = "SAME";
    large.i = std::int64_t{1} << 31;
    lists.ints = {0, -(std::int64_t{1} << 31) - 1};
    reals.floats = {1, 2.5F};
    words.strings = {"Tanh", ""};
    node n;
    attribute constant = make("constant", attribute_type::tensor);
    constant.tensors.emplace_back().floats = {2.5F};
    n.attributes = {i, f, list, word, large, lists, reals, words, constant};
    return n;
}

template <class Read> std::string refused(Read read) {
    try {
        read();
    } catch (const node_fault& fault) {
        CHECK(fault.code == ctq::host::exit_code::malformed);
        return fault.text;
    }
    return "nothing";
}

} // namespace

TEST_CASE("node_attributes: what is there, and what is absent") {
    const node n = sample();
    const node_attributes given(n);
    CHECK(given.integer("i", 3) == -7);
    CHECK(given.integer("none", 3) == 3);
    CHECK(given.real("f", 1.0F) == 0.5F);
    CHECK(given.real("none", 1.0F) == 1.0F);
    CHECK(given.integers("list").size() == 9);
    CHECK(given.integers("none").empty());
    CHECK(given.reals("reals") == std::vector<float>{1, 2.5F});
    CHECK(given.reals("none").empty());
    CHECK(given.strings("words") == std::vector<std::string>{"Tanh", ""});
    CHECK(given.strings("none").empty());
    CHECK(given.tensor("constant")->floats == std::vector<float>{2.5F});
    CHECK(given.tensor("none") == nullptr);
    CHECK(given.string("word", "NOTSET") == "SAME");
    CHECK(given.string("none", "NOTSET") == "NOTSET");
}

TEST_CASE("node_attributes: another type and numbers beyond 32 bits are faults") {
    const node n = sample();
    const node_attributes given(n);
    CHECK(refused([&] { static_cast<void>(given.integer("f", 0)); }) ==
          "attribute 'f' is of type FLOAT; INT is required");
    CHECK(refused([&] { static_cast<void>(given.integers("i")); }) == "attribute 'i' is of type INT; INTS is required");
    CHECK(refused([&] { static_cast<void>(given.real("word", 0)); }) ==
          "attribute 'word' is of type STRING; FLOAT is required");
    CHECK(refused([&] { static_cast<void>(given.tensor("i")); }) == "attribute 'i' is of type INT; TENSOR is required");
    CHECK(refused([&] { static_cast<void>(given.string("list", "")); }) ==
          "attribute 'list' is of type INTS; STRING is required");
    CHECK(refused([&] { static_cast<void>(given.strings("word")); }) ==
          "attribute 'word' is of type STRING; STRINGS is required");
    CHECK(refused([&] { static_cast<void>(given.integer("large", 0)); }) ==
          "attribute 'large' holds 2147483648, which does not fit 32 bits");
    CHECK(given.saturated_integer("large", 0) == 2147483647);
    CHECK(given.saturated_integer("i", 0) == -7);
    CHECK(given.saturated_integer("none", 5) == 5);
    CHECK(refused([&] { static_cast<void>(given.saturated_integer("f", 0)); }) ==
          "attribute 'f' is of type FLOAT; INT is required");
    CHECK(refused([&] { static_cast<void>(given.integers("larges")); }) ==
          "attribute 'larges' holds -2147483649, which does not fit 32 bits");
}

TEST_CASE("node_attributes: numbers for messages, long lists cut") {
    const node n = sample();
    CHECK(node_attributes(n).numbers() ==
          "i -7; f 0.5; list 1,2,3,4,5,6,7,8,...; large 2147483648; larges 0,-2147483649; reals 1,2.5");
    CHECK(node_attributes(node{}).numbers().empty());
}
