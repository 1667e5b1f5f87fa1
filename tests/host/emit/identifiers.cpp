#include <ctq/host/emit/identifiers.hpp>

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>

using namespace ctq::host::emit;

namespace {

bool is_identifier(const std::string& name) {
    if (name.empty() || name.size() > 64 || (name[0] >= '0' && name[0] <= '9') || name[0] == '_') return false;
    if (name.find("__") != std::string::npos) return false;
    return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

} // namespace

TEST_CASE("an identifier reads like its name") {
    CHECK(identifier_like("conv1.weights") == "conv1_weights");
    CHECK(identifier_like("/layer/0/Conv_output_0") == "layer_0_conv_output_0");
    CHECK(identifier_like("7.2/Gemm") == "n7_2_gemm");
    CHECK(identifier_like("") == "node");
    CHECK(identifier_like("***") == "node");
    CHECK(identifier_like("while") == "while_");
    CHECK(identifier_like("INPUT") == "input");
    CHECK(identifier_like("ctq") == "ctq_");
}

TEST_CASE("a long name is cut and ends in a hash of the whole") {
    const std::string one(1 << 20, 'x'), other(one + "y");
    CHECK(is_identifier(identifier_like(one)));
    CHECK(identifier_like(one) != identifier_like(other));
    CHECK(identifier_like(one) == identifier_like(one));
    CHECK(identifier_like(std::string(48, 'a')) == std::string(48, 'a'));
    CHECK(identifier_like(std::string(49, 'a')).size() == 48);
}

TEST_CASE("identifiers of one set differ, whatever the names") {
    identifier_set set{"values"};
    CHECK(set.add("a.b") == "a_b");
    CHECK(set.add("a_b") == "a_b_2");
    CHECK(set.add("a.b.2") == "a_b_2_2");
    CHECK(set.add("values") == "values_2");
    std::mt19937 random(1);
    std::set<std::string> seen;
    for (int i = 0; i < 3000; ++i) {
        std::string name(random() % 5, ' ');
        for (char& c : name) {
            const auto number = static_cast<unsigned>(random());
            c = i % 2 == 0 ? static_cast<char>(number % 256) : std::string_view("aA1_. /")[number % 7];
        }
        const std::string made = set.add(name);
        CHECK(is_identifier(made));
        CHECK(seen.insert(made).second);
    }
}

TEST_CASE("which names a namespace can have") {
    for (const std::string_view good : {"kws", "my_net", "Net2", "a"}) CHECK(is_namespace_name(good));
    for (const std::string_view bad : {"", "1x", "while", "std", "ctq", "a-b", "a.b", "a b", "_a", "a__b", "main",
                                       "sin", "linux", "\xc3\xa9", "a::b", "NULL", "INT8_MAX", "CTQ_TARGET"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_namespace_name(bad));
    }
}

TEST_CASE("a file's name gives a namespace") {
    CHECK(namespace_of_file("models/kws.onnx") == "kws");
    CHECK(namespace_of_file("C:\\models\\Key Word.v2.onnx") == "key_word_v2");
    CHECK(namespace_of_file("sin.onnx") == "sin_model");
    CHECK(namespace_of_file("2d.onnx") == "m2d");
    CHECK(namespace_of_file(".onnx") == "onnx");
    CHECK(namespace_of_file("") == "model");
    for (const std::string_view path : {"std.onnx", "while.onnx", "main.onnx", "__.onnx", "..", "/"})
        CHECK(is_namespace_name(namespace_of_file(path)));
}
