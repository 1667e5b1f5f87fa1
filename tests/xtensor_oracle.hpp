#pragma once
// What oracles in xtensor share: arrays of random elements, an operator's results on arrays, and how near two arrays
// are.

#include <operators/single_node.hpp>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xdynamic_view.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xview.hpp>

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace ctq::testing {

using extents = std::vector<std::size_t>;

inline extents extents_of(const shape& of) {
    return {of.extent.begin(), of.extent.begin() + of.rank};
}

template <class T> shape shape_of(const xt::xarray<T>& x) {
    shape of;
    for (const std::size_t each : x.shape()) of.append(static_cast<std::int32_t>(each));
    return of;
}

template <class T> xt::xarray<T> array_of(const shape& of, const std::vector<T>& elements) {
    return xt::adapt(elements, extents_of(of));
}

inline xt::xarray<float> random_reals(dice& random, const shape& of, float low = -1, float high = 1) {
    return array_of(of, random.reals(of.elements(), low, high));
}

/// Whole numbers, of which many are equal.
template <class T> xt::xarray<T> random_wholes(dice& random, const shape& of, int low, int high) {
    std::vector<T> elements;
    for (std::int64_t i = 0; i < of.elements(); ++i) elements.push_back(static_cast<T>(random.whole(low, high)));
    return array_of(of, elements);
}

/// An operator's outputs on these arrays.
template <class Op> class outputs {
    std::vector<shape> of_;
    std::vector<constant> made_;

  public:
    template <class... T> explicit outputs(const Op& op, const xt::xarray<T>&... in) {
        const std::vector<shape> of{shape_of(in)...};
        for (int i = 0; i < output_count(op); ++i) of_.push_back(output_shape(op, of, i));
        made_ = all_results(op, {{{dtype_of<T>, shape_of(in)}, in.data()}...});
    }

    template <class T = float> xt::xarray<T> as(std::size_t which = 0) const {
        return array_of(of_[which], made_[which].as<T>());
    }
};

/// An integer node's result on arrays of its integers.
template <class Node>
xt::xarray<std::int32_t> made_by(const Node& node, const std::vector<xt::xarray<std::int32_t>>& in) {
    std::vector<std::vector<std::int32_t>> integers;
    for (const auto& each : in) integers.emplace_back(each.begin(), each.end());
    return array_of(node.output().shape, node.run_integers(integers));
}

/// All integers that an input of a node may hold, at random.
template <class Node> xt::xarray<std::int32_t> random_input(dice& random, const Node& node, std::size_t input = 0) {
    const tensor_facts& facts = node.input(input);
    return random_wholes<std::int32_t>(random, facts.shape, facts.range.low, facts.range.high);
}

/// The reals that integers stand for, and the integers that stand for reals.
inline xt::xarray<double> reals_of(const xt::xarray<std::int32_t>& integers, const tensor_facts& facts) {
    return static_cast<double>(facts.quantization.scale) * (integers - facts.quantization.zero_point);
}
inline xt::xarray<std::int32_t> integers_of(const xt::xarray<double>& reals, const tensor_facts& facts) {
    const double scale = static_cast<double>(facts.quantization.scale), zero = facts.quantization.zero_point;
    const double low = facts.range.low, high = facts.range.high;
    return xt::cast<std::int32_t>(xt::clip(xt::rint(reals / scale + zero), low, high));
}

/// Whether a node's integers are within one step of those that stand for these reals.
template <class Node>
bool is_within_a_step(const Node& node, const std::vector<xt::xarray<std::int32_t>>& in,
                      const xt::xarray<double>& wanted) {
    const xt::xarray<std::int32_t> made = made_by(node, in), right = integers_of(wanted, node.output());
    return made.shape() == right.shape() && xt::all(xt::abs(made - right) <= 1);
}

/// The elements of `x` at these positions along an axis.
template <class T> xt::xarray<T> taken(const xt::xarray<T>& x, std::size_t axis, const xt::xarray<std::int64_t>& at) {
    xt::xdynamic_slice_vector slices(x.dimension(), xt::all());
    slices[axis] = xt::keep(std::vector<std::ptrdiff_t>(at.begin(), at.end()));
    return xt::dynamic_view(x, slices);
}

/// The same shape, and no difference above `relative` times the wanted plus `absolute`.
template <class Made, class Wanted>
bool is_near(const Made& made, const Wanted& wanted, double relative, double absolute = 0) {
    return made.shape() == wanted.shape() && xt::allclose(xt::cast<double>(made), wanted, relative, absolute);
}

} // namespace ctq::testing
