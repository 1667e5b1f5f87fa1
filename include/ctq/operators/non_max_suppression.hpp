#pragma once
// non_max_suppression: of boxes that overlap the one with the highest score, class by class.
// room: operators | runs on: all | heap: no

#include <ctq/core/exact.hpp>
#include <ctq/registry/operation.hpp>

#include <array>
#include <cstddef>
#include <limits>

namespace ctq::inline CTQ_TARGET::op {

/// Inputs: boxes [images, N, 4] and scores [images, classes, N]. Outputs: rows of image, class and box, int64, and how
/// many they are, which the data decide; the rows behind are 0. Of each class of each image the boxes in the order of
/// their scores, of equal ones that of the lower index first, without those that share more than `iou_threshold` of
/// their common area with one before, and `most` of them at most. Boxes whose score is not above `score_threshold` are
/// left out, and NaN always. It has no integer meaning. Cost, of each class: a pass over its scores for each 32 boxes
/// that are looked at, in which the scores are compared with those of up to 32 others; and an overlap of each such box
/// with each row before it.
struct non_max_suppression {
    static constexpr std::string_view name = "non_max_suppression";
    static constexpr std::string_view cpp_name = "ctq::op::non_max_suppression";

    std::int32_t most = 1;
    float iou_threshold = 0;
    float score_threshold = -std::numeric_limits<float>::infinity(); ///< minus infinity: none
    bool is_centered = false; ///< a box is [x, y, width, height] around its centre, else [y, x, y, x] of two corners

    static constexpr auto attributes = attribute_list{
        attribute{"most", &non_max_suppression::most}, attribute{"iou_threshold", &non_max_suppression::iou_threshold},
        attribute{"score_threshold", &non_max_suppression::score_threshold},
        attribute{"is_centered", &non_max_suppression::is_centered}};

    friend constexpr bool operator==(const non_max_suppression&, const non_max_suppression&) = default;

  private:
    // Defined first: clang (docs/design.md, section 1).
    struct span_of {
        float low, high;

        constexpr float length() const { return high - low; }
    };
    struct box {
        span_of x, y;

        constexpr float area() const { return exact(x.length() * y.length()); }
    };

