#pragma once
// source_text: C++ source that grows line by line: lists wrapped at 120 columns, tensors as arrays.
// room: host | runs on: host | heap: yes | the same text in every locale

#include <ctq/core/tensor.hpp>
#include <ctq/host/emit/literals.hpp>
#include <ctq/host/failure.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ctq::inline CTQ_TARGET::host::emit::detail {

/// The type of an array's elements in an emitted header.
[[nodiscard]] inline std::string element_name(dtype type) {
    if (type == dtype::float32) return "float";
    if (type == dtype::boolean) return "ctq::boolean";
    return type == dtype::int4 ? "ctq::int4_pair" : message("std::", name_of(type), "_t");
}

/// `text` after `indent`, broken at ", " so that no line passes 120 columns where that can be; the next lines begin
/// with `next`.
[[nodiscard]] inline std::string wrapped(std::string_view text, std::string_view indent, std::string_view next) {
    constexpr std::size_t columns = 120;
    std::string out(indent);
    std::size_t line = indent.size(), begin = line;
    while (!text.empty()) {
        const std::size_t comma = text.find(", ");
        const std::size_t length = comma == text.npos ? text.size() : comma + 2;
        const std::size_t shown = comma == text.npos ? length : comma + 1;
        if (line + shown > columns && line > begin) {
            out.pop_back();
            out += message("\n", next);
            line = begin = next.size();
        }
        out += text.substr(0, length);
        line += length;
        text.remove_prefix(length);
    }
    return out;
}

/// `text_of` each item, with ", " between two.
template <class Items, class TextOf> [[nodiscard]] std::string comma_list(const Items& items, TextOf text_of) {
    std::string out;
    for (const auto& each : items) out += message(out.empty() ? "" : ", ", text_of(each));
    return out;
}

/// Source that grows line by line.
class source_text {
  public:
    template <class... Parts> void line(const Parts&... parts) { text_ += message(parts..., "\n"); }

    /// The definition of a constant array of a tensor's elements, and an empty line.
    void array(std::string_view name, const const_tensor& tensor) {
        require(tensor.size() > 0, "a tensor without elements cannot be emitted");
        text_ += message("alignas(16) inline constexpr ", element_name(tensor.facts.type), " ", name, "[] = ");
        with_element_type(tensor.facts.type, [&](auto element) {
            append_list(text_, std::span(tensor.template as<decltype(element)>(),
                                         entries_of(tensor.facts.type, tensor.size())));
        });
        line();
    }

    [[nodiscard]] std::string str() && { return std::move(text_); }

  private:
    std::string text_;
};

} // namespace ctq::inline CTQ_TARGET::host::emit::detail
