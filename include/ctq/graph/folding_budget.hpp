#pragma once
// folding_budget: how much memory and time the constants that folding makes may take. A few nodes over one small
// constant can ask for any number of elements, or for any time: a file of a hundred bytes must do neither.
// room: graph | runs on: compiler + host | heap: yes

#include <ctq/core/text.hpp>

#include <cstdint>
#include <string_view>

namespace ctq::inline CTQ_TARGET {

/// The most bytes that constants made in one import, or in one prepare, may take together. A network's own constants do
/// not count.
inline constexpr std::int64_t most_folded_bytes = std::int64_t{1} << 30;

/// The most steps (see registry/operation.hpp) that making them may take: seconds.
inline constexpr std::int64_t most_folded_steps = std::int64_t{1} << 30;

/// What it takes to make constants of one node's results.
struct folding_cost {
    std::int64_t made = 0; ///< bytes
    std::int64_t read = 0; ///< bytes: many small results of one large constant take no memory, but time
    std::int64_t steps = 0;
};

/// What is left of one import, or of one prepare.
class folding_budget {
    /// One number that has a bound.
    class account {
        std::int64_t most_, taken_ = 0;

      public:
        constexpr explicit account(std::int64_t most) : most_(most) {}
        constexpr std::int64_t taken() const { return taken_; }

        /// Takes `amount` if it is left, and says nothing; else says what is too much.
        constexpr text take(std::int64_t amount, std::string_view does, std::string_view unit, std::string_view done) {
            if (amount <= most_ - taken_) {
                taken_ += amount;
                return {};
            }
            return text("of constants it ") + does + " " + decimal_text(amount) + " " + unit + " more, after " +
                   decimal_text(taken_) + " that were " + done + " before; " + decimal_text(most_) + " are the most";
        }
    };

    account made_, read_, steps_;

  public:
    /// Sixteen times as much may be read as may be made.
    constexpr explicit folding_budget(std::int64_t most_made = most_folded_bytes,
                                      std::int64_t most_steps = most_folded_steps)
        : made_(most_made), read_(16 * most_made), steps_(most_steps) {}

    /// Takes what one node costs, each number 0 or more, and says nothing where all of it is left; else what is too
    /// much: nothing may be made of the graph then.
    constexpr text take(const folding_cost& cost) {
        if (text fault = read_.take(cost.read, "reads", "bytes", "read"); !fault.empty()) return fault;
        if (text fault = made_.take(cost.made, "makes", "bytes", "made"); !fault.empty()) return fault;
        return steps_.take(cost.steps, "takes", "steps", "taken");
    }

    constexpr std::int64_t bytes_made() const { return made_.taken(); }
};

} // namespace ctq::inline CTQ_TARGET
