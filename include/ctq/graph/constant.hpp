#pragma once
// constant: the elements of a tensor in memory of its own, of any element type.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/core/tensor.hpp>
#include <ctq/graph/visit_variant.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

namespace ctq::inline CTQ_TARGET {

/// A vector of one element type; two int4 share an entry. Empty and float32 when default-made.
class constant {
    std::variant<std::vector<float>, std::vector<std::int8_t>, std::vector<std::uint8_t>, std::vector<std::int16_t>,
                 std::vector<std::int32_t>, std::vector<boolean>, std::vector<int4_pair>, std::vector<std::uint16_t>,
                 std::vector<std::int64_t>>
        elements_;

  public:
    constexpr constant() = default;
    template <class T> constexpr explicit constant(std::vector<T> elements) : elements_(std::move(elements)) {}
    constexpr constant(const constant&) = default;
    constexpr constant(constant&&) = default;
    constexpr ~constant() = default;
    // Clang refuses a variant that changes its alternative in a constant expression; one that is made anew it takes.
    constexpr constant& operator=(constant other) noexcept {
        std::destroy_at(&elements_);
        std::construct_at(&elements_, std::move(other.elements_));
        return *this;
    }

    /// So many zeros of a type.
    static constexpr constant zeros(dtype type, std::size_t elements) {
        return with_element_type(
            type, [&](auto zero) { return constant(std::vector<decltype(zero)>(entries_of(type, elements), zero)); });
    }

    /// The vector, which must be of this type.
    template <class T> constexpr const std::vector<T>& as() const { return holding<T>(elements_); }
    template <class T> constexpr std::vector<T>& as() { return holding<T>(elements_); }
    template <class T> constexpr bool is() const { return std::holds_alternative<std::vector<T>>(elements_); }

    /// Calls visitor(vector).
    template <class Visitor> constexpr decltype(auto) visit(Visitor&& visitor) const {
        return visit_variant(visitor, elements_);
    }
    template <class Visitor> constexpr decltype(auto) visit(Visitor&& visitor) {
        return visit_variant(visitor, elements_);
    }

    constexpr dtype type() const {
        return visit(
            [](const auto& each) { return dtype_of<typename std::remove_cvref_t<decltype(each)>::value_type>; });
    }
    constexpr std::size_t entries() const {
        return visit([](const auto& each) { return each.size(); });
    }
    constexpr const_data view() const {
        return visit([](const auto& each) { return const_data(each.data()); });
    }
    constexpr data writable() {
        return visit([](auto& each) { return data(each.data()); });
    }

    friend constexpr bool operator==(const constant&, const constant&) = default;

  private:
    template <class T, class Variant> static constexpr auto& holding(Variant& elements) {
        auto* found = std::get_if<std::vector<T>>(&elements);
        require(found != nullptr, "the elements of a constant were read as another type than theirs");
        return *found;
    }
};

} // namespace ctq::inline CTQ_TARGET
