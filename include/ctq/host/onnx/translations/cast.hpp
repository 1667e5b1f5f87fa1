#pragma once
// Cast and CastLike.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/operators/cast.hpp>
#include <ctq/operators/identity.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// A type that ctq's stands for without loss. All reals are float32 (see read_as).
constexpr bool is_cast_to(data_type type) {
    switch (type) {
    case data_type::float32:
    case data_type::float64:
    case data_type::float16:
    case data_type::boolean:
    case data_type::int8:
    case data_type::uint8:
    case data_type::int16:
    case data_type::uint16:
    case data_type::int32:
    case data_type::int64:
        return true;
    default:
        return false;
    }
}

template <source_node Node> void finish_cast(Node& in, dtype to) {
    const int from = in.input(0);
    in.finish(in.type_of(0) == to ? in.emit(op::identity{}, {from}) : in.emit(op::cast{to}, {from}));
}

} // namespace detail

struct cast : translation_to<op::cast> {
    using also_makes = operator_list<op::identity>;
    static constexpr std::string_view name = "Cast";
    static constexpr version_range versions{6};

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 1, "one input is required");
        const auto to = static_cast<data_type>(in.integer("to", 0));
        in.check(to != data_type::undefined, "the type `to` is required");
        if (!detail::is_cast_to(to)) in.support(false, message("a cast to ", onnx::name_of(to), " is not supported"));
        detail::finish_cast(in, read_as(to));
    }
};

struct cast_like : translation_to<op::cast> {
    using also_makes = operator_list<op::identity>;
    static constexpr std::string_view name = "CastLike";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        detail::finish_cast(in, in.type_of(1));
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
