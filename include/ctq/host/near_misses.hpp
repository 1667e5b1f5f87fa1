#pragma once
// near_misses: what a person may have meant who wrote a name that does not exist.
// room: host | runs on: host | heap: yes

#include <ctq/host/failure.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host {

/// The least number of insertions, deletions and replacements that make `b` of `a`.
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t replaced = diagonal + (a[i] == b[k] ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({replaced, row[k] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// "; did you mean 'a' or 'b'?" for up to five of `known`: those that begin with `wanted`, then the nearest ones;
/// nothing when there is none.
[[nodiscard]] inline std::string near_misses(std::string_view wanted, const std::vector<std::string_view>& known) {
    constexpr std::size_t most = 5, longest = 200;
    std::vector<std::pair<std::size_t, std::size_t>> near; // distance, position in `known`
    for (std::size_t i = 0; i < known.size(); ++i) {
        const std::string_view each = known[i];
        if (wanted.empty() || std::max(wanted.size(), each.size()) > longest) continue;
        const bool begins = each.substr(0, wanted.size()) == wanted;
        const std::size_t distance = begins ? 0 : edit_distance(wanted, each);
        if (distance <= std::max<std::size_t>(1, each.size() / 3)) near.emplace_back(distance, i);
    }
    std::sort(near.begin(), near.end());
    std::string text;
    for (std::size_t i = 0; i < std::min(near.size(), most); ++i)
        text += message(i == 0 ? "; did you mean " : " or ", in_quotes(known[near[i].second]));
    return text.empty() ? text : text + "?";
}

/// The same and all names that are known, for where these are few: "; did you mean 'a'? Known: a, b", "; known: a, b".
[[nodiscard]] inline std::string near_misses_and_all(std::string_view wanted,
                                                     const std::vector<std::string_view>& known) {
    std::string all;
    for (const std::string_view each : known) all += message(all.empty() ? "" : ", ", each);
    const std::string near = near_misses(wanted, known);
    return message(near, near.empty() ? "; known: " : " Known: ", all);
}

} // namespace ctq::inline CTQ_TARGET::host
