#pragma once
// The elements of an ONNX tensor: which field holds them, how many there must be, and their conversion.
// room: host | runs on: host | heap: yes

#include <ctq/host/bytes.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/external_data.hpp>
#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/session.hpp>
#include <ctq/host/onnx/wire.hpp>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx::detail {

// The fields of a TensorProto that carry elements, by their numbers.
enum payload_field : std::uint32_t {
    float_data = 4,
    int32_data = 5,
    string_data = 6,
    int64_data = 7,
    raw_data = 9,
    double_data = 10,
    uint64_data = 11
};

inline payload_field typed_field_of(data_type type) {
    switch (type) {
    case data_type::float32:
        return float_data;
    case data_type::float64:
        return double_data;
    case data_type::int64:
        return int64_data;
    case data_type::uint32:
    case data_type::uint64:
        return uint64_data;
    default:
        return int32_data;
    }
}

inline const char* name_of(payload_field field) {
    switch (field) {
    case float_data:
        return "float_data";
    case int32_data:
        return "int32_data";
    case string_data:
        return "string_data";
    case int64_data:
        return "int64_data";
    case raw_data:
        return "raw_data";
    case double_data:
        return "double_data";
    case uint64_data:
        return "uint64_data";
    }
    return "data";
}

// Calls `use(value)` with every element of little-endian bytes.
template <typename Value, typename Use> void each_element(std::string_view bytes, Use use) {
    for (std::size_t i = 0; i + sizeof(Value) <= bytes.size(); i += sizeof(Value)) use(load<Value>(bytes.data() + i));
}

// Puts elements into a tensor and counts them; keeps no more than the shape needs.
class element_sink {
    tensor* out_;
    data_type from_;
    std::uint64_t wanted_;
    std::uint64_t count_ = 0;
    std::uint64_t out_of_range_ = 0; // 1 + index of the first

    [[nodiscard]] bool fits(std::int64_t value) const {
        switch (from_) {
        case data_type::uint8:
            return value >= 0 && value <= 255;
        case data_type::int8:
            return value >= -128 && value <= 127;
        case data_type::uint16:
        case data_type::float16:
        case data_type::bfloat16:
            return value >= 0 && value <= 65535;
        case data_type::int16:
            return value >= -32768 && value <= 32767;
        case data_type::int32:
            return value >= std::numeric_limits<std::int32_t>::min() &&
                   value <= std::numeric_limits<std::int32_t>::max();
        case data_type::uint32:
            return value >= 0 && value <= std::numeric_limits<std::uint32_t>::max();
        case data_type::uint64:
            return value >= 0; // above 2^63 - 1 it arrives as a negative number
        case data_type::boolean:
            return value == 0 || value == 1;
        default:
            return true;
        }
    }

  public:
    element_sink(tensor& out, data_type from, std::uint64_t wanted) : out_(&out), from_(from), wanted_(wanted) {
        if (out.is_real())
            out.floats.reserve(static_cast<std::size_t>(wanted));
        else
            out.integers.reserve(static_cast<std::size_t>(wanted));
    }

    void real(float value) {
        if (count_++ < wanted_) out_->floats.push_back(value);
    }

    // What is finite as a double alone does not fit, unless it is a bound (Clip), for which infinity will do.
    void real(double value) {
        const float nearest = from_double(value);
        if (static_cast<double>(nearest) != value) out_->source.elements = source::fidelity::nearest;
        if (wanted_ > 1 && std::isinf(nearest) && !std::isinf(value) && out_of_range_ == 0) out_of_range_ = count_ + 1;
        real(nearest);
    }

    void integer(std::int64_t value) {
        if (!fits(value) && out_of_range_ == 0) out_of_range_ = count_ + 1;
        if (from_ == data_type::float16) return real(from_float16(static_cast<std::uint16_t>(value)));
        if (from_ == data_type::bfloat16) return real(from_bfloat16(static_cast<std::uint16_t>(value)));
        if (count_++ < wanted_) out_->integers.push_back(value);
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t out_of_range() const { return out_of_range_; }
};

// A TensorProto in two passes: first what it says about itself, then its elements.
class tensor_reader {
    std::string_view bytes_;
    session* session_;
    std::string where_;
    tensor out_;
    std::uint32_t present_ = 0; // bit n: element field n is there and not empty
    std::string_view raw_;
    std::vector<external_entry> entries_;
    bool external_ = false;
    bool segmented_ = false;
    std::int32_t type_number_ = 0;
    data_type type_ = data_type::undefined;

    template <typename... Parts> void malformed(const Parts&... what) { session_->malformed(where_, ": ", what...); }

    void take_dim(std::uint64_t value) {
        session_->spend_fields(1);
        if (out_.dims.size() <= session_->allowed.max_rank) out_.dims.push_back(static_cast<std::int64_t>(value));
    }

    void take_entry(std::string_view bytes) {
        external_entry out;
        wire fields(bytes, *session_, "StringStringEntryProto");
        fields.read_fields(field{1, into(out.key)}, field{2, into(out.value)});
        if (entries_.size() >= 32) fail_malformed(session_->path, where_, ": more than 32 entries of external_data");
        entries_.push_back(out);
    }

    void note_payload(wire& field) {
        const std::uint32_t tag = field.tag();
        const bool packed = field.is_bytes();
        const std::string_view content = packed ? field.bytes() : std::string_view{};
        if (!packed) field.skip();
        if (tag == raw_data && (present_ & (1U << raw_data)) != 0) malformed("raw_data given twice");
        if (tag == raw_data) raw_ = content;
        if (!packed || !content.empty()) present_ |= 1U << tag;
    }

    void note_segment(wire& at) {
        segmented_ = true;
        at.skip();
    }

    void survey() {
        const auto payload = [this](wire& at) { note_payload(at); };
        wire fields(bytes_, *session_, "TensorProto");
        fields.read_fields(
            field{1, [&](wire& at) { at.each_integer([&](std::uint64_t each) { take_dim(each); }); }}, // dims
            field{2, [&](wire& at) { type_number_ = static_cast<std::int32_t>(at.integer()); }},       // data_type
            field{3, [&](wire& at) { note_segment(at); }},                                             // segment
            field{float_data, payload}, field{int32_data, payload}, field{string_data, payload},
            field{int64_data, payload}, field{raw_data, payload}, field{double_data, payload},
            field{uint64_data, payload},                                  // each payload_field
            field{8, into(out_.name)},                                    // name
            field{13, [&](wire& at) { take_entry(at.bytes()); }},         // external_data
            field{14, [&](wire& at) { external_ = at.integer() == 1; }}); // data_location
    }

    // False after a fault.
    [[nodiscard]] bool has_type() {
        const std::int32_t number = type_number_;
        if (number <= 0 || number > last_known_data_type) {
            malformed("data_type ", number, " is not an ONNX element type");
            return false;
        }
        type_ = static_cast<data_type>(number);
        out_.type = read_as(type_);
        out_.source.type = foreign_type_of(type_);
        return true;
    }

    // Whether the payload can be decoded; where it cannot, only a node that reads it is at fault.
    [[nodiscard]] bool is_readable() {
        if (width_of(type_) == 0)
            out_.unreadable = unreadable_type(type_);
        else if (segmented_)
            out_.unreadable = message("is a segmented tensor of type ", onnx::name_of(type_),
                                      ", which is not supported; export the model again");
        return out_.unreadable.empty();
    }

    // The number of elements, or false after a fault.
    [[nodiscard]] bool count_elements(std::uint64_t& count) {
        const auto& dims = out_.dims;
        count = 1;
        if (dims.size() > session_->allowed.max_rank) {
            malformed("has more than ", session_->allowed.max_rank, " dimensions");
            return false;
        }
        for (const std::int64_t dim : dims) {
            const bool empty_list = dim == 0 && dims.size() == 1;
            if (dim < 0 || dim > std::numeric_limits<std::int32_t>::max() || (dim == 0 && !empty_list)) {
                malformed("dimension ", dim, " is not between 1 and 2147483647");
                return false;
            }
            const auto size = static_cast<std::uint64_t>(dim);
            if (size != 0 && count > std::numeric_limits<std::uint64_t>::max() / 16 / size) {
                malformed("the product of its dimensions overflows");
                return false;
            }
            count *= size;
        }
        return true;
    }

    void spend(std::uint64_t count) {
        session_->elements += count;
        if (session_->elements > session_->allowed.max_elements)
            fail_malformed(session_->path, where_, ": the constants hold more than ", session_->allowed.max_elements,
                           " elements together (the limit)");
    }

    void decode_bytes(std::string_view bytes, element_sink& sink) {
        const auto integer = [&](auto value) { sink.integer(static_cast<std::int64_t>(value)); };
        switch (type_) {
        case data_type::float32:
            return each_element<float>(bytes, [&](float v) { sink.real(v); });
        case data_type::float64:
            return each_element<double>(bytes, [&](double v) { sink.real(v); });
        case data_type::uint8:
        case data_type::boolean:
            return each_element<std::uint8_t>(bytes, integer);
        case data_type::int8:
            return each_element<std::int8_t>(bytes, integer);
        case data_type::int16:
            return each_element<std::int16_t>(bytes, integer);
        case data_type::uint16:
        case data_type::float16:
        case data_type::bfloat16:
            return each_element<std::uint16_t>(bytes, integer);
        case data_type::int32:
            return each_element<std::int32_t>(bytes, integer);
        case data_type::uint32:
            return each_element<std::uint32_t>(bytes, integer);
        default:
            return each_element<std::int64_t>(bytes, integer);
        }
    }

    void decode_field(payload_field wanted, element_sink& sink) {
        wire field(bytes_, *session_, "TensorProto");
        while (field.next()) {
            if (field.tag() != wanted) {
                field.skip();
            } else if (wanted == float_data) {
                field.each_float([&](float v) { sink.real(v); });
            } else if (wanted == double_data) {
                field.each_double([&](double v) { sink.real(v); });
            } else {
                field.each_integer([&](std::uint64_t v) { sink.integer(static_cast<std::int64_t>(v)); });
            }
        }
    }

    void decode_raw(std::string_view bytes, std::uint64_t count) {
        const std::uint64_t expected = count * width_of(type_);
        if (bytes.size() != expected)
            return malformed("raw_data has ", bytes.size(), " bytes, its shape needs ", expected);
        spend(count);
        decode_all(bytes, count);
    }

    void decode_all(std::string_view bytes, std::uint64_t count) {
        element_sink sink(out_, type_, count);
        decode_bytes(bytes, sink);
        check_elements(sink);
    }

    void decode_typed(std::uint64_t count) {
        const payload_field field = typed_field_of(type_);
        const std::uint32_t others = present_ & ~(1U << field);
        if (others != 0)
            return malformed("its elements of type ", onnx::name_of(type_), " stand in ",
                             name_of(static_cast<payload_field>(std::countr_zero(others))), ", not in ",
                             name_of(field));
        if (count > bytes_.size()) // an element takes one byte at least: do not reserve what cannot come
            return malformed(name_of(field), " has at most ", bytes_.size(), " elements, its shape needs ", count);
        spend(count);
        element_sink sink(out_, type_, count);
        decode_field(field, sink);
        if (sink.count() != count)
            return malformed(name_of(field), " has ", sink.count(), " elements, its shape needs ", count);
        check_elements(sink);
    }

    void decode_external(std::uint64_t count) {
        if (present_ != 0) return malformed("has elements in the model and in an external file");
        const external_data source(entries_, where_, *session_);
        spend(count);
        out_.external = true;
        decode_all(source.read(count * width_of(type_)), count);
    }

    // The file's type may hold it, and ctq's not: then only a node that reads it is at fault.
    void tell_out_of_range(std::uint64_t element) {
        if (type_ != data_type::float64 && type_ != data_type::uint64)
            return malformed("element ", element, " does not fit ", onnx::name_of(type_));
        out_.floats.clear();
        out_.integers.clear();
        out_.unreadable = message("is of type ", onnx::name_of(type_), " and holds in element ", element,
                                  " a number that does not fit ", type_ == data_type::float64 ? "FLOAT" : "INT64",
                                  ", which is not supported; export the model with smaller numbers");
    }

    void check_elements(const element_sink& sink) {
        if (sink.out_of_range() != 0) return tell_out_of_range(sink.out_of_range() - 1);
        float largest = 0;
        std::size_t largest_at = 0;
        for (std::size_t i = 0; i < out_.floats.size(); ++i) {
            const float value = out_.floats[i];
            // An infinity is a bound (Clip) or a mask; what it is damage to, weights, says so when it is imported.
            if (std::isnan(value)) return malformed("element ", i, " is ", value, "; train or export the model again");
            if (std::fabs(value) > largest && !std::isinf(value)) {
                largest = std::fabs(value);
                largest_at = i;
            }
        }
        if (largest >= 1e10F && out_.floats.size() > 1)
            session_->warn(where_, ": element ", largest_at, " is ", out_.floats[largest_at],
                           "; quantized with it, as weights are, all small elements become 0");
    }

  public:
    /// `where` tells the tensor's place ("node 'c' (Constant): attribute 'value'"); when empty its own name does.
    tensor_reader(std::string_view bytes, session& owner, std::string where)
        : bytes_(bytes), session_(&owner), where_(std::move(where)) {}

    [[nodiscard]] tensor read() && {
        survey();
        if (where_.empty()) where_ = message("initializer ", in_quotes(out_.name));
        std::uint64_t count = 0;
        if (!has_type() || !count_elements(count) || !is_readable()) return std::move(out_);
        if (std::popcount(present_) > 1)
            malformed("has elements in both ", name_of(static_cast<payload_field>(std::countr_zero(present_))), " and ",
                      name_of(static_cast<payload_field>(std::bit_width(present_) - 1)));
        else if (external_)
            decode_external(count);
        else if ((present_ & (1U << raw_data)) != 0)
            decode_raw(raw_, count);
        else
            decode_typed(count);
        return std::move(out_);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::detail
