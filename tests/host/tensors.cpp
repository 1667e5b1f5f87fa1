#include <ctq/host/tensors.hpp>

#include <doctest/doctest.h>
#include <host/scratch.hpp>
#include <xtensor/xview.hpp>

#include <cstdint>
#include <limits>
#include <vector>

using namespace ctq;
using namespace ctq::test;

namespace {

template <class T> host::inferred_output output_of(std::vector<std::int64_t> shape, std::vector<T> elements) {
    return {"y", std::move(shape), constant(std::move(elements))};
}

template <class Call> bool says(Call call, std::string_view what) {
    return outcome_of([&] { static_cast<void>(call()); }).says(what);
}

} // namespace

TEST_CASE("input_samples: elements in row-major order, in a type that holds them") {
    const xt::xarray<double> doubles{{1.5, 2}, {3, 4}};
    const input_samples turned("x", xt::transpose(doubles));
    CHECK(turned.elements.type == dtype::float32);
    CHECK(turned.elements.shape == std::vector<std::int64_t>{2, 2});
    CHECK(turned.elements.values() == std::vector<float>{1.5f, 3, 2, 4});
    CHECK(input_samples("x", xt::xarray<bool>{true}).elements.type == dtype::boolean);
    CHECK(input_samples("x", xt::xarray<std::uint8_t>{1}).elements.type == dtype::uint8);
    CHECK(input_samples("x", xt::xarray<std::int16_t>{1}).elements.type == dtype::int16);
    CHECK(input_samples("x", xt::xarray<std::size_t>{7}).elements.type == dtype::int64);
    CHECK(input_samples("x", xt::xarray<long long>{7}).elements.type == dtype::int64);
    const xt::xarray<std::uint64_t> beyond{std::numeric_limits<std::uint64_t>::max()};
    CHECK(
        says([&] { return input_samples("x", beyond); }, "a tensor holds 18446744073709551615, which int64 does not"));
}

TEST_CASE("results: by name and type") {
    const results given({output_of<std::int64_t>({2}, {5, -6})});
    CHECK(given.as<std::int64_t>() == xt::xarray<std::int64_t>{5, -6});
    CHECK(given.as<std::int64_t>("y") == given.as<std::int64_t>());
    CHECK(results({output_of<boolean>({2}, {boolean::yes, boolean::no})}).as<bool>() == xt::xarray<bool>{true, false});
    CHECK(says([&] { return given.as<float>(); }, "output 'y' is of int64, not of float32"));
    CHECK(says([&] { return given.as<std::int64_t>("z"); }, "no output is called 'z'"));
    const results both({output_of<float>({1}, {1}), output_of<float>({1}, {2})});
    CHECK(says([&] { return both.as(); }, "the network has 2 outputs; name the one that is wanted"));
}

TEST_CASE("load_tensor: floats of any numbers, integers of their own type") {
    const scratch_folder folder;
    const std::vector<std::int64_t> shape{2};
    const std::string reals = folder.put("r.npy", host::npy::format<float>(shape, std::vector<float>{1.5f, -2}));
    const std::string bytes =
        folder.put("b.npy", host::npy::format<std::uint8_t>(shape, std::vector<std::uint8_t>{7, 9}));
    CHECK(load_tensor(reals) == xt::xarray<float>{1.5f, -2.0f});
    CHECK(load_tensor(bytes) == xt::xarray<float>{7, 9});
    CHECK(load_tensor<std::uint8_t>(bytes) == xt::xarray<std::uint8_t>{7, 9});
    CHECK(says([&] { return load_tensor<std::int64_t>(bytes); }, "b.npy: is of uint8, not of int64"));
    CHECK(says([&] { return load_tensor(folder.put("t.npy", "\x93NUMPY\1")); }, "is truncated"));
}
