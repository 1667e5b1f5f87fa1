// error: ctq: calibration_samples: a calibration_strategy is required; give the type a name and
#include <ctq/ctq.hpp>

struct largest {
    static constexpr std::string_view name = "largest";
    constexpr float choose(const ctq::calibration::observation& seen) const { return seen.max(); }
};

constexpr ctq::calibration_samples<largest, 1, 4> samples{};
