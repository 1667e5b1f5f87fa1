// Operators that choose or move elements, against xtensor's views, sorts and indices.
#include <ctq/operators/gather.hpp>
#include <ctq/operators/non_max_suppression.hpp>
#include <ctq/operators/resize_linear.hpp>
#include <ctq/operators/resize_nearest.hpp>
#include <ctq/operators/slice.hpp>
#include <ctq/operators/top_k.hpp>
#include <ctq/quantize/int16x8.hpp>
#include <ctq/quantize/tflite_int8.hpp>

#include <doctest/doctest.h>
#include <xtensor/xsort.hpp>
#include <xtensor/xstrided_view.hpp>
#include <xtensor_oracle.hpp>

#include <algorithm>
#include <limits>

using namespace ctq::testing;
using ctq::shape;
using ctq::op::coordinates;
using ctq::op::nearest_rounding;

namespace {

using positions = xt::xarray<std::int64_t>;

const std::vector<shape> shapes_of_moved{{1}, {7}, {3, 4}, {2, 5, 3}, {1, 2, 3, 2}};

/// first, first + step, ...: `count` of them
xt::xstrided_slice<std::ptrdiff_t> range_of(int first, int step, int count) {
    const std::ptrdiff_t behind = first + step * count;
    if (behind < 0) return xt::range(std::ptrdiff_t{first}, xt::placeholders::_, std::ptrdiff_t{step});
    return xt::range(std::ptrdiff_t{first}, behind, std::ptrdiff_t{step});
}

xt::xarray<float> coordinates_of(coordinates mode, float scale, int from, int to) {
    const xt::xarray<float> x = xt::arange<float>(static_cast<float>(to));
    const auto last = static_cast<float>(from - 1);
    xt::xarray<float> at = (x + 0.5f) / scale - 0.5f;
    if (mode == coordinates::asymmetric) at = x / scale;
    if (mode == coordinates::align_corners) at = x * last / static_cast<float>(std::max(to - 1, 1));
    if (mode == coordinates::pytorch_half_pixel && to == 1) at = xt::zeros<float>({1});
    return xt::clip(at, 0.0f, last);
}

xt::xarray<float> rounded(const xt::xarray<float>& at, nearest_rounding how, float scale) {
    switch (how) {
    case nearest_rounding::prefer_floor:
        return xt::ceil(at - 0.5f);
    case nearest_rounding::prefer_ceil:
        return xt::floor(at + 0.5f);
    case nearest_rounding::ceil_where_smaller:
        return scale < 1 ? xt::xarray<float>(xt::ceil(at)) : xt::xarray<float>(xt::floor(at));
    default:
        return how == nearest_rounding::floor ? xt::xarray<float>(xt::floor(at)) : xt::xarray<float>(xt::ceil(at));
    }
}

/// Of a tensor some of whose axes, at most three, get other extents.
template <class Op> Op random_resize(dice& random, const shape& from, coordinates mode) {
    Op op;
    op.mode = mode;
    int resized = 0;
    for (int axis = 0; axis < from.rank; ++axis) {
        if (resized == 3 || (axis > 0 && random.whole(0, 3) == 0)) continue;
        const auto x = static_cast<std::size_t>(axis);
        op.extent[x] = random.whole(1, 9);
        op.scale[x] = static_cast<float>(op.extent[x]) / static_cast<float>(from[axis]);
        ++resized;
    }
    return op;
}

xt::xarray<double> interpolated(const ctq::op::resize_linear& op, xt::xarray<double> x) {
    for (std::size_t axis = 0; axis < x.dimension(); ++axis) {
        if (op.extent[axis] == 0) continue;
        const int length = static_cast<int>(x.shape(axis));
        const xt::xarray<double> at = coordinates_of(op.mode, op.scale[axis], length, op.extent[axis]);
        const positions first = xt::cast<std::int64_t>(xt::floor(at)), second = xt::minimum(first + 1, length - 1);
        extents line(x.dimension(), 1);
        line[axis] = at.size();
        const xt::xarray<double> way = xt::reshape_view(at - xt::floor(at), line);
        x = taken(x, axis, first) * (1.0 - way) + taken(x, axis, second) * way;
    }
    return x;
}

/// Which boxes, [n, 4] of corners in order, are kept, best first.
std::vector<std::int64_t> kept_of(const xt::xarray<float>& boxes, const xt::xarray<float>& scores, int most,
                                  float threshold, float least) {
    const auto side = [&](int which) { return xt::view(boxes, xt::all(), which); };
    const auto common = [&](int first, int last) {
        const xt::xarray<float> low = side(first), high = side(last);
        return xt::xarray<float>(xt::maximum(xt::minimum(xt::view(high, xt::all(), xt::newaxis()), high) -
                                                 xt::maximum(xt::view(low, xt::all(), xt::newaxis()), low),
                                             0.0f));
    };
    const xt::xarray<float> area = (side(2) - side(0)) * (side(3) - side(1)), shared = common(0, 2) * common(1, 3);
    const xt::xarray<bool> too_near =
        shared > threshold * (xt::view(area, xt::all(), xt::newaxis()) + area - shared) && shared > 0.0f;
    const xt::xarray<double> order = -1024.0 * scores + xt::arange<double>(static_cast<double>(scores.size()));
    xt::xarray<bool> kept = xt::zeros<bool>(scores.shape());
    std::vector<std::int64_t> result;
    for (const std::size_t each : xt::argsort(order)) {
        if (!(scores(each) > least) || static_cast<int>(result.size()) == most) continue;
        if (xt::any(xt::view(too_near, each) && kept)) continue;
        kept(each) = true;
        result.push_back(static_cast<std::int64_t>(each));
    }
    return result;
}

} // namespace

