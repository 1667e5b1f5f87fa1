#include "../onnx_builder.hpp"
#include "../scratch.hpp"

#include <ctq/host/onnx/payload.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
namespace build = ctq::test::onnx_builder;

namespace {

onnx::detail::session last; // of the most recent reading_payload()

onnx::tensor decoded(const build::message& proto, const onnx::limits& allowed = {}) {
    last = {};
    last.path = "m.onnx";
    last.begin = proto.str().data();
    last.allowed = allowed;
    onnx::tensor out = onnx::detail::tensor_reader(proto.str(), last, "").read();
    last.faults.throw_if_any();
    return out;
}

ctq::test::outcome reading_payload(const build::message& proto, const onnx::limits& allowed = {}) {
    return ctq::test::outcome_of([&] { static_cast<void>(decoded(proto, allowed)); });
}

build::message head(std::int64_t type, const build::dims& shape) {
    return build::tensor_head("w", type, shape);
}

constexpr float infinity = std::numeric_limits<float>::infinity();

} // namespace

TEST_CASE("payload: real types become float") {
    const auto floats = [](const build::message& proto) { return decoded(proto).floats; };
    CHECK(floats(head(1, {2}).floats(4, {1, -2})) == std::vector<float>{1, -2});
    CHECK(floats(head(1, {2}).real(4, 1).real(4, -2)) == std::vector<float>{1, -2});
    CHECK(floats(head(1, {}).floats(4, {3})) == std::vector<float>{3});
    CHECK(floats(head(1, {2}).bytes(9, "\0\0\x80\x3F\0\0\0\xC0"s)) == std::vector<float>{1, -2});
    CHECK(floats(head(11, {1}).doubles(10, {0.1})) == std::vector<float>{0.1F});
    CHECK(floats(head(11, {1}).bytes(9, "\0\0\0\0\0\0\xF0\x3F"s)) == std::vector<float>{1});
    CHECK(floats(head(10, {2}).bytes(9, "\0\x3C\0\xC0"s)) == std::vector<float>{1, -2});
    CHECK(floats(head(10, {1}).integers(5, {0x3C00})) == std::vector<float>{1});
    CHECK(floats(head(16, {1}).bytes(9, "\x80\x3F"s)) == std::vector<float>{1});
    CHECK(floats(head(16, {1}).integers(5, {0xC040})) == std::vector<float>{-3});
    const float denormal = std::numeric_limits<float>::denorm_min();
    CHECK(floats(head(1, {2}).floats(4, {denormal, 0})) == std::vector<float>{denormal, 0});
}

TEST_CASE("payload: a tensor's type is that of its elements, not the file's") {
    CHECK(decoded(head(11, {1}).doubles(10, {1})).type == ctq::dtype::float32);
    CHECK(decoded(head(3, {1}).bytes(9, "\xFF")).type == ctq::dtype::int8);
    CHECK(decoded(head(12, {1}).bytes(9, "\xFF\xFF\xFF\xFF")).type == ctq::dtype::int64);
}

TEST_CASE("payload: what the file has is noted where ctq has another type for it, and whether something is lost") {
    using ctq::host::source::source_type;
    using enum ctq::host::source::foreign_type;
    using enum ctq::host::source::fidelity;
    const auto noted = [](const build::message& proto) { return decoded(proto).source; };
    CHECK(noted(head(1, {1}).floats(4, {0.1F})) == source_type{});
    CHECK(noted(head(11, {2}).doubles(10, {0.5, -infinity})) == source_type{float64, exact});
    CHECK(noted(head(11, {2}).doubles(10, {0.5, 0.1})) == source_type{float64, nearest});
    CHECK(noted(head(11, {}).doubles(10, {1e300})) == source_type{float64, nearest});
    CHECK(noted(head(11, {1}).bytes(9, "\1\0\0\0\0\0\xF0\x3F"s)) == source_type{float64, nearest});
    CHECK(noted(head(10, {1}).integers(5, {0x3C01})) == source_type{float16, exact});
    CHECK(noted(head(12, {1}).integers(11, {7})) == source_type{uint32, exact});
}

TEST_CASE("payload: integer types become int64") {
    const auto integers = [](const build::message& proto) { return decoded(proto).integers; };
    using list = std::vector<std::int64_t>;
    CHECK(integers(head(2, {2}).bytes(9, "\xFF\1")) == list{255, 1});
    CHECK(integers(head(3, {2}).bytes(9, "\xFF\1")) == list{-1, 1});
    CHECK(integers(head(4, {1}).bytes(9, "\xFF\xFF")) == list{65535});
    CHECK(integers(head(5, {1}).bytes(9, "\xFE\xFF")) == list{-2});
    CHECK(integers(head(6, {1}).bytes(9, "\xFE\xFF\xFF\xFF")) == list{-2});
    CHECK(integers(head(7, {1}).bytes(9, "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF")) == list{-2});
    CHECK(integers(head(9, {2}).bytes(9, "\1\0"s)) == list{1, 0});
    CHECK(integers(head(12, {1}).bytes(9, "\xFF\xFF\xFF\xFF")) == list{4294967295});
    CHECK(integers(head(13, {1}).bytes(9, "\7\0\0\0\0\0\0\0"s)) == list{7});
    CHECK(integers(head(7, {3}).integers(7, {1, -1, 5})) == list{1, -1, 5});
    CHECK(integers(head(6, {1}).integers(5, {-2147483648})) == list{-2147483648});
    CHECK(integers(head(13, {1}).integers(11, {8})) == list{8});
    CHECK(integers(head(7, {0})).empty()); // Reshape to a scalar: an empty list is legal
    CHECK(decoded(head(7, {2, 1}).integers(7, {1, 2})).dims == build::dims{2, 1});
}

