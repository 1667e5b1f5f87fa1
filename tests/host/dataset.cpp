#include "gzip_builder.hpp"
#include "scratch.hpp"

#include <ctq/host/dataset.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

using namespace ctq::host;
using namespace std::string_literals;
using ctq::test::outcome_of;
using ctq::test::scratch_folder;

namespace {

template <typename Value>
std::string npy_file(const std::vector<std::int64_t>& shape, const std::vector<Value>& values) {
    return npy::format<Value>(shape, values);
}

std::vector<float> sample_of(const dataset& data, std::size_t index) {
    std::vector<float> out(data.sample_size());
    data.sample(index, out);
    return out;
}

ctq::test::outcome loading(const std::string& path) {
    return outcome_of([&] { static_cast<void>(dataset::load(path)); });
}

ctq::test::outcome labelling(const std::string& path) {
    return outcome_of([&] { static_cast<void>(labels(path)); });
}

} // namespace

TEST_CASE("dataset: .npy and IDX, plain or .gz, told apart by content") {
    const scratch_folder folder;
    const std::string idx_bytes = "\0\0\x08\2\0\0\0\2\0\0\0\3abcdef"s;
    const std::string npy_bytes = npy_file<float>({2, 3}, {97, 98, 99, 100, 101, 102});
    for (const std::string& bytes : {idx_bytes, npy_bytes, ctq::test::gzip(idx_bytes), ctq::test::gzip(npy_bytes)}) {
        const dataset data = dataset::load(folder.put("data", bytes));
        CHECK(data.shape() == std::vector<std::int64_t>{2, 3});
        CHECK(data.size() == 2);
        CHECK(data.sample_size() == 3);
        CHECK(sample_of(data, 0) == std::vector<float>{97, 98, 99});
        CHECK(sample_of(data, 1) == std::vector<float>{100, 101, 102});
    }
}

TEST_CASE("dataset: value * scale + shift for every element type") {
    const scratch_folder folder;
    const auto scaled = [&](const std::string& bytes) {
        return sample_of(dataset::load(folder.put("data", bytes), 1.0 / 255, -0.5), 0);
    };
    const auto expected = [](double value) { return static_cast<float>(value * (1.0 / 255) - 0.5); };
    CHECK(scaled(npy_file<std::uint8_t>({1, 2}, {255, 7})) == std::vector<float>{expected(255), expected(7)});
    CHECK(scaled(npy_file<std::int8_t>({1, 2}, {-128, 7})) == std::vector<float>{expected(-128), expected(7)});
    CHECK(scaled(npy_file<std::int32_t>({1, 2}, {-1000, 7})) == std::vector<float>{expected(-1000), expected(7)});
    CHECK(scaled(npy_file<float>({1, 2}, {0.25F, 7})) == std::vector<float>{expected(0.25), expected(7)});
}

TEST_CASE("dataset: -0 stays -0 where nothing is added, and NaN is printed without a sign") {
    const auto first = [](double scale, double shift) {
        return sample_of(dataset(npy::parse(npy_file<float>({1}, {-0.0F}), "x"), "x", scale, shift), 0)[0];
    };
    CHECK(std::signbit(first(1, 0)));
    CHECK(std::signbit(first(1, -0.0)));
    CHECK(std::signbit(first(2, 0)));
    CHECK_FALSE(std::signbit(first(-1, 0)));
    CHECK(first(1, 0.5) == 0.5F);
    const dataset nan(npy::parse(npy_file<float>({1}, {std::copysign(std::nanf(""), -1.0F)}), "x"), "x.npy");
    std::vector<float> out(1);
    CHECK(outcome_of([&] { nan.finite_sample(0, out); }).says("element 0 is nan;"));
}

TEST_CASE("dataset: an array of the input's own shape is one sample, unless it is samples") {
    const auto fitted = [](const std::vector<std::int64_t>& shape, const ctq::shape& input) {
        std::size_t size = 1;
        for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
        std::vector<float> values(size);
        for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<float>(i);
        dataset data(npy::parse(npy_file<float>(shape, values), "x"), "x.npy");
        fit_to(data, data, input, "in");
        CHECK(sample_of(data, data.size() - 1).back() == static_cast<float>(size - 1));
        return data.size();
    };
    CHECK(fitted({4, 3}, {4, 3}) == 1);
    CHECK(fitted({4}, {4}) == 1);
    CHECK(fitted({4, 4, 3}, {4, 3}) == 4);
    CHECK(fitted({1, 4, 3}, {4, 3}) == 1);
    CHECK(fitted({5, 3}, {1, 3}) == 5);
    CHECK(fitted({1, 3}, {1, 3}) == 1);
    CHECK(fitted({7, 6, 5}, {1, 1, 6, 5}) == 7);
    CHECK(outcome_of([&] {
              fitted({3, 4}, {4, 3});
          }).says("x.npy: has shape (3, 4), input 'in' (4, 3); after the axis of samples the shapes must agree"));
}

TEST_CASE("dataset: bytes stay bytes in memory; samples may be single numbers; NaN passes") {
    const dataset bytes(npy::parse(npy_file<std::uint8_t>({3}, {1, 2, 3}), "x"), "x");
    CHECK(bytes.element() == ctq::dtype::uint8);
    CHECK(bytes.sample_size() == 1);
    CHECK(sample_of(bytes, 2) == std::vector<float>{3});
    const dataset nan(npy::parse(npy_file<float>({1}, {std::nanf("")}), "x"), "x");
    CHECK(std::isnan(sample_of(nan, 0)[0]));
}

TEST_CASE("dataset: a finite sample, or a fault with file, sample and element") {
    const float infinity = std::numeric_limits<float>::infinity();
    const dataset data(npy::parse(npy_file<float>({2, 2}, {1, 2, 3, -infinity}), "x"), "x.npy");
    std::vector<float> out(2);
    data.finite_sample(0, out);
    CHECK(out == std::vector<float>{1, 2});
    const auto refused = outcome_of([&] { data.finite_sample(1, out); });
    CHECK(refused.code == exit_code::malformed);
    CHECK(refused.says("x.npy: sample 1: element 1 is -inf; samples must be finite: remove or repair it"));
    const dataset stretched(npy::parse(npy_file<float>({1}, {3e38F}), "x"), "x.npy", 10.0);
    CHECK(outcome_of([&] { stretched.finite_sample(0, std::span(out).first(1)); }).says("element 0 is inf"));
}

TEST_CASE("dataset: whole numbers, neither scaled nor shifted, or a fault with file, sample, element and type") {
    const auto of = [](const std::string& file) { return dataset(npy::parse(file, "x"), "x.npy", 2.0, 1.0); };
    const auto last = [&]<class T>(const std::string& file, T) {
        std::vector<T> out(2);
        of(file).numbers<T>(1, out);
        return out;
    };
    constexpr std::int64_t far = std::numeric_limits<std::int64_t>::min();
    CHECK(last(npy_file<std::int64_t>({2, 2}, {1, 2, far, 4}), std::int64_t{}) == std::vector<std::int64_t>{far, 4});
    CHECK(last(npy_file<float>({2, 2}, {1, 2, -3, 16777215}), std::int32_t{}) ==
          std::vector<std::int32_t>{-3, 16777215});
    CHECK(last(npy_file<std::int64_t>({2, 2}, {1, 2, 255, 0}), std::uint8_t{}) == std::vector<std::uint8_t>{255, 0});
    using ctq::boolean;
    CHECK(last(npy_file<boolean>({2, 2}, {boolean::no, boolean::no, boolean::yes, boolean::no}), boolean{}) ==
          std::vector<boolean>{boolean::yes, boolean::no});
    CHECK(last(npy_file<float>({2, 2}, {9, 9, 0, 1}), boolean{}) == std::vector<boolean>{boolean::no, boolean::yes});

    const auto refused = [&]<class T>(const std::string& file, T type, std::string_view says) {
        const auto outcome = outcome_of([&] { static_cast<void>(last(file, type)); });
        return outcome.code == exit_code::malformed && outcome.says("x.npy: sample 1: element 1 is ") &&
               outcome.says(says);
    };
    CHECK(refused(npy_file<float>({2, 2}, {1, 2, 3, 0.5F}), std::int64_t{}, "0.5; the input takes whole numbers"));
    CHECK(refused(npy_file<float>({2, 2}, {1, 2, 3, 16777216}), std::int64_t{}, "that int64 holds"));
    CHECK(refused(npy_file<float>({2, 2}, {1, 2, 3, std::nanf("")}), std::int32_t{}, "nan"));
    CHECK(refused(npy_file<std::int64_t>({2, 2}, {1, 2, 3, 2147483648}), std::int32_t{}, "2147483648"));
    CHECK(refused(npy_file<std::int8_t>({2, 2}, {1, 2, 3, -1}), std::uint8_t{}, "-1; "));
    CHECK(
        refused(npy_file<std::uint8_t>({2, 2}, {1, 0, 1, 2}), boolean{}, "2; the input takes whole numbers that bool"));
}

