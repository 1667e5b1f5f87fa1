// error: ctq: rule: requantizers that take its sums and give its activations are required; see
// without: static constexpr ctq::dtype accumulator_type = ctq::dtype::int64;
#include <ctq/ctq.hpp>

struct generous : ctq::rule::affine_int8_parameters<ctq::rounding::three_step> {
    static constexpr std::string_view name = "generous";
    static constexpr ctq::dtype accumulator_type = ctq::dtype::int64;
};

constexpr std::size_t domains = ctq::annotate<generous>(ctq::default_graph{}, {}, ctq::flags{}).domains.size();
