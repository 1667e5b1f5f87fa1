#pragma once
// Samples for calibration and evaluation along the first axis of an array, and class labels.
// room: host | runs on: host | heap: yes (the data in its own element width)

#include <ctq/core/exact.hpp>
#include <ctq/core/shape.hpp>
#include <ctq/host/array.hpp>
#include <ctq/host/data_file.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/read_file.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// Samples along the first axis. Elements stay in the file's width (60,000 images of uint8 stay 47 MB) and become
/// `value * scale + shift` when a sample of reals is asked for; plain integers and booleans are asked for as they are.
class dataset {
    array data_;
    std::string name_;
    double scale_ = 1;
    double shift_ = 0;
    std::size_t sample_size_ = 0;
    std::array<float, 256> of_byte_{}; // the result for each byte, when elements are bytes

    [[nodiscard]] bool holds_bytes() const { return data_.width() == 1; }

    // Where nothing is added, -0 stays what it is: a 0 that is added makes it 0.
    template <typename Value> [[nodiscard]] float scaled(Value value) const {
        const auto real = static_cast<double>(value);
        return from_double(shift_ == 0 ? real * scale_ : multiply_add_unfused(real, scale_, shift_));
    }

    void check_place(std::size_t index, std::size_t elements) const {
        if (index >= size() || elements != sample_size_)
            throw failure(exit_code::internal, message("sample ", index, " of ", size(), ", ", elements, " of ",
                                                       sample_size_, " elements; please report"));
    }

    /// Wider reals than a float were rounded to one: beyond 2^24 nobody knows which whole number was meant.
    template <class Value> static bool is_whole(Value value) {
        if constexpr (std::is_floating_point_v<Value>)
            return std::abs(value) < 16777216 && std::floor(value) == value;
        else
            return true;
    }

    /// An element as `T`, which must hold it.
    template <class T, class Value> T number(Value value, std::size_t index, std::size_t element) const {
        using held = std::conditional_t<std::is_same_v<T, boolean>, bool, T>;
        if (is_whole(value)) {
            const auto whole = static_cast<std::int64_t>(value);
            if (static_cast<std::int64_t>(static_cast<held>(whole)) == whole) return static_cast<T>(whole);
        }
        fail_malformed(name_, "sample ", index, ": element ", element, " is ", +value,
                       "; the input takes whole numbers that ", name_of(dtype_of<T>), " holds");
    }

    void fill_table() {
        for (std::size_t i = 0; i < of_byte_.size(); ++i) {
            const auto value = static_cast<std::uint8_t>(i);
            const bool is_signed = data_.type == dtype::int8;
            of_byte_[i] = is_signed ? scaled(static_cast<std::int8_t>(value)) : scaled(value);
        }
    }

  public:
    /// Takes an array whose first axis counts samples. `name`, the file's, is for messages. Throws `failure`
    /// (malformed) when there is no sample or a sample holds nothing.
    explicit dataset(array data, std::string_view name, double scale = 1, double shift = 0)
        : data_(std::move(data)), name_(name), scale_(scale), shift_(shift) {
        if (data_.shape.empty()) fail_malformed(name, "is a single number; the first axis must count samples");
        if (data_.size() == 0) fail_malformed(name, "holds no samples: its shape is ", detail::text_of(data_.shape));
        sample_size_ = data_.size() / size();
        if (holds_bytes()) fill_table();
    }

    /// Reads the one array of a file. Throws as read_array() and the constructor do.
    [[nodiscard]] static dataset load(const std::string& path, double scale = 1, double shift = 0,
                                      std::uint64_t limit = default_file_limit) {
        return dataset(read_array(path, limit), path, scale, shift);
    }

    /// The array's shape; the first axis counts samples.
    [[nodiscard]] const std::vector<std::int64_t>& shape() const { return data_.shape; }

