#pragma once
// One protobuf message of an ONNX file, read field by field with every length and wire type checked.
// room: host | runs on: host | heap: only for error texts

#include <ctq/host/failure.hpp>
#include <ctq/host/onnx/session.hpp>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

namespace detail {

// One row of a message's table: the number of a field, and what takes it from the wire.
template <class Take> struct field {
    std::uint32_t number;
    Take take;
};
template <class Take> field(std::uint32_t, Take) -> field<Take>;

// A cursor over one message. `name` is its type in onnx.proto, for messages.
class wire {
    protozero::pbf_reader reader_;
    session* session_;
    const char* name_;

    [[nodiscard]] std::size_t position() const {
        return static_cast<std::size_t>(reader_.data().data() - session_->begin);
    }

    template <typename... Parts> [[noreturn]] void corrupt(const Parts&... what) const {
        fail_malformed(session_->path, "is not a complete ONNX model: ", name_, " at byte ", position(), ": ", what...,
                       "; export or download it again");
    }

    static const char* describe(const protozero::exception& error) {
        if (dynamic_cast<const protozero::end_of_buffer_exception*>(&error) != nullptr) return "truncated";
        if (dynamic_cast<const protozero::varint_too_long_exception*>(&error) != nullptr)
            return "a number of more than 10 bytes";
        if (dynamic_cast<const protozero::unknown_pbf_wire_type_exception*>(&error) != nullptr)
            return "an unknown wire type";
        if (dynamic_cast<const protozero::invalid_tag_exception*>(&error) != nullptr) return "an illegal field number";
        return "a packed list whose length is no multiple of its element";
    }

    // protozero cuts lengths to 32 bits, so that 2^63 would read as 0: look at the whole number first.
    void check_length() const {
        const auto rest = reader_.data();
        const char* cursor = rest.data();
        const char* end = rest.data() + rest.size();
        const std::uint64_t length = protozero::decode_varint(&cursor, end);
        const auto left = static_cast<std::uint64_t>(end - cursor);
        if (length > left)
            corrupt("truncated: field ", std::uint32_t{reader_.tag()}, " says ", length, " bytes, ", left, " are left");
    }

    void expect(protozero::pbf_wire_type type) const {
        if (reader_.wire_type() != type)
            corrupt("field ", std::uint32_t{reader_.tag()}, " has wire type ",
                    static_cast<std::uint32_t>(reader_.wire_type()), ", not ", static_cast<std::uint32_t>(type));
    }

    template <typename Read> auto guarded(Read read) const {
        try {
            return read();
        } catch (const protozero::exception& error) {
            corrupt(describe(error));
        }
    }

  public:
    wire(std::string_view bytes, session& owner, const char* name)
        : reader_(bytes.data(), bytes.size()), session_(&owner), name_(name) {}

    /// Moves to the next field; false at the end of the message. Each field must then be read or skipped once.
    [[nodiscard]] bool next() {
        return guarded([&] {
            if (!reader_.next()) return false;
            session_->spend_fields(1);
            if (reader_.wire_type() == protozero::pbf_wire_type::length_delimited) check_length();
            return true;
        });
    }

    /// Reads the rest of the message by a table, in the message's order. Each `take(wire&)` reads or skips its field
    /// once; a number stands in one row, and fields that no row names are skipped.
    template <class... Takes> void read_fields(const field<Takes>&... table) {
        const auto taken = [this](const auto& row) {
            if (row.number != tag()) return false;
            row.take(*this);
            return true;
        };
        while (next())
            if (!(taken(table) || ...)) skip();
    }

    [[nodiscard]] std::uint32_t tag() const { return reader_.tag(); }

    [[nodiscard]] bool is_bytes() const { return reader_.wire_type() == protozero::pbf_wire_type::length_delimited; }

    void skip() {
        guarded([&] { reader_.skip(); });
    }

    [[nodiscard]] std::int64_t integer() {
        expect(protozero::pbf_wire_type::varint);
        return guarded([&] { return reader_.get_int64(); });
    }

    [[nodiscard]] float real() {
        expect(protozero::pbf_wire_type::fixed32);
        return guarded([&] { return reader_.get_float(); });
    }

    /// A string or an embedded message. The view lives as long as the file's bytes.
    [[nodiscard]] std::string_view bytes() {
        expect(protozero::pbf_wire_type::length_delimited);
        const auto view = guarded([&] { return reader_.get_view(); });
        return {view.data(), view.size()};
    }

    [[nodiscard]] std::string text() { return std::string(bytes()); }

    /// As bytes(), for a field that may stand only once: protobuf would merge or overwrite, a writer never does that.
    [[nodiscard]] std::string_view bytes_once(bool& seen, const char* field) {
        if (std::exchange(seen, true)) corrupt(field, " given twice");
        return bytes();
    }

    /// Calls `use(uint64_t)` for each number of a repeated varint field, packed or not.
    template <typename Use> void each_integer(Use use) {
        if (reader_.wire_type() == protozero::pbf_wire_type::varint) return use(static_cast<std::uint64_t>(integer()));
        expect(protozero::pbf_wire_type::length_delimited);
        guarded([&] {
            for (const std::uint64_t value : reader_.get_packed_uint64()) use(value);
        });
    }

    /// Calls `use(float)` for each number of a repeated float field, packed or not.
    template <typename Use> void each_float(Use use) {
        if (reader_.wire_type() == protozero::pbf_wire_type::fixed32) return use(real());
        expect(protozero::pbf_wire_type::length_delimited);
        guarded([&] {
            for (const float value : reader_.get_packed_float()) use(value);
        });
    }

    /// Calls `use(double)` for each number of a repeated double field, packed or not.
    template <typename Use> void each_double(Use use) {
        if (reader_.wire_type() == protozero::pbf_wire_type::fixed64)
            return use(guarded([&] { return reader_.get_double(); }));
        expect(protozero::pbf_wire_type::length_delimited);
        guarded([&] {
            for (const double value : reader_.get_packed_double()) use(value);
        });
    }
};

inline void take(wire& from, std::string& to) {
    to = from.text();
}
inline void take(wire& from, std::string_view& to) {
    to = from.bytes();
}
inline void take(wire& from, float& to) {
    to = from.real();
}
inline void take(wire& from, std::int64_t& to) {
    to = from.integer();
}
template <class Value> void take(wire& from, std::optional<Value>& to) {
    take(from, to.emplace());
}
template <class Value> void take(wire& from, std::vector<Value>& to) {
    take(from, to.emplace_back());
}

/// Takes a field into a member, whose type tells how the field is read; a repeated one joins the end of a list.
template <class Member> [[nodiscard]] auto into(Member& member) {
    return [&member](wire& from) { take(from, member); };
}

} // namespace detail
} // namespace ctq::inline CTQ_TARGET::host::onnx