TEST_CASE("payload: malformed tensors are refused with the numbers") {
    const std::int64_t big = std::int64_t{1} << 32;
    struct row {
        build::message proto;
        int code;
        const char* text;
    };
    const row rows[] = {
        {head(1, {-4}), 3, "initializer 'w': dimension -4 is not between 1 and 2147483647"},
        {head(1, {2, 0}), 3, "dimension 0 is not"},
        {head(1, {std::int64_t{1} << 31}), 3, "dimension 2147483648 is not"},
        {head(1, {big, big}), 3, "dimension 4294967296 is not"},
        {head(1, {1 << 30, 1 << 30, 1 << 30}), 3, "the product of its dimensions overflows"},
        {head(1, build::dims(65, 1)).floats(4, {1}), 3, "has more than 64 dimensions"},
        {head(1, {1000}).bytes(9, "12345678"), 3, "raw_data has 8 bytes, its shape needs 4000"},
        {head(1, {1}).bytes(9, "12345678"), 3, "raw_data has 8 bytes, its shape needs 4"},
        {head(1, {3}).floats(4, {1, 2}), 3, "float_data has 2 elements, its shape needs 3"},
        {head(1, {1}).floats(4, {1, 2}), 3, "float_data has 2 elements, its shape needs 1"},
        {head(1, {2}), 3, "float_data has 0 elements, its shape needs 2"},
        {head(1, {1 << 30}), 3, "elements, its shape needs 1073741824"},
        {head(1, {1}).floats(4, {1}).bytes(9, "1234"), 3, "has elements in both float_data and raw_data"},
        {head(1, {1}).bytes(9, "1234").bytes(9, "1234"), 3, "raw_data given twice"},
        {head(1, {1}).integers(5, {1}), 3, "of type FLOAT stand in int32_data, not in float_data"},
        {head(7, {1}).integers(5, {1}), 3, "of type INT64 stand in int32_data, not in int64_data"},
        {head(0, {1}), 3, "data_type 0 is not an ONNX element type"},
        {head(99, {1}), 3, "data_type 99 is not an ONNX element type"},
        {head(-1, {1}), 3, "data_type -1 is not"},
        {head(8, {-4}).bytes(6, "text"), 3, "dimension -4 is not"},
        {head(1, {3}).floats(4, {1, std::nanf(""), 2}), 3, "element 1 is nan"},
        {head(1, {1}).floats(4, {std::nanf("")}), 3, "element 0 is nan"},
        {head(10, {2}).bytes(9, "\0\x3C\0\x7E"s), 3, "element 1 is nan"},
        {head(2, {2}).integers(5, {1, 256}), 3, "element 1 does not fit UINT8"},
        {head(3, {1}).integers(5, {-129}), 3, "element 0 does not fit INT8"},
        {head(9, {1}).bytes(9, "\2"), 3, "element 0 does not fit BOOL"},
        {head(10, {1}).integers(5, {70'000}), 3, "element 0 does not fit FLOAT16"},
        {head(1, {1}).bytes(4, "123"), 3, "no multiple of its element"},
        {head(1, {1}).integer(4, 1), 3, "field 4 has wire type 0"}};
    for (const row& r : rows) {
        const auto result = reading_payload(r.proto);
        CHECK_MESSAGE(result.number() == r.code, r.text);
        CHECK_MESSAGE(result.says(r.text), result.text);
    }
}

TEST_CASE("payload: a type or form that cannot be read is no fault, and the tensor says why it has no elements") {
    const auto why = [](const build::message& proto) {
        const onnx::tensor of = decoded(proto);
        CHECK(of.floats.empty());
        CHECK(of.integers.empty());
        return of.unreadable;
    };
    CHECK(why(head(8, {1}).bytes(6, "text")) ==
          "is of type STRING, which is not supported; use FLOAT or an integer type of 8 to 64 bits");
    CHECK(why(head(11, {2}).doubles(10, {1, 1e300})) ==
          "is of type DOUBLE and holds in element 1 a number that does not fit FLOAT, which is not supported; export "
          "the model with smaller numbers");
    CHECK(why(head(11, {2}).doubles(10, {-1e300, infinity})).starts_with("is of type DOUBLE and holds in element 0 "));
    CHECK(why(head(13, {1}).bytes(9, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"))
              .starts_with("is of type UINT64 and holds in element 0 a number that does not fit INT64, "));
    CHECK(why(head(14, {1}).floats(4, {1, 2})).starts_with("is of type COMPLEX64, "));
    CHECK(why(head(15, {1})).starts_with("is of type COMPLEX128, "));
    CHECK(why(head(17, {1})).starts_with("is of type FLOAT8E4M3FN, "));
    CHECK(why(head(22, {1})).starts_with("is of type INT4, "));
    CHECK(why(head(1, {1}).bytes(3, "")) ==
          "is a segmented tensor of type FLOAT, which is not supported; export the model again");
    CHECK(decoded(head(1, {1}).floats(4, {1})).unreadable.empty());
}

TEST_CASE("payload: infinities are bounds and masks, of which nothing is wrong") {
    CHECK(decoded(head(1, {}).floats(4, {infinity})).floats == std::vector<float>{infinity});
    CHECK(decoded(head(11, {}).doubles(10, {1e300})).floats == std::vector<float>{infinity});
    const std::vector<float> mask{0, -infinity, infinity};
    CHECK(decoded(head(1, {3}).floats(4, mask)).floats == mask);
    CHECK(last.warnings.empty());
    CHECK(decoded(head(11, {3}).doubles(10, {0, -infinity, infinity})).floats == mask);
    CHECK(decoded(head(10, {3}).bytes(9, "\0\0\0\xFC\0\x7C"s)).floats == mask);
    CHECK(decoded(head(16, {3}).bytes(9, "\0\0\x80\xFF\x80\x7F"s)).floats == mask);
    CHECK(reading_payload(head(1, {3}).floats(4, {1, 1e38F, infinity})).number() == 0);
    REQUIRE(last.warnings.size() == 1);
    CHECK(last.warnings[0].starts_with("m.onnx: initializer 'w': element 1 is 1e+38"));
}

TEST_CASE("payload: outliers and unknown keys are warned of, zeros are fine") {
    CHECK(reading_payload(head(1, {2}).floats(4, {1, 1e38F})).number() == 0);
    REQUIRE(last.warnings.size() == 1);
    CHECK(last.warnings[0].starts_with("m.onnx: initializer 'w': element 1 is 1e+38"));
    CHECK(reading_payload(head(1, {2}).floats(4, {0, 0})).number() == 0);
    CHECK(last.warnings.empty());
}

TEST_CASE("payload: all constants together are limited") {
    onnx::limits allowed;
    allowed.max_elements = 3;
    CHECK(reading_payload(head(1, {3}).floats(4, {1, 2, 3}), allowed).number() == 0);
    CHECK(reading_payload(head(1, {4}).floats(4, {1, 2, 3, 4}), allowed)
              .says("more than 3 elements together (the limit)"));
}
