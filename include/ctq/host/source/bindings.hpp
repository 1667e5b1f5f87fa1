#pragma once
// bindings: what each name in a source stands for.
// room: host | runs on: host | heap: yes

#include <ctq/host/source/file_tensor.hpp>

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace ctq::inline CTQ_TARGET::host::source {

/// A value of the graph, or a constant that no node has asked for as a value yet.
struct binding {
    int value = -1;
    const file_tensor* elements = nullptr;
    bool broken = false; ///< made by a node that had a fault; readers are not looked at

    [[nodiscard]] bool is_integer() const { return elements != nullptr && !elements->is_real(); }
};

/// Of all names of one import.
class bindings {
    std::unordered_map<std::string, binding> of_names_;
    std::deque<file_tensor> made_; ///< constants that the file does not hold as such

  public:
    [[nodiscard]] bool contains(const std::string& name) const { return of_names_.contains(name); }
    [[nodiscard]] binding& at(const std::string& name) { return of_names_.at(name); }
    [[nodiscard]] const binding& at(const std::string& name) const { return of_names_.at(name); }

    void bind(const std::string& name, int value) { of_names_[name] = {value}; }
    /// A constant that outlives the bindings.
    void bind(const std::string& name, const file_tensor& elements) { of_names_[name] = {-1, &elements}; }
    /// One that they keep.
    void bind(const std::string& name, file_tensor&& elements) {
        made_.push_back(std::move(elements));
        bind(name, std::as_const(made_.back()));
    }
    void bind_broken(const std::string& name) { of_names_[name] = {-1, nullptr, true}; }
};

} // namespace ctq::inline CTQ_TARGET::host::source
