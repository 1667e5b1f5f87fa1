// error: ctq: import: an operator of the registry is required; add what is emitted: registry.with<op>()
#include <ctq/host/onnx/import.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

struct square_root {
    static constexpr std::string_view name = "square_root";
    static constexpr std::string_view cpp_name = "square_root";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const square_root&, const square_root&) = default;
    constexpr float operator()(float x) const { return x; }
};

struct square_of_onnx {
    using registered_kind = ctq::translation_tag;
    using makes = square_root;
    static constexpr std::string_view source = "onnx", name = "Square";
    template <ctq::source_node Node> static void translate(Node& in) { in.finish(in.emit(square{}, {in.input(0)})); }
};

const auto graph = ctq::host::onnx::load_model<ctq::registry<square_root, square_of_onnx>>("square.onnx");
