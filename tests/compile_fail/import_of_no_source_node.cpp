// error: ctq: import: a static translate of any source_node is required; write static void translate(Node& in)
#include <ctq/host/onnx/import.hpp>

struct square {
    static constexpr std::string_view name = "square";
    static constexpr std::string_view cpp_name = "square";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const square&, const square&) = default;
    constexpr float operator()(float x) const { return x * x; }
};

struct square_of_onnx {
    using registered_kind = ctq::translation_tag;
    using makes = square;
    static constexpr std::string_view source = "onnx", name = "Square";
    template <ctq::source_node Node> void translate(Node& in) const { in.finish(in.emit(square{}, {in.input(0)})); }
};

const auto graph = ctq::host::onnx::load_model<ctq::registry<square, square_of_onnx>>("square.onnx");
