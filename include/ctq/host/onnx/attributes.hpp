#pragma once
// The attributes of one ONNX node as an operator wants them: of the right type, and in the range of its own members.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/model.hpp>
#include <ctq/host/source/node_fault.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

using source::node_fault;

/// Borrowed view of a node's attributes. Every read throws `node_fault` (malformed) for an attribute of another type or
/// a number that does not fit; an attribute that is not there gives what is `absent`.
class node_attributes {
    const node* node_;

    [[nodiscard]] const attribute* find(std::string_view name, attribute_type type) const {
        const attribute* found = node_->find(name);
        if (found != nullptr && found->type != type)
            throw node_fault{exit_code::malformed, message("attribute ", in_quotes(name), " is of type ",
                                                           name_of(found->type), "; ", name_of(type), " is required")};
        return found;
    }

    static std::int32_t narrow(std::string_view name, std::int64_t value) {
        if (value != source::saturated(value))
            throw node_fault{exit_code::malformed,
                             message("attribute ", in_quotes(name), " holds ", value, ", which does not fit 32 bits")};
        return static_cast<std::int32_t>(value);
    }

  public:
    explicit node_attributes(const node& owner) : node_(&owner) {}

    [[nodiscard]] std::int32_t integer(std::string_view name, std::int32_t absent) const {
        const attribute* found = find(name, attribute_type::integer);
        return found == nullptr ? absent : narrow(name, found->i);
    }

    /// The same; beyond 32 bits the nearest there.
    [[nodiscard]] std::int32_t saturated_integer(std::string_view name, std::int32_t absent) const {
        const attribute* found = find(name, attribute_type::integer);
        return found == nullptr ? absent : source::saturated(found->i);
    }

    /// Empty when the attribute is not there.
    [[nodiscard]] std::vector<std::int32_t> integers(std::string_view name) const {
        std::vector<std::int32_t> out;
        if (const attribute* found = find(name, attribute_type::integers))
            for (const std::int64_t value : found->ints) out.push_back(narrow(name, value));
        return out;
    }

    /// The same; what lies beyond 32 bits (ONNX writes "to the end" so) is the nearest there.
    [[nodiscard]] std::vector<std::int32_t> saturated_integers(std::string_view name) const {
        std::vector<std::int32_t> out;
        if (const attribute* found = find(name, attribute_type::integers))
            for (const std::int64_t value : found->ints) out.push_back(source::saturated(value));
        return out;
    }

    [[nodiscard]] std::vector<float> reals(std::string_view name) const {
        const attribute* found = find(name, attribute_type::reals);
        return found == nullptr ? std::vector<float>() : found->floats;
    }

    [[nodiscard]] std::vector<std::string> strings(std::string_view name) const {
        const attribute* found = find(name, attribute_type::strings);
        return found == nullptr ? std::vector<std::string>() : found->strings;
    }

    [[nodiscard]] float real(std::string_view name, float absent) const {
        const attribute* found = find(name, attribute_type::real);
        return found == nullptr ? absent : found->f;
    }

    [[nodiscard]] std::string string(std::string_view name, std::string_view absent) const {
        const attribute* found = find(name, attribute_type::string);
        return std::string(found == nullptr ? absent : std::string_view(found->s));
    }

    /// Null when the attribute is not there.
    [[nodiscard]] const source::file_tensor* tensor(std::string_view name) const {
        const attribute* found = find(name, attribute_type::tensor);
        return found == nullptr ? nullptr : &found->t();
    }

    /// "strides 2,2; group 4": the numbers among the attributes, for messages; lists are cut after 8.
    [[nodiscard]] std::string numbers() const {
        static constexpr std::size_t shown = 8;
        std::string out;
        const auto list = [](const auto& values) {
            std::string text;
            for (std::size_t i = 0; i < std::min(values.size(), shown); ++i)
                text += message(i == 0 ? "" : ",", values[i]);
            return text + (values.size() > shown ? ",..." : "");
        };
        for (const attribute& a : node_->attributes) {
            std::string value;
            if (a.type == attribute_type::integer) value = message(a.i);
            if (a.type == attribute_type::real) value = message(a.f);
            if (a.type == attribute_type::integers) value = list(a.ints);
            if (a.type == attribute_type::reals) value = list(a.floats);
            if (!value.empty()) out += message(out.empty() ? "" : "; ", printable(a.name), " ", value);
        }
        return out;
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx
