// error: ctq: engine: an operator must be trivially copyable; keep its attributes in plain members
// without: std::vector<float> factors;
#include <ctq/host/engine/bound_node.hpp>
#include <ctq/kernels/all.hpp>

#include <vector>

struct scaled {
    static constexpr std::string_view name = "scaled";
    static constexpr std::string_view cpp_name = "scaled";
    static constexpr auto attributes = ctq::no_attributes;
    std::vector<float> factors;
    friend constexpr bool operator==(const scaled&, const scaled&) = default;
    constexpr float operator()(float x) const { return 2 * x; }
};

constexpr ctq::signature bytes{};
constexpr std::size_t size =
    sizeof(ctq::host::bound_node<ctq::kernels::kernel_for<ctq::kernels::scalar, scaled, bytes>, scaled>);
