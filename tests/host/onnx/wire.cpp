#include "../onnx_builder.hpp"
#include "../scratch.hpp"

#include <ctq/host/onnx/wire.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
using ctq::test::outcome_of;
namespace build = ctq::test::onnx_builder;

namespace {

template <typename Use>
ctq::test::outcome reading_field(std::string_view bytes, Use use, std::size_t max_fields = 1000) {
    return outcome_of([&] {
        onnx::detail::session s;
        s.path = "m.onnx";
        s.begin = bytes.data();
        s.allowed.max_fields = max_fields;
        onnx::detail::wire field(bytes, s, "Test");
        while (field.next()) use(field);
    });
}

const auto skip_all = [](onnx::detail::wire& field) { field.skip(); };

} // namespace

TEST_CASE("wire: fields of every kind come back") {
    build::message m;
    m.integer(1, -5).real(2, 2.5F).bytes(3, "text").integers(4, {1, -2}).integer(4, 3).floats(5, {1, 2}).real(5, 3);
    m.doubles(6, {0.5});
    std::vector<std::int64_t> integers;
    std::vector<float> floats;
    const auto result = reading_field(m.str(), [&](onnx::detail::wire& field) {
        switch (field.tag()) {
        case 1:
            CHECK(field.integer() == -5);
            break;
        case 2:
            CHECK(field.real() == 2.5F);
            break;
        case 3:
            CHECK(field.text() == "text");
            break;
        case 4:
            field.each_integer([&](std::uint64_t v) { integers.push_back(static_cast<std::int64_t>(v)); });
            break;
        case 5:
            field.each_float([&](float v) { floats.push_back(v); });
            break;
        default:
            field.each_double([&](double v) { CHECK(v == 0.5); });
        }
    });
    CHECK(result.number() == 0);
    CHECK(integers == std::vector<std::int64_t>{1, -2, 3});
    CHECK(floats == std::vector<float>{1, 2, 3});
}

TEST_CASE("wire: broken fields are refused with place and numbers") {
    struct row {
        std::string bytes;
        const char* text;
    };
    const row rows[] = {
        {"\x0A", "truncated"},
        {"\x0A\x05"
         "ab",
         "field 1 says 5 bytes, 2 are left"},
        {"\x0A\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "field 1 says 9223372036854775808 bytes, 0 are left"},
        {"\x0A\x80\x80\x80\x80\x10", "field 1 says 4294967296 bytes, 0 are left"},
        {"\x08" + std::string(10, '\x80') + "\x01", "a number of more than 10 bytes"},
        {"\x0A" + std::string(10, '\x80') + "\x01", "a number of more than 10 bytes"},
        {"\x0B", "an unknown wire type"},
        {"\x0C", "an unknown wire type"},
        {"\x0E", "an unknown wire type"},
        {"\x00"s, "an illegal field number"},
        {"\x0D\1\2", "truncated"},
        {"\x09\1\2\3\4", "truncated"}};
    for (const row& r : rows) {
        const auto result = reading_field(r.bytes, skip_all);
        CHECK_MESSAGE(result.number() == 3, r.text);
        CHECK_MESSAGE(result.says(r.text), result.text);
        CHECK(result.says("m.onnx: is not a complete ONNX model: Test at byte "));
    }
}

TEST_CASE("wire: a field of the wrong wire type is refused, not misread") {
    const auto integer = [](onnx::detail::wire& field) { static_cast<void>(field.integer()); };
    const auto bytes = [](onnx::detail::wire& field) { static_cast<void>(field.bytes()); };
    const auto real = [](onnx::detail::wire& field) { static_cast<void>(field.real()); };
    const auto floats = [](onnx::detail::wire& field) { field.each_float([](float) {}); };
    const auto integers = [](onnx::detail::wire& field) { field.each_integer([](std::uint64_t) {}); };
    const auto doubles = [](onnx::detail::wire& field) { field.each_double([](double) {}); };
    CHECK(reading_field("\x0A\x01"
                        "a",
                        integer)
              .says("field 1 has wire type 2, not 0"));
    CHECK(reading_field("\x08\x01", bytes).says("field 1 has wire type 0, not 2"));
    CHECK(reading_field("\x08\x01", real).says("field 1 has wire type 0, not 5"));
    CHECK(reading_field("\x08\x01", floats).says("has wire type 0"));
    CHECK(reading_field("\x0D\1\2\3\4", integers).says("has wire type 5"));
    CHECK(reading_field("\x08\x01", doubles).says("has wire type 0"));
    CHECK(reading_field("\x0A\x03"
                        "abc",
                        floats)
              .says("no multiple of its element"));
    CHECK(reading_field("\x0A\x03\x80\x80\x80", integers).says("truncated"));
}

TEST_CASE("wire: fields are counted against the limit") {
    build::message m;
    for (int i = 0; i < 10; ++i) m.integer(1, 1);
    CHECK(reading_field(m.str(), skip_all, 10).number() == 0);
    CHECK(reading_field(m.str(), skip_all, 9).says("more than 9 protobuf fields"));
}

TEST_CASE("wire: a table takes each field into a member, as its type says, and skips the others") {
    build::message m;
    m.integer(1, -5).real(2, 2.5F).bytes(3, "text").bytes(4, "a").integer(9, 1).bytes(4, "b").bytes(5, "view");
    m.bytes(99, "unknown").integer(7, 4);
    std::int64_t integer = 0;
    float real = 0;
    std::string text;
    std::vector<std::string> list;
    std::string_view view;
    std::optional<std::int64_t> given, absent;
    std::vector<std::uint32_t> order;
    onnx::detail::session s;
    s.begin = m.str().data();
    onnx::detail::wire message(m.str(), s, "Test");
    const auto noted = [&order](auto take) {
        return [&order, take](onnx::detail::wire& at) {
            order.push_back(at.tag());
            take(at);
        };
    };
    using onnx::detail::field, onnx::detail::into;
    message.read_fields(field{1, noted(into(integer))}, field{2, into(real)}, field{3, into(text)},
                        field{4, noted(into(list))}, field{5, into(view)}, field{7, noted(into(given))},
                        field{8, into(absent)});
    CHECK(integer == -5);
    CHECK(real == 2.5F);
    CHECK(text == "text");
    CHECK(list == std::vector<std::string>{"a", "b"});
    CHECK(view == "view");
    CHECK(given == 4);
    CHECK_FALSE(absent.has_value());
    CHECK(order == std::vector<std::uint32_t>{1, 4, 4, 7});
}

TEST_CASE("wire: a table refuses a field of another wire type than its member's") {
    std::int64_t number = 0;
    std::string text;
    const auto refused = [&](std::string_view bytes, auto& member) {
        return outcome_of([&] {
            onnx::detail::session s;
            s.begin = bytes.data();
            onnx::detail::wire(bytes, s, "Test").read_fields(onnx::detail::field{1, onnx::detail::into(member)});
        });
    };
    CHECK(refused("\x08\x01", text).says("field 1 has wire type 0, not 2"));
    CHECK(refused("\x0D\1\2\3\4", number).says("field 1 has wire type 5, not 0"));
}