TEST_CASE("slice: xtensor's strided views, forwards and backwards, in floats and in integers") {
    dice random(31);
    for (int round = 0; round < 100; ++round) {
        const shape& from = shapes_of_moved[static_cast<std::size_t>(random.whole(0, 4))];
        const xt::xarray<float> x = random_reals(random, from);
        ctq::op::slice op;
        xt::xstrided_slice_vector ranges;
        for (int axis = 0; axis < from.rank; ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            const int first = random.whole(0, from[axis] - 1), last = random.whole(0, from[axis] - 1);
            const int stride = random.whole(1, 3), step = last < first ? -stride : stride;
            op.first[i] = first;
            op.step[i] = step;
            op.count[i] = (last - first) / step + 1;
            ranges.push_back(range_of(first, step, op.count[i]));
        }
        CHECK(outputs(op, x).as() == xt::strided_view(x, ranges));
        const auto node = quantized_node(op, {{from}});
        const auto integers = random_input(random, node);
        CHECK(made_by(node, {integers}) == xt::strided_view(integers, ranges));
    }
}

TEST_CASE("gather: xtensor's kept indices, along any axis, by indices of any rank, in floats and in integers") {
    dice random(32);
    for (const shape& from : shapes_of_moved)
        for (const shape& of : {shape{}, shape{1}, shape{6}, shape{2, 3}})
            for (int axis = 0; axis < from.rank; ++axis) {
                CAPTURE(axis);
                const auto along = static_cast<std::size_t>(axis);
                const xt::xarray<float> x = random_reals(random, from);
                const auto at = random_wholes<std::int64_t>(random, of, -from[axis], from[axis] - 1);
                const positions places = xt::where(at < 0, at + from[axis], at);
                extents wanted_of = extents_of(from);
                wanted_of.erase(wanted_of.begin() + axis);
                wanted_of.insert(wanted_of.begin() + axis, at.shape().begin(), at.shape().end());
                const ctq::op::gather op{axis - (axis % 2) * from.rank};
                CHECK(outputs(op, x, at).as() == xt::reshape_view(taken(x, along, places), wanted_of));
                const auto node = quantized_node(op, {{from}, {.of = of, .integers = {at.begin(), at.end()}}});
                const auto integers = random_input(random, node);
                CHECK(made_by(node, {integers}) == xt::reshape_view(taken(integers, along, places), wanted_of));
            }
}

