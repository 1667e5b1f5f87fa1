#pragma once
// name_scope: what the names within a nested graph stand for in the graph that its nodes become a part of.
// room: host | runs on: host | heap: yes

#include <ctq/core/target.hpp>

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// Names that a nested graph defines stand for others, those that it does not for what they are outside of it.
class name_scope {
    const name_scope* outer_ = nullptr;
    std::string place_;
    std::unordered_map<std::string, std::string> own_;

  public:
    /// The outermost: each name stands for itself.
    name_scope() = default;
    /// `outer` outlives the new one. `place`: what messages call the graph.
    name_scope(const name_scope* outer, std::string place) : outer_(outer), place_(std::move(place)) {}

    /// Where the nested graph stands, "then_branch of node #3 (If)"; empty for the outermost.
    [[nodiscard]] const std::string& place() const { return place_; }

    /// False where the graph defines the name already.
    bool define(const std::string& name, std::string as) { return own_.emplace(name, std::move(as)).second; }

    [[nodiscard]] const std::string& of(const std::string& name) const {
        if (const auto found = own_.find(name); found != own_.end()) return found->second;
        return outer_ == nullptr || name.empty() ? name : outer_->of(name);
    }
    [[nodiscard]] std::vector<std::string> of(const std::vector<std::string>& names) const {
        std::vector<std::string> out;
        for (const std::string& name : names) out.push_back(of(name));
        return out;
    }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx
