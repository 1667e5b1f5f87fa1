#pragma once
// input_shapes: the shapes of a model's inputs, with the sizes that are given for dimensions that it leaves open.
// room: host | runs on: host | heap: yes

#include <ctq/core/shape.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/model.hpp>
#include <ctq/host/shape_text.hpp>
#include <ctq/host/source/graph_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// Of one model. What is wrong with an input is noted, all of it; a size that is none, or of no dimension, is thrown as
/// `failure` (usage).
class input_shapes {
    const std::map<std::string, std::int64_t>* sizes_;
    std::string path_;
    fault_list* faults_;
    std::set<std::string> symbols_; ///< of the inputs that were asked for

    template <typename... Parts> void fault(exit_code code, const value_info& input, const Parts&... what) {
        faults_->add(code, message(printable_path(path_), ": input ", in_quotes(input.name), what...));
    }

    /// True when an input says its axes and they are not too many; else a fault was noted.
    bool has_axes(const value_info& input) {
        if (!input.has_shape)
            fault(exit_code::unsupported, input, " has no shape; export the model with the shapes of its inputs");
        else if (input.dims.size() > static_cast<std::size_t>(shape::max_rank))
            fault(exit_code::unsupported, input, " has ", input.dims.size(), " axes; at most 6 are supported");
        else
            return true;
        return false;
    }

    /// The extent of an axis: the model's, or a size that is given. Nothing after a fault was noted.
    std::optional<std::int32_t> extent_of(const value_info& input, std::size_t axis) {
        const dimension& dim = input.dims[axis];
        if (dim.value) {
            if (*dim.value >= 1 && *dim.value <= source::most_elements) return static_cast<std::int32_t>(*dim.value);
            fault(*dim.value < 1 ? exit_code::malformed : exit_code::unsupported, input, ": dimension ", axis, " is ",
                  *dim.value, "; 1 to ", source::most_elements, " is supported");
            return std::nullopt;
        }
        const std::string symbol = dim.symbol.empty() ? message(input.name, ".", axis) : dim.symbol;
        symbols_.insert(symbol);
        if (const auto given = sizes_->find(symbol); given != sizes_->end())
            return static_cast<std::int32_t>(given->second);
        fault(exit_code::unsupported, input, ": dimension ", axis, " ",
              dim.symbol.empty() ? std::string() : in_quotes(dim.symbol) + " ", "is not fixed; give it a size: --dim ",
              printable(symbol), "=1");
        return std::nullopt;
    }

    /// True when an input of this shape is not too large; else a fault was noted.
    bool has_size(const value_info& input, const shape& of) {
        std::int64_t elements = 1;
        for (int axis = 0; axis < of.rank; ++axis) {
            if (of[axis] > source::most_elements / elements) {
                fault(exit_code::unsupported, input, " of ", text_of(of), " is ", source::too_many_elements,
                      "; give it smaller dimensions");
                return false;
            }
            elements *= of[axis];
        }
        return true;
    }

  public:
    /// `sizes` of dimensions by their names, and `faults`, outlive it; `path`: the model's, which faults begin with.
    input_shapes(const std::map<std::string, std::int64_t>& sizes, std::string_view path, fault_list& faults)
        : sizes_(&sizes), path_(path), faults_(&faults) {
        for (const auto& [name, size] : sizes)
            if (size < 1 || size > source::most_elements)
                fail_usage("--dim ", printable(name), "=", size, ": a size is 1 to ", source::most_elements);
    }

    /// Nothing after a fault was noted.
    [[nodiscard]] std::optional<shape> of(const value_info& input) {
        if (!has_axes(input)) return std::nullopt;
        shape out;
        bool whole = true;
        for (std::size_t axis = 0; axis < input.dims.size(); ++axis) {
            const auto extent = extent_of(input, axis);
            whole &= extent.has_value();
            out.append(extent.value_or(1));
        }
        if (!has_size(input, out) || !whole) return std::nullopt;
        return out;
    }

    /// After all inputs were asked for: each size that is given is one of theirs.
    void check_sizes() const {
        for (const auto& [name, size] : *sizes_) {
            if (symbols_.contains(name)) continue;
            std::string known;
            for (const std::string& symbol : symbols_) known += message(known.empty() ? "" : ", ", printable(symbol));
            fail_usage("--dim ", printable(name), "=", size, ": the inputs of ", printable_path(path_),
                       " have no such dimension; ",
                       known.empty() ? "all theirs are fixed" : message("theirs are ", known));
        }
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx
