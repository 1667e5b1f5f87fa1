// error: ctq: rule: sums that stay accumulators need one weight scale; set per_channel to false
// without: static constexpr ctq::rounding weighted_how = ctq::rounding::unrounded;
#include <ctq/ctq.hpp>

struct summing : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "summing";
    static constexpr ctq::rounding weighted_how = ctq::rounding::unrounded;
};

constexpr std::size_t domains = ctq::annotate<summing>(ctq::default_graph{}, {}, ctq::flags{}).domains.size();
