// How far each requantization lies from real arithmetic: rms and largest error in LSB, and the share of outputs that
// differ from the perfectly rounded one. Prints docs/requantization.md's accuracy tables.
#include "contenders.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

namespace {

struct sample {
    double scale;
    std::int32_t accumulator;
    std::int32_t zero_point;
};

struct statistics {
    double squares = 0, largest = 0, total = 0;
    long differs_up = 0, differs_even = 0, count = 0;
};

constexpr int samples = 1'000'000;

double clamped(double q) {
    return std::fmin(std::fmax(q, -128.0), 127.0);
}

void report(const char* name, const statistics& s) {
    const auto n = static_cast<double>(s.count);
    std::printf("| %-18s | %.4f | %+.4f | %8.4f | %8.3f | %8.3f |\n", name, std::sqrt(s.squares / n), s.total / n,
                s.largest, 100.0 * static_cast<double>(s.differs_up) / n,
                100.0 * static_cast<double>(s.differs_even) / n);
}

void count(statistics& s, double real, double q) {
    const double error = q - clamped(real);
    s.squares += error * error;
    s.total += error;
    s.largest = std::fmax(s.largest, std::fabs(error));
    s.differs_up += q != clamped(std::floor(real + 0.5));
    s.differs_even += q != clamped(std::nearbyint(real));
    ++s.count;
}

template <class R> void measure(const std::vector<sample>& cases) {
    statistics s;
    for (const sample& c : cases) {
        const ctq::scaling encoded = R::encode(c.scale);
        const double q = ctq::clamp_to(R::apply(c.accumulator, encoded, c.zero_point), -128, 127);
        count(s, c.accumulator * c.scale + c.zero_point, q);
    }
    report(std::string(R::name).c_str(), s);
}

/// Accumulators uniform over the output's whole range, scales uniform in their logarithm or taken from a list.
std::vector<sample> draw(double low, double high, std::int32_t zero_point, const std::vector<double>& list = {}) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> exponent(std::log(low), std::log(high));
    std::uniform_real_distribution<double> output(-128.5 - zero_point, 127.5 - zero_point);
    std::vector<sample> cases;
    for (int i = 0; i < samples; ++i) {
        const double scale = list.empty() ? std::exp(exponent(random)) : list[random() % list.size()];
        cases.push_back({scale, static_cast<std::int32_t>(std::floor(output(random) / scale)), zero_point});
    }
    return cases;
}

void table(const char* title, const std::vector<sample>& cases, bool left_shifts) {
    std::printf("\n%s\n\n", title);
    std::puts("| arithmetic         | rms    | mean    | largest  | % not half-up | % not half-even |");
    std::puts("|---|---|---|---|---|---|");
    statistics up, even;
    for (const sample& c : cases) {
        const double real = c.accumulator * c.scale + c.zero_point;
        count(up, real, clamped(std::floor(real + 0.5)));
        count(even, real, clamped(std::nearbyint(real)));
    }
    report("perfect half-up", up);
    report("perfect half-even", even);
    measure<ctq::three_step>(cases);
    measure<ctq::bench::three_roundings<6>>(cases);
    measure<ctq::bench::three_roundings<7>>(cases);
    if (!left_shifts) measure<ctq::bench::folded_zero_point>(cases);
    measure<ctq::double_rounding>(cases);
    measure<ctq::bench::single_rounding>(cases);
    measure<ctq::bench::floating>(cases);
}

} // namespace

int main() {
    table("Scales 1e-5 to 8e-3, zero point 0", draw(1e-5, 7.8e-3, 0), false);
    table("Scales 1e-5 to 8e-3, zero point -128 (after ReLU)", draw(1e-5, 7.8e-3, -128), false);
    table("Scales 1e-5 to 8e-3, zero point 20", draw(1e-5, 7.8e-3, 20), false);
    table("Scales 1e-3 to 8e-3, zero point 0", draw(1e-3, 7.8e-3, 0), false);
    table("Scales 1/64 to 4, zero point 0 (add, pool, rescale)", draw(1.0 / 64, 4.0, 0), true);
    table("Scales 1/2, 1/4, 1/9, 1/16, 1/49, zero point 0 (averages: ties)",
          draw(1, 2, 0, {1.0 / 2, 1.0 / 4, 1.0 / 9, 1.0 / 16, 1.0 / 49}), true);
}
