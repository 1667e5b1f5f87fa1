// error: ctq: lower: an operator must make the `lowered` that it computes with; give it lowered lower<S>(node) const
#include <ctq/ctq.hpp>

struct shifted {
    static constexpr std::string_view name = "shifted";
    static constexpr std::string_view cpp_name = "shifted";
    static constexpr auto attributes = ctq::no_attributes;
    friend constexpr bool operator==(const shifted&, const shifted&) = default;
    constexpr float operator()(float x) const { return x + 1; }

    struct lowered {
        std::int32_t step = 0;
        static constexpr auto attributes = ctq::attribute_list{ctq::attribute{"step", &lowered::step}};
        friend constexpr bool operator==(const lowered&, const lowered&) = default;
    };
    template <ctq::signature S>
    constexpr void compute_integer(const lowered& with, ctq::const_tensors in, ctq::tensors out) const {
        for (std::size_t i = 0; i < out[0].size(); ++i)
            out[0].as<std::int8_t>()[i] = static_cast<std::int8_t>(in[0].as<std::int8_t>()[i] + with.step);
    }
};

constexpr auto mine = ctq::default_registry.with<shifted>();

constexpr std::size_t nodes = [] {
    ctq::builder_of<mine> b;
    const auto graph = b.finish(b.apply(shifted{}, {b.input("x", {1, 2})}));
    const std::vector<ctq::bounds> ranges(graph.values.size(), ctq::bounds{-1, 1});
    const auto annotated = ctq::annotate<ctq::rule::affine_int8>(graph, ranges, ctq::flags(graph.nodes.size(), 0));
    return ctq::lower_graph<ctq::rule::affine_int8>(annotated).nodes.size();
}();
