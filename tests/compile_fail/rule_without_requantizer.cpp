// error: ctq: rule: a requantizer for `how` and `weighted_how` is required; specialize requantizer_for
// without: static constexpr ctq::rounding weighted_how = ctq::rounding::own;
#include <ctq/ctq.hpp>

struct inventive : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "inventive";
    static constexpr ctq::rounding weighted_how = ctq::rounding::own;
};

constexpr std::size_t domains = ctq::annotate<inventive>(ctq::default_graph{}, {}, ctq::flags{}).domains.size();
