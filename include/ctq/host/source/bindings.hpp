#pragma once
// bindings: what each name in a source stands for.
// room: host | runs on: host | heap: yes

#include <ctq/host/source/file_tensor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::source {

/// A value of the graph that is cut along an axis. Its parts are no values before they are asked for: a long axis has
/// very many.
struct sequence {
    int value = -1, axis = 0;
    ctq::shape of;                  ///< the value's
    std::int32_t length = 1;        ///< of each part but the last, which may be shorter
    std::vector<std::int32_t> ends; ///< of each part, where they are of other lengths
    bool keeps_axis = true;         ///< else the parts, of length 1, lack it

    [[nodiscard]] std::int32_t size() const {
        return ends.empty() ? static_cast<std::int32_t>(divide_up(std::int64_t{of[axis]}, length))
                            : static_cast<std::int32_t>(ends.size());
    }
    /// Where a part ends; that is where the next one begins.
    [[nodiscard]] std::int32_t end_of(std::int32_t part) const {
        if (part < 0) return 0;
        if (!ends.empty()) return ends[static_cast<std::size_t>(part)];
        return static_cast<std::int32_t>(std::min<std::int64_t>((std::int64_t{part} + 1) * length, of[axis]));
    }
};

/// A value of the graph, a constant that no node has asked for as a value yet, or parts of a value.
struct binding {
    int value = -1;
    const file_tensor* elements = nullptr;
    bool broken = false; ///< made by a node that had a fault; readers are not looked at
    const sequence* parts = nullptr;
};

/// Of all names of one import.
class bindings {
    std::unordered_map<std::string, binding> of_names_;
    std::deque<file_tensor> made_; ///< constants that the file does not hold as such
    std::deque<sequence> sequences_;
    std::unordered_map<const file_tensor*, int> values_;

  public:
    [[nodiscard]] bool contains(const std::string& name) const { return of_names_.contains(name); }
    [[nodiscard]] binding& at(const std::string& name) { return of_names_.at(name); }
    [[nodiscard]] const binding& at(const std::string& name) const { return of_names_.at(name); }

    /// The value of the graph that a constant is, for all names that stand for it; -1 before anyone asked for it as
    /// one.
    [[nodiscard]] int& value_of(const file_tensor& elements) {
        return values_.try_emplace(&elements, -1).first->second;
    }

    void bind(const std::string& name, int value) { of_names_[name] = {.value = value}; }
    /// A constant that outlives the bindings.
    void bind(const std::string& name, const file_tensor& elements) { of_names_[name] = {.elements = &elements}; }
    /// One that they keep.
    void bind(const std::string& name, file_tensor&& elements) {
        made_.push_back(std::move(elements));
        bind(name, std::as_const(made_.back()));
    }
    void bind(const std::string& name, sequence&& parts) {
        sequences_.push_back(std::move(parts));
        of_names_[name] = {.parts = &sequences_.back()};
    }
    /// The same as another name.
    void bind_like(const std::string& name, const std::string& other) { of_names_[name] = binding(at(other)); }
    void bind_broken(const std::string& name) { of_names_[name] = {.broken = true}; }
};

} // namespace ctq::inline CTQ_TARGET::host::source
