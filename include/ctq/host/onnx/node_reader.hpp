#pragma once
// node_reader: what the importer of all formats asks of an ONNX node.
// room: host | runs on: host | heap: yes

#include <ctq/host/onnx/attributes.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::onnx {

/// Borrowed view of a node, a source::node_reader; `opset`: the version of its domain that the model imports.
class node_reader : public node_attributes {
    const node* node_;
    std::int64_t opset_;
    const std::vector<std::string>*inputs_, *outputs_;
    std::string place_;

  public:
    node_reader(const node& of, std::int64_t opset) : node_reader(of, opset, of.inputs, of.outputs) {}
    /// One whose values have other names than in the file. `place`: the graph that it is a node of, where that is not
    /// the model's.
    node_reader(const node& of, std::int64_t opset, const std::vector<std::string>& inputs,
                const std::vector<std::string>& outputs, std::string_view place = "")
        : node_attributes(of), node_(&of), opset_(opset), inputs_(&inputs), outputs_(&outputs), place_(place) {}

    [[nodiscard]] std::string_view type() const { return node_->op_type; }
    [[nodiscard]] std::string_view domain() const { return node_->domain; }
    [[nodiscard]] std::int64_t version() const { return opset_; }
    [[nodiscard]] std::string_view name() const { return node_->name; }
    /// One without a name is told by its place in its graph, and that by its own.
    [[nodiscard]] std::string described() const {
        return node_->name.empty() && !place_.empty() ? message(place_, ": ", describe(*node_)) : describe(*node_);
    }
    [[nodiscard]] const std::vector<std::string>& input_names() const { return *inputs_; }
    [[nodiscard]] const std::vector<std::string>& output_names() const { return *outputs_; }
};

} // namespace ctq::inline CTQ_TARGET::host::onnx