    static constexpr span_of between(float a, float b) { return a < b ? span_of{a, b} : span_of{b, a}; }
    static constexpr span_of around(float center, float length) {
        const float half = exact(length / 2);
        return {center - half, center + half};
    }
    static constexpr span_of common(const span_of& a, const span_of& b) {
        return {a.low > b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
    }

    constexpr box box_at(const float* at) const {
        if (is_centered) return {around(at[0], at[2]), around(at[1], at[3])};
        return {between(at[1], at[3]), between(at[0], at[2])};
    }

    /// Boxes without an area overlap none.
    constexpr bool overlaps(const box& a, const box& b) const {
        const box shared{common(a.x, b.x), common(a.y, b.y)};
        if (!(shared.x.length() > 0 && shared.y.length() > 0)) return false;
        const float area = shared.area(), both = a.area() + b.area() - area;
        return area > 0 && a.area() > 0 && b.area() > 0 && both > 0 && area / both > iou_threshold;
    }

    constexpr bool is_candidate(float score) const {
        return score > score_threshold ||
               (score == score_threshold && score == -std::numeric_limits<float>::infinity());
    }

    /// The boxes of one class of one image, and the rows that are chosen of them.
    struct one_class {
        const float *boxes, *scores;
        std::int32_t count;
        std::int64_t* rows;
        std::int32_t chosen = 0;

        constexpr std::int64_t row(std::int32_t at) const { return rows[3 * at + 2]; }
        constexpr bool precedes(std::int64_t a, std::int64_t b) const {
            return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
        }
    };

    constexpr bool is_suppressed(const one_class& of, std::int64_t index) const {
        const box own = box_at(of.boxes + 4 * index);
        for (std::int32_t i = 0; i < of.chosen; ++i)
            if (overlaps(box_at(of.boxes + 4 * of.row(i)), own)) return true;
        return false;
    }

    /// The next candidates in the order of the scores.
    struct next_few {
        std::array<std::int32_t, 32> index{};
        std::size_t count = 0;

        constexpr void put(const one_class& of, std::int32_t box) {
            if (count == index.size() && !of.precedes(box, index[count - 1])) return;
            std::size_t at = count < index.size() ? count++ : count - 1;
            for (; at > 0 && of.precedes(box, index[at - 1]); --at) index[at] = index[at - 1];
            index[at] = box;
        }
    };

    /// Those behind the box `last`, or the first of all where that is -1.
    constexpr next_few behind(const one_class& of, std::int32_t last) const {
        next_few found;
        for (std::int32_t i = 0; i < of.count; ++i)
            if (is_candidate(of.scores[i]) && (last < 0 || of.precedes(last, i))) found.put(of, i);
        return found;
    }

    /// How many rows it writes.
    constexpr std::int32_t choose(one_class of, std::int64_t image, std::int64_t which) const {
        for (next_few next = behind(of, -1); next.count > 0; next = behind(of, next.index[next.count - 1]))
            for (std::size_t i = 0; i < next.count; ++i) {
                if (is_suppressed(of, next.index[i])) continue;
                std::int64_t* row = of.rows + 3 * of.chosen;
                row[0] = image;
                row[1] = which;
                row[2] = next.index[i];
                if (++of.chosen == most) return of.chosen;
            }
        return of.chosen;
    }

  public:
    constexpr int output_count() const { return 2; }
    constexpr shape output_shape(shapes in, int which) const {
        require(in.size() == 2, "non_max_suppression takes boxes and scores");
        const shape &boxes = in[0], &scores = in[1];
        require(boxes.rank == 3 && scores.rank == 3 && boxes[2] == 4 && boxes[0] == scores[0] && boxes[1] == scores[2],
                "boxes must be [images, boxes, 4], and scores [images, classes, boxes]");
        require(most >= 1, "non_max_suppression must choose 1 box of a class at least");
        require(iou_threshold >= 0 && iou_threshold <= 1, "an iou_threshold must be 0 to 1");
        require(score_threshold == score_threshold, "a score_threshold must be a number");
        const std::int64_t of_class = boxes[1] < most ? boxes[1] : most;
        const std::int64_t classes = std::int64_t{scores[0]} * scores[1];
        require(of_class == 0 || classes <= 2147483647 / of_class, "non_max_suppression could choose too many boxes");
        return which == 0 ? shape{static_cast<std::int32_t>(classes * of_class), 3} : shape{};
    }
    /// Each box of each class among the others, and beside each row.
    constexpr std::int64_t steps(shapes in, const shape&) const {
        const std::int64_t boxes = in[0][1];
        return in[1].elements() * (boxes + (boxes < most ? boxes : most));
    }
    constexpr dtype output_type(int) const { return dtype::int64; }
    /// See count_output of registry/operation.hpp.
    static constexpr int count_output(int which) { return which == 0 ? 1 : -1; }

    constexpr void compute(const_tensors in, tensors out) const {
        const shape& scores = in[1].shape();
        std::int64_t* rows = out[0].as<std::int64_t>();
        std::int64_t count = 0;
        for (std::int64_t image = 0; image < scores[0]; ++image)
            for (std::int64_t which = 0; which < scores[1]; ++which)
                count +=
                    choose({in[0].as<float>() + image * scores[2] * 4,
                            in[1].as<float>() + (image * scores[1] + which) * scores[2], scores[2], rows + 3 * count},
                           image, which);
        for (auto i = static_cast<std::size_t>(3 * count); i < out[0].size(); ++i) rows[i] = 0;
        out[1].as<std::int64_t>()[0] = count;
    }
};

} // namespace ctq::inline CTQ_TARGET::op
