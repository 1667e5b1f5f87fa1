#pragma once
// Cast and CastLike.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/model.hpp>
#include <ctq/host/onnx/translation.hpp>
#include <ctq/host/source/source_type.hpp>
#include <ctq/operators/cast.hpp>
#include <ctq/operators/identity.hpp>

#include <string_view>

namespace ctq::inline CTQ_TARGET::host::onnx::translations {

namespace detail {

/// Of the types that are read as others (see read_as) DOUBLE is float32, of which is known what it has lost. To reals
/// of fewer digits constants are rounded; what a network computes is float32, and is not. Larger unsigned integers are
/// no type to cast to.
template <source_node Node> void finish_cast(Node& in, dtype to, source::foreign_type as) {
    using enum source::foreign_type;
    in.support(as != uint32 && as != uint64, message("a cast to ", name_of(as), " is not supported"));
    in.support(
        as == none || as == float64 || in.is_constant(0),
        message("a cast of other than constants to ", name_of(as), " is not supported; export the model in FLOAT"));
    const int from = in.input(0);
    const int made = in.type_of(0) == to ? in.emit(op::identity{}, {from}) : in.emit(op::cast{to}, {from});
    in.finish(in.cast_as(made, from, as));
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
        in.support(width_of(to) != 0, message("a cast to ", onnx::name_of(to), " is not supported"));
        detail::finish_cast(in, read_as(to), foreign_type_of(to));
    }
};

struct cast_like : translation_to<op::cast> {
    using also_makes = operator_list<op::identity>;
    static constexpr std::string_view name = "CastLike";

    template <source_node Node> static void translate(Node& in) {
        in.check(in.input_count() == 2, "two inputs are required");
        detail::finish_cast(in, in.type_of(1), in.source_type_of(1).type);
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx::translations