    /// Number of samples, at least 1.
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(data_.shape.front()); }

    /// Elements of one sample, at least 1.
    [[nodiscard]] std::size_t sample_size() const { return sample_size_; }

    [[nodiscard]] dtype element() const { return data_.type; }

    /// The whole array becomes one sample.
    void become_one_sample() {
        data_.shape.insert(data_.shape.begin(), 1);
        sample_size_ = data_.size();
    }

    /// What messages call the samples.
    [[nodiscard]] const std::string& name() const { return name_; }

    /// Sample `index` (below size()) into `out` (sample_size() floats). NaN and infinity pass.
    void sample(std::size_t index, std::span<float> out) const {
        check_place(index, out.size());
        const std::size_t begin = index * sample_size_;
        if (holds_bytes()) {
            for (std::size_t i = 0; i < sample_size_; ++i)
                out[i] = of_byte_[static_cast<unsigned char>(data_.bytes[begin + i])];
            return;
        }
        data_.visit([&](auto element_at) {
            for (std::size_t i = 0; i < sample_size_; ++i) out[i] = scaled(element_at(begin + i));
        });
    }

    /// The same; throws `failure` (malformed), naming file, sample and element, unless every element is finite.
    void finite_sample(std::size_t index, std::span<float> out) const {
        sample(index, out);
        const auto bad = std::find_if(out.begin(), out.end(), [](float x) { return !std::isfinite(x); });
        if (bad != out.end())
            fail_malformed(name_, "sample ", index, ": element ", bad - out.begin(), " is ", *bad,
                           "; samples must be finite: remove or repair it");
    }

    /// Sample `index` into `out`, neither scaled nor shifted, as integers or booleans. Throws `failure` (malformed),
    /// naming file, sample and element, unless each is a whole number that `T` holds.
    template <class T> void numbers(std::size_t index, std::span<T> out) const {
        check_place(index, out.size());
        data_.visit([&](auto element_at) {
            for (std::size_t i = 0; i < sample_size_; ++i)
                out[i] = number<T>(element_at(index * sample_size_ + i), index, i);
        });
    }
};

/// Class labels: one whole number from 0 per sample, shape (N,) or (N, 1). Throws `failure` (malformed) for another
/// shape and for a label that is negative or no whole number, naming its index; `name`, the file's, is for messages.
[[nodiscard]] inline std::vector<std::int64_t> labels_of(const array& data, std::string_view name) {
    const bool column = data.shape.size() == 2 && data.shape[1] == 1;
    if (data.shape.size() != 1 && !column)
        fail_malformed(name, "labels must have the shape (N,), not ", detail::text_of(data.shape));
    std::vector<std::int64_t> out(data.size());
    data.visit([&](auto label_at) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto label = static_cast<double>(label_at(i));
            if (!(label >= 0 && label <= 2147483647 && std::floor(label) == label))
                fail_malformed(name, "label ", i, " is ", label, "; labels are whole numbers from 0");
            out[i] = static_cast<std::int64_t>(label);
        }
    });
    return out;
}

/// The same, the one array of a file.
[[nodiscard]] inline std::vector<std::int64_t> labels(const std::string& path,
                                                      std::uint64_t limit = default_file_limit) {
    return labels_of(read_array(path, limit), path);
}

/// The number of samples that a run uses: all, or the first `wanted`. Throws `failure` (malformed) if there are none.
[[nodiscard]] inline std::size_t sample_count(std::span<const dataset> data, std::size_t wanted,
                                              std::string_view name) {
    const std::size_t there = data.empty() ? 0 : data[0].size();
    if (there == 0) fail_malformed(name, "holds no samples; at least one is required");
    return wanted == 0 ? there : std::min(wanted, there);
}

/// Throws `failure` (malformed) unless samples fit an input of this shape and name, and are as many as those of the
/// first, which may be `data` itself: the axes after the first must be the input's, with or without its leading batch
/// axis of 1. An array that does not fit so, and has the input's own shape, becomes one sample.
inline void fit_to(dataset& data, const dataset& first, const ctq::shape& input, std::string_view name) {
    const auto extents_from = [&](int axis) {
        return std::vector<std::int64_t>(input.extent.begin() + axis, input.extent.begin() + input.rank);
    };
    const std::vector<std::int64_t> sample(data.shape().begin() + 1, data.shape().end());
    const bool batched = input.rank > 0 && input[0] == 1, image = batched && input.rank == 4 && input[1] == 1;
    if (sample != extents_from(0) && !(batched && sample == extents_from(1)) && !(image && sample == extents_from(2))) {
        if (data.shape() != extents_from(0))
            fail_malformed(data.name(), "has shape ", detail::text_of(data.shape()), ", input ", in_quotes(name), " ",
                           detail::text_of(extents_from(0)), "; after the axis of samples the shapes must agree");
        data.become_one_sample();
    }
    if (data.size() != first.size())
        fail_malformed(data.name(), "holds ", data.size(), " samples and ", printable_path(first.name()), " ",
                       first.size(), "; give every input the same number");
}

} // namespace ctq::inline CTQ_TARGET::host