TEST_CASE("top_k: the beginning of xtensor's sorted lines, equal elements by their indices") {
    dice random(33);
    for (const shape& of : shapes_of_moved)
        for (int axis = 0; axis < of.rank; ++axis)
            for (const bool largest : {false, true})
                for (const bool few : {false, true}) {
                    const int count = random.whole(1, of[axis]);
                    CAPTURE(axis);
                    CAPTURE(count);
                    const xt::xarray<float> x =
                        few ? random_wholes<float>(random, of, -1, 1) : random_wholes<float>(random, of, -9999, 9999);
                    extents line(x.dimension(), 1);
                    line[static_cast<std::size_t>(axis)] = x.shape(static_cast<std::size_t>(axis));
                    const xt::xarray<double> place =
                        xt::reshape_view(xt::arange<double>(static_cast<double>(of[axis])), line);
                    const xt::xarray<double> key = (largest ? -16.0 : 16.0) * x + place; // no two are equal
                    const positions first = xt::arange<std::int64_t>(count);
                    const positions order = xt::argsort(key, axis);
                    const xt::xarray<double> sorted = xt::sort(key, axis);
                    const xt::xarray<float> reals = xt::round(sorted / (largest ? -16.0 : 16.0));
                    const outputs made(ctq::op::top_k{axis, count, largest}, x);
                    CHECK(made.as<std::int64_t>(1) == taken(order, static_cast<std::size_t>(axis), first));
                    CHECK(made.as() == taken(reals, static_cast<std::size_t>(axis), first));
                }
}

TEST_CASE("resize_nearest: xtensor's indices of rounded coordinates, in floats and in integers") {
    dice random(34);
    for (const auto mode : {coordinates::asymmetric, coordinates::align_corners, coordinates::half_pixel})
        for (const auto how : {nearest_rounding::prefer_floor, nearest_rounding::prefer_ceil, nearest_rounding::floor,
                               nearest_rounding::ceil, nearest_rounding::ceil_where_smaller})
            for (const shape& from : shapes_of_moved) {
                CAPTURE(static_cast<int>(mode));
                CAPTURE(static_cast<int>(how));
                auto op = random_resize<ctq::op::resize_nearest>(random, from, mode);
                op.rounds = how;
                const auto resized = [&](auto x) {
                    for (std::size_t axis = 0; axis < x.dimension(); ++axis)
                        if (op.extent[axis] != 0) {
                            const int length = static_cast<int>(x.shape(axis));
                            const auto at = coordinates_of(mode, op.scale[axis], length, op.extent[axis]);
                            x = taken(x, axis, xt::cast<std::int64_t>(rounded(at, how, op.scale[axis])));
                        }
                    return x;
                };
                const xt::xarray<float> x = random_reals(random, from);
                CHECK(outputs(op, x).as() == resized(x));
                const auto node = quantized_node(op, {{from}});
                const auto integers = random_input(random, node);
                CHECK(made_by(node, {integers}) == resized(integers));
            }
}

TEST_CASE("resize_linear: xtensor's interpolation, one axis after the other") {
    dice random(35);
    for (const auto mode : {coordinates::asymmetric, coordinates::align_corners, coordinates::half_pixel})
        for (int round = 0; round < 4; ++round)
            for (const shape& from : shapes_of_moved) {
                CAPTURE(static_cast<int>(mode));
                const auto op = random_resize<ctq::op::resize_linear>(random, from, mode);
                const xt::xarray<float> x = random_reals(random, from);
                CHECK(is_near(outputs(op, x).as(), interpolated(op, x), 1e-5, 1e-6));
            }
}