TEST_CASE("dataset: what holds no samples or is no data file is refused") {
    const scratch_folder folder;
    CHECK(loading(folder.put("a", npy_file<float>({0, 3}, {}))).says("holds no samples: its shape is (0, 3)"));
    CHECK(loading(folder.put("a", npy_file<float>({3, 0}, {}))).says("holds no samples"));
    CHECK(loading(folder.put("a", npy_file<float>({}, {1}))).says("is a single number"));
    CHECK(loading(folder.put("a", "")).says("is empty"));
    CHECK(loading(folder.put("a", "PK\x03\x04")).says("a: is a corrupt or truncated zip archive"));
    CHECK(loading(folder.put("a", "hello world")).says("is no .npy, .npz or IDX file"));
    CHECK(loading(folder.put("a", ctq::test::gzip("hello"))).says("is no .npy, .npz or IDX file"));
    CHECK(loading(folder / "none").number() == 3);
}

TEST_CASE("dataset: a wrong index or a wrong span is the caller's fault") {
    const dataset data(npy::parse(npy_file<float>({2, 2}, {1, 2, 3, 4}), "x"), "x");
    std::vector<float> out(2);
    CHECK(outcome_of([&] { data.sample(2, out); }).number() == 70);
    out.resize(3);
    CHECK(outcome_of([&] { data.sample(0, out); }).number() == 70);
    CHECK(outcome_of([&] { data.numbers(0, std::span(std::vector<int>(3).data(), 3)); }).number() == 70);
}

TEST_CASE("dataset: labels are whole numbers from 0") {
    const scratch_folder folder;
    CHECK(labels(folder.put("l", "\0\0\x08\1\0\0\0\3\0\5\x09"s)) == std::vector<std::int64_t>{0, 5, 9});
    CHECK(labels(folder.put("l", npy_file<std::int64_t>({2}, {3, 1000}))) == std::vector<std::int64_t>{3, 1000});
    CHECK(labels(folder.put("l", npy_file<std::int32_t>({2, 1}, {3, 4}))) == std::vector<std::int64_t>{3, 4});
    CHECK(labels(folder.put("l", npy_file<float>({1}, {2}))) == std::vector<std::int64_t>{2});
    CHECK(labelling(folder.put("l", npy_file<float>({2}, {2, 2.5F}))).says("label 1 is 2.5"));
    CHECK(labelling(folder.put("l", npy_file<float>({1}, {std::nanf("")}))).says("label 0 is nan"));
    CHECK(labelling(folder.put("l", npy_file<std::int8_t>({2}, {0, -1}))).says("label 1 is -1"));
    CHECK(labelling(folder.put("l", npy_file<float>({1, 2}, {1, 2}))).says("not (1, 2)"));
}
