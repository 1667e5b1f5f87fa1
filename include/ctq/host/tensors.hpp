#pragma once
// tensors: xtensor's tensors as what a network is given and gives: samples, one tensor for each input, and the outputs
// for all samples. The one header of the host that reads xtensor.
// room: host | runs on: host | heap: yes

#include <ctq/graph/graph.hpp>
#include <ctq/host/array.hpp>
#include <ctq/host/data_file.hpp>
#include <ctq/host/dataset.hpp>
#include <ctq/host/engine/inference_run.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/xtensor.hpp>

#include <xtensor/xarray.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET {

namespace detail {

/// The element type that keeps those of a tensor: float of double, ctq::boolean of bool, int64 of unsigned integers of
/// 32 bits and more.
template <class T> constexpr auto element_that_keeps() {
    if constexpr (std::is_same_v<T, bool>)
        return boolean{};
    else if constexpr (std::is_floating_point_v<T>)
        return float{};
    else if constexpr (sizeof(T) == 8 || (std::is_unsigned_v<T> && sizeof(T) == 4))
        return std::int64_t{};
    else
        return T{};
}
template <class T> using kept_element = decltype(element_that_keeps<T>());

/// The elements of a tensor, a view or an expression in row-major order.
template <class Expression> host::array array_of(const Expression& from) {
    using kept = kept_element<std::remove_cv_t<typename Expression::value_type>>;
    host::array made;
    made.type = dtype_of<kept>;
    for (std::size_t axis = 0; axis < from.dimension(); ++axis)
        made.shape.push_back(static_cast<std::int64_t>(from.shape(axis)));
    made.bytes.resize(from.size() * sizeof(kept));
    auto at = from.template begin<xt::layout_type::row_major>();
    for (std::size_t i = 0; i < from.size(); ++i, ++at) {
        if constexpr (std::is_integral_v<kept>)
            if (!std::in_range<kept>(*at))
                host::fail_usage("a tensor holds ", *at, ", which ", name_of(dtype_of<kept>), " does not");
        const auto element = static_cast<kept>(*at);
        std::memcpy(made.bytes.data() + i * sizeof(kept), &element, sizeof(kept));
    }
    return made;
}

} // namespace detail

/// Samples for one input, by its name: a tensor, a view or an expression of floats, doubles (rounded to float),
/// integers or bool, whose first axis counts samples; one sample may have the input's own shape. It is copied.
struct input_samples {
    std::string name;
    host::array elements;

    template <detail::xtensor_expression Expression>
    input_samples(std::string input, const Expression& from)
        : name(std::move(input)), elements(detail::array_of(from)) {}
};

/// Samples for all inputs: `samples` is a tensor where the network has one input, else {{"a", x}, {"b", y}}.
class samples {
    std::vector<input_samples> inputs_;

  public:
    template <detail::xtensor_expression Expression>
    samples(const Expression& only) : inputs_{input_samples("", only)} {}
    samples(std::initializer_list<input_samples> inputs) : inputs_(inputs) {}

    /// In the order of a graph's inputs. Throws `failure` (malformed): an input without samples or with samples of
    /// another shape, names that no input has, and one that is given twice.
    template <class Graph> [[nodiscard]] std::vector<host::dataset> for_inputs_of(const Graph& graph) const {
        check_names(graph);
        std::vector<host::dataset> made;
        for (const port& input : graph.inputs) {
            const input_samples& found = samples_of(input.name.view(), graph.inputs.size());
            made.emplace_back(found.elements, found.name.empty() ? "samples" : found.name);
            host::fit_to(made.back(), made.front(), graph.value_at(input.value).facts.shape, input.name.view());
        }
        return made;
    }

  private:
    template <class Graph> void check_names(const Graph& graph) const {
        for (const input_samples& each : inputs_) {
            const auto is_it = [&](const port& input) { return input.name.view() == each.name; };
            if (!each.name.empty() && std::ranges::none_of(graph.inputs, is_it))
                host::fail_malformed(each.name, "the network has no input of this name");
            if (std::ranges::count(inputs_, each.name, &input_samples::name) > 1)
                host::fail_malformed(each.name, "samples for an input must be given once");
        }
    }

    const input_samples& samples_of(std::string_view input, std::size_t inputs) const {
        const auto found = std::ranges::find(inputs_, input, &input_samples::name);
        if (found != inputs_.end()) return *found;
        if (inputs == 1 && inputs_.size() == 1 && inputs_.front().name.empty()) return inputs_.front();
        host::fail_malformed(input, "the input has no samples; give {{\"NAME\", tensor}, ...} for each input");
    }
};

/// Outputs for all samples.
class results {
    std::vector<host::inferred_output> outputs_;

  public:
    explicit results(std::vector<host::inferred_output> outputs) : outputs_(std::move(outputs)) {}

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> made;
        for (const host::inferred_output& each : outputs_) made.push_back(each.name);
        return made;
    }

    /// An output as a tensor whose first axis counts samples. `T`: float, or the element type of an output of plain
    /// integers (bool of booleans). Throws `failure` (usage) for a name that no output has and for another type.
    template <class T = float> [[nodiscard]] xt::xarray<T> as(std::string_view name) const {
        const auto found = std::ranges::find(outputs_, name, &host::inferred_output::name);
        if (found == outputs_.end()) host::fail_usage("no output is called ", host::in_quotes(name));
        return tensor_of<T>(*found);
    }
    /// The only output.
    template <class T = float> [[nodiscard]] xt::xarray<T> as() const {
        if (outputs_.size() != 1)
            host::fail_usage("the network has ", outputs_.size(), " outputs; name the one that is wanted");
        return tensor_of<T>(outputs_.front());
    }

  private:
    template <class T> static xt::xarray<T> tensor_of(const host::inferred_output& output) {
        using kept = detail::kept_element<T>;
        if (!output.elements.is<kept>())
            host::fail_usage("output ", host::in_quotes(output.name), " is of ", name_of(output.elements.type()),
                             ", not of ", name_of(dtype_of<kept>));
        xt::xarray<T> made = xt::xarray<T>::from_shape({output.shape.begin(), output.shape.end()});
        auto to = made.template begin<xt::layout_type::row_major>();
        for (const kept each : output.elements.as<kept>()) *to++ = static_cast<T>(each);
        return made;
    }
};

/// The array of a .npy, .npz or IDX file, plain or .gz: as floats, or as the integers (bool of booleans) that the file
/// holds. Throws `failure` (malformed) for what is no such file, for several arrays and for integers of another type.
template <class T = float> [[nodiscard]] xt::xarray<T> load_tensor(const std::string& path) {
    const host::array from = host::read_array(path);
    using kept = detail::kept_element<T>;
    if (!std::is_same_v<kept, float> && from.type != dtype_of<kept>)
        host::fail_malformed(path, "is of ", name_of(from.type), ", not of ", name_of(dtype_of<kept>));
    xt::xarray<T> made = xt::xarray<T>::from_shape({from.shape.begin(), from.shape.end()});
    from.visit([&](auto element_at) {
        auto to = made.template begin<xt::layout_type::row_major>();
        for (std::size_t i = 0; i < from.size(); ++i, ++to) *to = static_cast<T>(element_at(i));
    });
    return made;
}

} // namespace ctq::inline CTQ_TARGET
