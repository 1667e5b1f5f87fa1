// error: ctq: rule: a requantizer that adds residuals is required; set fuses_residual to false
// without: static constexpr bool fuses_residual = true;
#include <ctq/ctq.hpp>

struct fusing : ctq::rule::affine_int8_parameters<ctq::rounding::double_rounding> {
    static constexpr std::string_view name = "fusing";
    static constexpr bool fuses_residual = true;
};

constexpr std::size_t domains = ctq::annotate<fusing>(ctq::default_graph{}, {}, ctq::flags{}).domains.size();
