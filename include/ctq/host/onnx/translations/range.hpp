#pragma once
// Range: of constants.
// room: host | runs on: host | heap: yes

#include <ctq/core/elementary.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/host/source/graph_writer.hpp>
#include <ctq/operators/range.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// How many of `start`, `start` + `delta`, ... lie before `limit`; `delta` is not 0.
constexpr double range_count(float start, float limit, float delta) {
    const double count = elementary::ceil(static_cast<double>(limit - start) / static_cast<double>(delta));
    return count > 0 ? count : 0;
}
constexpr double range_count(std::int64_t start, std::int64_t limit, std::int64_t delta) {
    const bool is_rising = delta > 0;
    if (is_rising ? start >= limit : start <= limit) return 0;
    const auto low = static_cast<std::uint64_t>(is_rising ? start : limit);
    const auto high = static_cast<std::uint64_t>(is_rising ? limit : start);
    const auto step = is_rising ? static_cast<std::uint64_t>(delta) : 0 - static_cast<std::uint64_t>(delta);
    return static_cast<double>((high - low - 1) / step) + 1;
}

} // namespace detail

struct range : constant_translation {
    static constexpr std::string_view name = "Range";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 3, "three inputs are required");
        for (std::size_t i = 0; i < 3; ++i) {
            in.support(in.is_constant(i), "start, limit and delta must be constant");
            in.check(in.shape_of(i).elements() == 1, "start, limit and delta must be one element each");
            in.check(in.type_of(i) == in.type_of(0), "start, limit and delta must be of one type");
            in.support_exact(i);
        }
        const double count = in.type_of(0) == dtype::float32
                                 ? count_of([&](std::size_t i) { return in.constant_reals(i)[0]; }, in)
                                 : count_of([&](std::size_t i) { return in.constant_wide_integers(i)[0]; }, in);
        in.support(count <= static_cast<double>(source::most_elements), source::too_many_elements);
        in.finish(in.fold(op::range{static_cast<std::int32_t>(count)}, {in.input(0), in.input(2)}));
    }

  private:
    template <class Element, source_node Node> static double count_of(Element element, const Node& in) {
        const auto start = element(0), limit = element(1), delta = element(2);
        in.check(delta != 0, "delta must not be 0");
        const double count = detail::range_count(start, limit, delta);
        in.check(!elementary::is_nan(count) && delta == delta && limit - limit == 0 && start - start == 0,
                 "start, limit and delta must be finite");
        return count;
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
