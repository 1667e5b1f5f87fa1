#pragma once
// node_importer: imports the nodes of one source model by their translations, one after the other; what is wrong with
// one is noted, and its readers are left alone.
// room: host | runs on: host | heap: yes

#include <ctq/graph/connections.hpp>
#include <ctq/host/failure.hpp>
#include <ctq/host/source/import_node.hpp>
#include <ctq/registry/registry.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ctq::inline CTQ_TARGET::host::source {

/// `Registry`'s translations come first, then the format's own; of both those are used all of whose operators the
/// registry has. `Format` names itself, `source`, and has these, `translations()`.
template <class Registry, class Format, node_reader Reader> class node_importer {
  public:
    using graph_type = basic_graph<operation_variant<Registry>>;

    /// `path`: what faults begin with.
    node_importer(std::string_view path, std::int64_t most_folded) : writer_(most_folded), path_(path) {}

    [[nodiscard]] bindings& known() { return known_; }
    [[nodiscard]] graph_writer<graph_type>& writer() { return writer_; }
    [[nodiscard]] graph_type& graph() { return writer_.graph(); }
    [[nodiscard]] fault_list& faults() { return faults_; }

    /// Notes that a value is read; one that is read and not made is a fault of the node that should make it.
    void note_use(std::string_view name) { used_.emplace(name); }
    /// Notes a node's name before any is imported: whoever goes by names must find that node and no other.
    void note_name(const Reader& node) {
        if (!node.name().empty()) writer_.keep_node_name(node.name());
    }

    /// "FILE: what".
    template <class... Parts> void fault(exit_code code, const Parts&... what) {
        faults_.add(code, message(printable_path(path_), ": ", what...));
    }

    /// True where the registry or the format has a translation for the node.
    [[nodiscard]] static bool knows(const Reader& node) {
        return with_translation(node, [](auto) {});
    }

    /// True where the registry itself has one.
    [[nodiscard]] static bool is_of_registry(const Reader& node) {
        bool found = false;
        for_each_of(Registry::translations(),
                    [&](auto each) { found |= stands_for<typename decltype(each)::type>(node); });
        return found;
    }

    /// True where either has one for some version of the node's operator.
    [[nodiscard]] static bool knows_a_version(const Reader& node) { return !other_versions(node).empty(); }

    /// "9 to 10": the versions of the node's operator that there are translations of, where it is of another; else
    /// empty.
    [[nodiscard]] static std::string other_versions(const Reader& node) {
        std::string text;
        for_each_translation([&](auto each) {
            using type = typename decltype(each)::type;
            if (!has_name_of<type>(node)) return;
            constexpr version_range range = source_versions_of<type>;
            text += message(text.empty() ? "" : ", ", range.first,
                            range.last == version_range{}.last ? " and more" : message(" to ", range.last));
        });
        return text;
    }

    [[nodiscard]] bool reads_broken(const Reader& node) const {
        return std::ranges::any_of(node.input_names(),
                                   [&](const std::string& input) { return !input.empty() && known_.at(input).broken; });
    }

    void break_outputs(const Reader& node) {
        for (const std::string& output : node.output_names())
            if (!output.empty()) known_.bind_broken(output);
    }

    /// Calls work(in), which makes the node's values; a fault of the node is noted, and its outputs are broken then.
    template <class Work> void import(const Reader& node, Work work) {
        import_node<Reader, graph_type> in(node, name_for(node), known_, writer_);
        guarded(
            node,
            [&] {
                check_inputs(node);
                work(in);
                check_outputs(node);
            },
            [&] { return node.input_names().empty() ? std::string() : in.numbers(); });
    }

    /// Notes that nothing is known of the node's operator.
    void refuse(const Reader& node, const node_fault& why) {
        tell(node, why, "");
        break_outputs(node);
    }

    /// By its translation, which must be known.
    static void translate(import_node<Reader, graph_type>& in, const Reader& node) {
        with_translation(node, [&](auto each) { in.template import_by<typename decltype(each)::type>(); });
    }

  private:
    /// The node's own, which the first of several that share it gets.
    std::string name_for(const Reader& node) {
        if (node.name().empty()) return writer_.take_node_name(first_output_name(node));
        const bool is_first = named_.emplace(node.name()).second;
        return is_first ? std::string(node.name()) : writer_.take_node_name(node.name());
    }

    template <class Translation> [[nodiscard]] static bool has_name_of(const Reader& node) {
        return Translation::source == Format::source && Translation::name == node.type() &&
               source_domain_of<Translation> == node.domain();
    }

    template <class Translation> [[nodiscard]] static bool stands_for(const Reader& node) {
        return has_name_of<Translation>(node) && source_versions_of<Translation>.contains(node.version());
    }

    template <class Op> static constexpr bool is_registered = is_alternative<Op, typename graph_type::operation_type>;

    template <class... Ops> static constexpr bool are_registered(operator_list<Ops...>) {
        return (is_registered<Ops> && ...);
    }

    /// True for a translation all of whose operators the registry has.
    template <class Translation> static constexpr bool is_usable() {
        bool usable = true;
        if constexpr (requires { typename Translation::makes; }) usable = is_registered<typename Translation::makes>;
        if constexpr (requires { typename Translation::also_makes; })
            usable = usable && are_registered(typename Translation::also_makes{});
        return usable;
    }

    /// Calls visit(type) for those of `translations` that make operators of the registry.
    template <class Translations, class Visit> static void for_each_of(Translations translations, Visit visit) {
        Registry::for_each(translations, [&](auto each) {
            if constexpr (is_usable<typename decltype(each)::type>()) visit(each);
        });
    }

    template <class Visit> static void for_each_translation(Visit visit) {
        for_each_of(Registry::translations(), visit);
        for_each_of(Format::translations(), visit);
    }

    /// Calls use(type) for the first translation that there is for the node; false when there is none.
    template <class Use> static bool with_translation(const Reader& node, Use use) {
        bool found = false;
        for_each_translation([&](auto each) {
            using type = typename decltype(each)::type;
            if (found || !stands_for<type>(node)) return;
            found = true;
            use(each);
        });
        return found;
    }

    /// Before a node's import: the constants that it reads could be read, and of what it reads all rows are there.
    void check_inputs(const Reader& node) const {
        const std::vector<std::string>& names = node.input_names();
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i].empty()) continue;
            const int value = known_.at(names[i]).value;
            if (value >= 0 && writer_.count_of(value) >= 0)
                throw node_fault{exit_code::unsupported,
                                 message("reads ", in_quotes(names[i]),
                                         ", of which the data decide how many rows there are; make that an output of "
                                         "the model, and do the rest outside of it")};
            const file_tensor* elements = known_.at(names[i]).elements;
            if (elements != nullptr && !elements->unreadable.empty())
                throw node_fault{exit_code::unsupported, message("input ", i, ", the constant ", in_quotes(names[i]),
                                                                 ", ", elements->unreadable)};
        }
    }

    /// After a node's import: what others read of it is there.
    void check_outputs(const Reader& node) const {
        const std::vector<std::string>& names = node.output_names();
        const auto made = [&](const std::string& name) { return !name.empty() && known_.contains(name); };
        const auto count = std::ranges::count_if(names, made);
        for (std::size_t i = 0; i < names.size(); ++i)
            if (!made(names[i]) && used_.contains(names[i]) && !names[i].empty())
                throw node_fault{exit_code::unsupported,
                                 message("output ", i, " ", in_quotes(names[i]),
                                         " is used, but not made by ctq, which makes ", count, " of ", names.size())};
    }

    /// "FILE: node 'n' (Op): what (numbers); what to do".
    void tell(const Reader& node, const node_fault& what, const std::string& numbers) {
        const std::size_t cut = std::min(what.text.find(';'), what.text.size());
        const std::string advice = cut < what.text.size() ? what.text.substr(cut)
                                   : what.code == exit_code::unsupported
                                       ? "; change this layer, or register an operator of your own"
                                       : "; correct the model where it was made";
        fault(what.code, node.described(), ": ", what.text.substr(0, cut), numbers.empty() ? "" : " ", numbers, advice);
    }

    /// `numbers()` describes the node.
    template <class Work, class Numbers> void guarded(const Reader& node, Work work, Numbers numbers) {
        try {
            work();
        } catch (const node_fault& error) {
            tell(node, error, numbers());
            break_outputs(node);
        } catch (const model_error& error) {
            tell(node, {exit_code::malformed, error.what()}, numbers());
            break_outputs(node);
        }
    }

    bindings known_;
    graph_writer<graph_type> writer_;
    std::string path_;
    std::unordered_set<std::string> used_;
    std::unordered_set<std::string> named_; ///< names of nodes that were imported
    fault_list faults_;
};

} // namespace ctq::inline CTQ_TARGET::host::source