TEST_CASE("resize_linear: integers within the rounding of weights of the line, along one, two and three axes") {
    dice random(37);
    const auto check = [&]<class Rule>(Rule, const ctq::op::resize_linear& op, const shape& in, double tolerance) {
        CAPTURE(tolerance);
        const auto node = quantized_node<Rule>(op, {{in}});
        CHECK(node.never_overflows());
        const auto x = random_input(random, node);
        CHECK(is_near(made_by(node, {x}), interpolated(op, x), 0, tolerance));
    };
    constexpr ctq::rule::affine_int8 affine;
    check(affine, {{0, 7}, {1, 1.75f}}, {2, 4, 3}, 0.5 + 255.0 / 65536);
    check(affine, {{0, 5, 9}, {1, 1.3f, 1.8f}}, {2, 4, 5, 3}, 0.5 + 2 * 255.0 / 65536);
    check(affine, {{0, 0, 9, 3}, {1, 1, 1.8f, 0.6f}, coordinates::asymmetric}, {1, 3, 5, 5}, 0.5 + 2 * 255.0 / 65536);
    check(affine, {{5, 2, 9}, {1.3f, 0.6f, 1.8f}, coordinates::align_corners}, {4, 4, 5, 2}, 0.5 + 3 * 255.0 / 2048);
    // Under TFLite's rounding places have 10 bits, with any coordinates.
    constexpr ctq::rule::tflite_int8 tflite;
    for (const coordinates mode : {coordinates::half_pixel, coordinates::align_corners, coordinates::asymmetric})
        check(tflite, {{0, 5, 9}, {1, 1.25f, 1.8f}, mode}, {2, 4, 5, 3}, 0.5 + 255.0 * (3.5 + 5.5 + 1) / 1024);
    // These are none of TFLite's, and go by their own places.
    check(tflite, {{0, 5}, {1, 1.3f}}, {2, 4, 3}, 0.5 + 255.0 / 2048);
    check(tflite, {{0, 1}, {1, 0.25f}, coordinates::pytorch_half_pixel}, {2, 4, 3}, 0);
    check(ctq::rule::int16x8{}, {{0, 5, 9}, {1, 1.3f, 1.9f}}, {2, 4, 5, 3}, 0.5 + 2 * 65535.0 / 2048);
}

TEST_CASE("non_max_suppression: xtensor's table of what all boxes share, the best first") {
    dice random(36);
    for (int round = 0; round < 150; ++round) {
        CAPTURE(round);
        const bool is_large = round >= 120; // more candidates than one pass over the scores collects
        const int count = random.whole(1, is_large ? 120 : 30), images = random.whole(1, 2),
                  classes = random.whole(1, 3);
        const int most = random.whole(1, is_large ? 80 : 12);
        const float threshold = static_cast<float>(random.whole(0, 4)) / 4; // of whole numbers: all are exact
        const float least =
            round % 3 == 0 ? -std::numeric_limits<float>::infinity() : static_cast<float>(random.whole(-4, 4)) / 4;
        const bool is_centered = round % 2 == 1;
        const auto first = random_wholes<float>(random, {images, count, 2}, -8, 8);
        const auto size = random_wholes<float>(random, {images, count, 2}, 0, 9);
        const auto turned = random_wholes<float>(random, {images, count, 2}, 0, 1); // corners may be exchanged
        const xt::xarray<float> corners = xt::concatenate(xt::xtuple(first, first + size), 2);
        const xt::xarray<float> middle = first + 0.5f * size;
        const xt::xarray<float> boxes =
            is_centered ? xt::xarray<float>(xt::concatenate(xt::xtuple(xt::flip(middle, 2), xt::flip(size, 2)), 2))
                        : xt::xarray<float>(
                              xt::concatenate(xt::xtuple(first + turned * size, first + (1.0f - turned) * size), 2));
        const xt::xarray<float> scores = random_wholes<float>(random, {images, classes, count}, -6, 6) / 4.0f;
        std::vector<std::int64_t> wanted;
        for (int image = 0; image < images; ++image)
            for (int which = 0; which < classes; ++which)
                for (const std::int64_t each :
                     kept_of(xt::view(corners, image), xt::view(scores, image, which), most, threshold, least))
                    wanted.insert(wanted.end(), {image, which, each});
        const outputs made(ctq::op::non_max_suppression{most, threshold, least, is_centered}, boxes, scores);
        const positions rows = xt::flatten(made.as<std::int64_t>());
        CHECK(3 * made.as<std::int64_t>(1)() == static_cast<std::int64_t>(wanted.size()));
        wanted.resize(rows.size()); // 0 behind those that are chosen
        CHECK(rows == array_of({static_cast<std::int32_t>(rows.size())}, wanted));
    }
}
