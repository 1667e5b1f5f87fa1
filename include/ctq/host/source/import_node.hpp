#pragma once
// import_node: what a translation is given, for every format: one node of the source as its reader tells it, what its
// inputs stand for, and the graph to append to.
// room: host | runs on: host | heap: yes

#include <ctq/host/shape_text.hpp>
#include <ctq/host/source/bindings.hpp>
#include <ctq/host/source/graph_writer.hpp>
#include <ctq/host/source/node_reader.hpp>
#include <ctq/registry/translation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::source {

/// The first of a node's outputs that has a name: what a node without one is called after.
template <node_reader Reader> [[nodiscard]] std::string first_output_name(const Reader& node) {
    for (const std::string& output : node.output_names())
        if (!output.empty()) return output;
    return "value";
}

/// A source_node while it is imported. Positions count the node's inputs; `int`s are values of the graph. Faults are
/// thrown as node_fault, or as the core's model_error.
template <node_reader Reader, class Graph> class import_node {
  public:
    /// `own_name`: the name that is taken for a node that stands for this one; others are called after it.
    import_node(Reader node, std::string own_name, bindings& known, graph_writer<Graph>& to)
        : node_(std::move(node)),
          known_(&known),
          to_(&to),
          name_(std::move(own_name)),
          origin_(node_.name().empty() ? name_ : std::string(node_.name())),
          first_value_(static_cast<int>(to.graph().values.size())) {}

    [[nodiscard]] std::string_view type() const { return node_.type(); }
    [[nodiscard]] std::int64_t version() const { return node_.version(); }

    [[nodiscard]] std::int32_t integer(std::string_view name, std::int32_t absent) const {
        return node_.integer(name, absent);
    }
    [[nodiscard]] std::int32_t saturated_integer(std::string_view name, std::int32_t absent) const {
        return node_.saturated_integer(name, absent);
    }
    [[nodiscard]] std::vector<std::int32_t> integers(std::string_view name) const { return node_.integers(name); }
    [[nodiscard]] std::vector<std::int32_t> saturated_integers(std::string_view name) const {
        return node_.saturated_integers(name);
    }
    [[nodiscard]] std::vector<float> reals(std::string_view name) const { return node_.reals(name); }
    [[nodiscard]] std::vector<std::string> strings(std::string_view name) const { return node_.strings(name); }
    [[nodiscard]] float real(std::string_view name, float absent) const { return node_.real(name, absent); }
    [[nodiscard]] std::string string(std::string_view name, std::string_view absent) const {
        return node_.string(name, absent);
    }

    /// Up to the last one that has a name.
    [[nodiscard]] std::size_t output_count() const {
        std::size_t count = node_.output_names().size();
        while (count > 0 && node_.output_names()[count - 1].empty()) --count;
        return count;
    }
    [[nodiscard]] std::size_t input_count() const { return node_.input_names().size(); }
    [[nodiscard]] bool has_input(std::size_t i) const { return i < input_count() && !input_name(i).empty(); }
    [[nodiscard]] bool is_constant(std::size_t i) const {
        if (!has_input(i)) return false;
        const binding& from = bound(i);
        return from.elements != nullptr || graph().is_constant(from.value);
    }

    /// In the source's layout.
    [[nodiscard]] ctq::shape shape_of(std::size_t i) const {
        const binding& from = bound(i);
        return from.value >= 0 ? to_->shape_of(from.value) : source::shape_of(*from.elements);
    }

    [[nodiscard]] dtype type_of(std::size_t i) const {
        const binding& from = bound(i);
        return from.value >= 0 ? graph().value_at(from.value).facts.type : from.elements->type;
    }

    /// What input i is in the source.
    [[nodiscard]] source_type source_type_of(std::size_t i) const {
        const binding& from = bound(i);
        return from.value >= 0 ? to_->source_type_of(from.value) : from.elements->source;
    }
    /// Refuses one that is not just what it is there.
    void support_exact(std::size_t i) const { to_->require_exact(input_name(i), source_type_of(i)); }

    [[nodiscard]] std::vector<float> constant_reals(std::size_t i) const {
        const binding& from = bound(i);
        support_real(i);
        support_constant(i);
        to_->take_read(shape_of(i).elements() * std::int64_t{sizeof(float)});
        if (from.elements != nullptr) return from.elements->floats;
        const auto elements = graph().reals(from.value);
        return {elements.begin(), elements.end()};
    }

    /// Of a constant of integers, or of booleans, which are 0 and 1.
    [[nodiscard]] std::vector<std::int64_t> constant_wide_integers(std::size_t i) const {
        const binding& from = bound(i);
        support_constant(i);
        check(type_of(i) != dtype::float32, message("input ", i, " ", in_quotes(input_name(i)), " must hold integers"));
        to_->take_read(shape_of(i).elements() * std::int64_t{sizeof(std::int64_t)});
        if (from.elements != nullptr) return from.elements->integers;
        std::vector<std::int64_t> out;
        graph().constant_of(from.value).visit([&](const auto& elements) {
            using entry = typename std::remove_cvref_t<decltype(elements)>::value_type;
            if constexpr (std::is_integral_v<entry> || std::is_enum_v<entry>)
                for (const auto value : elements) out.push_back(static_cast<std::int64_t>(value));
        });
        return out;
    }

    /// The same of a list that says something of axes, two numbers of each at most; what lies beyond 32 bits (ONNX
    /// writes "to the end" so) becomes the nearest there.
    [[nodiscard]] std::vector<std::int32_t> constant_integers(std::size_t i) const {
        constexpr std::int64_t most = 2 * shape::max_rank;
        support_constant(i);
        if (shape_of(i).elements() > most)
            support(false, message("input ", i, " ", in_quotes(input_name(i)), " holds ", shape_of(i).elements(),
                                   " integers; ", most, ", two for each of 6 axes, are the most"));
        std::vector<std::int32_t> out;
        for (const std::int64_t value : constant_wide_integers(i)) out.push_back(saturated(value));
        return out;
    }

    /// Input i as a value of the graph; faults when it is absent.
    int input(std::size_t i) {
        binding& from = bound(i);
        if (from.value >= 0) return from.value;
        int& shared = known_->value_of(*from.elements);
        if (shared < 0) shared = constant_of(*from.elements, text(input_name(i)));
        return from.value = shared;
    }

    /// Input i, which must be parts of a value.
    [[nodiscard]] const sequence& parts(std::size_t i) const {
        const binding& from = any_bound(i);
        if (from.parts == nullptr) check(false, message("input ", i, " ", in_quotes(input_name(i)), " is no sequence"));
        return *from.parts;
    }

    /// All inputs, none of which may be absent.
    std::vector<int> inputs() {
        std::vector<int> out;
        for (std::size_t i = 0; i < input_count(); ++i) out.push_back(input(i));
        return out;
    }

    /// Input i, an image [N,C,H,W] or a series [N,C,L], as [N,H,W,C] or [N,1,L,C].
    int channels_last(std::size_t i) { return to_->channels_last(input(i), name_); }

    /// Constant weights [O,I,H,W] or [O,I,L] as [O,H,W,I] or [O,1,L,I].
    int constant_channels_last(std::size_t i) {
        support(is_constant(i), message("input ", i, " must be constant"));
        return channels_last(i);
    }

    /// Appends an operator that stands for the node, or for a part of it; its first output.
    template <class Op> int emit(const Op& op, std::vector<int> from) { return emit_all(op, std::move(from)).front(); }

    /// The same; every output.
    template <class Op> std::vector<int> emit_all(const Op& op, std::vector<int> from) {
        constexpr bool is_registered = is_alternative<Op, typename Graph::operation_type>;
        static_assert(is_registered,
                      "ctq: import: an operator of the registry is required; add what is emitted: registry.with<op>()");
        if constexpr (is_registered) {
            const std::size_t nodes = graph().nodes.size();
            auto made =
                to_->append(op, std::move(from),
                            {name_, message(first_output_name(node_), ".", Op::name), {text(origin_)}, !is_named_});
            is_named_ |= graph().nodes.size() > nodes;
            return made;
        } else {
            return {-1};
        }
    }

    /// Computes an operator, which need not be the registry's, of constants; its one output. Faults where one is none.
    template <class Op> int fold(const Op& op, const std::vector<int>& from) {
        return to_->fold(op, from, {name_, message(first_output_name(node_), ".", Op::name), {}}).front();
    }

    int constant(std::string_view role, const ctq::shape& of, std::vector<float> elements) {
        return constant<float>(role, of, std::move(elements));
    }
    template <class T> int constant(std::string_view role, const ctq::shape& of, std::vector<T> elements) {
        to_->take_made(static_cast<std::int64_t>(elements.size() * sizeof(T)));
        return to_->add_constant(message(name_, ".", role), of, ctq::constant(std::move(elements)));
    }

    /// The constant that an attribute holds; -1 where there is none.
    int attribute_constant(std::string_view attribute) {
        const file_tensor* elements = node_.tensor(attribute);
        if (elements == nullptr) return -1;
        if (!elements->unreadable.empty())
            support(false, message("attribute ", in_quotes(attribute), " ", elements->unreadable));
        return constant_of(*elements, text(to_->take_name(message(name_, ".", attribute))));
    }

    /// `made` is what `from`, a value, is cast to: one of that type in the source.
    int cast_as(int made, int from, foreign_type to) {
        to_->finish_cast(made, from, to);
        return made;
    }

    int reshape(int value, const ctq::shape& to) { return emit(op::reshape{to}, {value}); }

    /// `value` is what the node's output 0 stands for; whoever reads another one is refused.
    void finish(int value) { finish(std::vector<int>{value}); }

    /// The values that the node's outputs stand for, in their order; one that it names beyond them may not be read.
    void finish(const std::vector<int>& values) {
        finish_once();
        for (std::size_t i = 0; i < std::min(output_count(), values.size()); ++i) {
            name_output(i, values[i]);
            bind(i, values[i]);
        }
    }

    /// Parts of a value are what the node's output 0 stands for.
    void finish_sequence(sequence parts) {
        finish_once();
        to_->take_made(static_cast<std::int64_t>(parts.ends.size() * sizeof(parts.ends[0])));
        if (output_count() > 0) known_->bind(node_.output_names()[0], std::move(parts));
    }

    /// The same for a value in NHWC, which readers in the source's layout get in the layout and rank of input 0.
    void finish_channels_first(int value) {
        finish_once();
        name_output(0, value);
        bind(0, to_->channels_first(value, shape_of(0).rank == 3, name_));
    }

    /// A false condition makes the model malformed.
    void check(bool holds, std::string_view what) const {
        if (!holds) throw node_fault{exit_code::malformed, std::string(what)};
    }

    /// A false condition makes the model one that ctq cannot take.
    void support(bool holds, std::string_view what) const {
        if (!holds) throw node_fault{exit_code::unsupported, std::string(what)};
    }

    /// Imports the node by a translation.
    template <class Translation> void import_by() {
        constexpr bool fits = translates<Translation, import_node>;
        static_assert(
            fits,
            "ctq: import: a static translate of any source_node is required; write static void translate(Node& in)");
        if constexpr (fits) Translation::translate(*this);
        check(finished_, "the operator's translation gives no output");
    }

    /// "(inputs 1x3x8x8, 4x3x3x3; group 2)": what faults are told with.
    [[nodiscard]] std::string numbers() const {
        std::string shapes;
        for (std::size_t i = 0; i < input_count(); ++i) {
            const binding* from = has_input(i) ? &known_->at(input_name(i)) : nullptr;
            const bool known = from != nullptr &&
                               (from->value >= 0 || (from->elements != nullptr && from->elements->dims.size() <= 6));
            shapes += message(i == 0 ? "" : ", ", known ? text_of(shape_of(i)) : std::string("-"));
        }
        const std::string given = node_.numbers();
        return message("(", input_count() == 1 ? "input " : "inputs ", shapes, given.empty() ? "" : "; ", given, ")");
    }

  private:
    [[nodiscard]] const Graph& graph() const { return std::as_const(*to_).graph(); }
    [[nodiscard]] const std::string& input_name(std::size_t i) const { return node_.input_names()[i]; }

    [[nodiscard]] binding& bound(std::size_t i) const {
        binding& found = any_bound(i);
        if (found.parts != nullptr)
            support(false, message("input ", i, " ", in_quotes(input_name(i)),
                                   " is a sequence, which the operator is "
                                   "not supported of"));
        return found;
    }

    [[nodiscard]] binding& any_bound(std::size_t i) const {
        if (!has_input(i)) check(false, message("input ", i, " is missing"));
        return known_->at(input_name(i));
    }

    int constant_of(const file_tensor& elements, text called) {
        const int made =
            to_->graph().add_constant(std::move(called), source::shape_of(elements), elements_of(elements));
        to_->note_source_type(made, elements.source);
        return made;
    }

    void support_real(std::size_t i) const {
        if (type_of(i) != dtype::float32)
            support(false, message("input ", i, " ", in_quotes(input_name(i)), " is of type ", name_of(type_of(i)),
                                   "; the operator takes float32"));
    }
    void support_constant(std::size_t i) const {
        if (!is_constant(i)) support(false, message("input ", i, " ", in_quotes(input_name(i)), " must be constant"));
    }

    void bind(std::size_t output, int value) {
        const std::string& name = node_.output_names()[output];
        if (!name.empty()) known_->bind(name, value);
    }

    void finish_once() {
        check(!finished_, "the operator's translation finishes twice");
        finished_ = true;
    }

    /// What stands for an output of the node carries the output's name.
    void name_output(std::size_t output, int value) {
        const std::string& name = node_.output_names()[output];
        if (value >= first_value_ && !name.empty()) to_->graph().value_at(value).name = text(name);
    }

    Reader node_;
    bindings* known_;
    graph_writer<Graph>* to_;
    std::string name_, origin_;
    int first_value_;       // values from here on are this node's
    bool is_named_ = false; // a node has the name already
    bool finished_ = false;
};

} // namespace ctq::inline CTQ_TARGET::host::source
