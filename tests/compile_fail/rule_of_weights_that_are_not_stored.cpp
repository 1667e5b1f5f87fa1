// error: ctq: rule: element types that nodes have are required; see is_activation and is_weight
// without: static constexpr ctq::dtype weight_type = ctq::dtype::int16;
#include <ctq/ctq.hpp>

struct fine : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "fine";
    static constexpr ctq::dtype weight_type = ctq::dtype::int16;
};

constexpr std::size_t domains = ctq::annotate<fine>(ctq::default_graph{}, {}, ctq::flags{}).domains.size();
