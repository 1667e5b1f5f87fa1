#include <ctq/operators/packing.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <vector>

using ctq::op::row_packing;

// Three inputs of one row for two channels: a dword each, side by side.
static_assert(row_packing{1, 1, 3, 2}.size() == 8 && row_packing{1, 1, 3, 2}.dwords() == 1);
static_assert(row_packing{1, 1, 3, 2}.index(0, 0, 2, 0) == 2 && row_packing{1, 1, 3, 2}.index(0, 0, 0, 1) == 4);
static_assert(row_packing{2, 3, 5, 4}.index(1, 2, 4, 3) == row_packing{2, 3, 5, 4}.size() - 4);

TEST_CASE("packing: every weight has a place of its own, and no sum forgets one") {
    for (const row_packing layout : {row_packing{1, 1, 1, 1}, {1, 1, 17, 3}, {3, 2, 6, 5}, {2, 5, 4, 1}}) {
        std::vector<std::int8_t> packed(layout.size(), std::int8_t{0});
        std::vector<ctq::op::weight_sums> sums;
        int next = -128;
        for (int group = 0; group < layout.groups; ++group)
            for (int channel = 0; channel < layout.channels; ++channel) {
                sums.emplace_back();
                for (int row = 0; row < layout.rows; ++row)
                    for (int k = 0; k < layout.row_length; ++k) {
                        if (next == 0) next = 1;
                        std::int8_t& place = packed[layout.index(group, row, k, channel)];
                        CHECK(place == 0);
                        place = static_cast<std::int8_t>(next);
                        sums.back().add(next);
                        next = next == 127 ? -128 : next + 1;
                    }
            }
        for (int group = 0; group < layout.groups; ++group)
            for (int channel = 0; channel < layout.channels; ++channel) {
                const ctq::op::weight_sums found =
                    ctq::op::sums_of<ctq::dtype::int8>(packed.data(), layout, group, channel);
                const ctq::op::weight_sums& wanted = sums[static_cast<std::size_t>(group * layout.channels + channel)];
                CHECK(found.positive == wanted.positive);
                CHECK(found.negative == wanted.negative);
            }
    }
}
