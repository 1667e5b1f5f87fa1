// A format of the tests' own: what a second one costs is a reader of nodes and its translations.
#include <ctq/default_registry.hpp>
#include <ctq/host/source/node_importer.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

namespace source = ctq::host::source;
using ctq::host::exit_code;

struct toy_node {
    std::string operation, vocabulary = {};
    std::vector<std::string> in, out;
    std::int64_t number = 1;

    std::string_view type() const { return operation; }
    std::string_view domain() const { return vocabulary; }
    std::int64_t version() const { return number; }
    std::string_view name() const { return {}; }
    std::string described() const { return operation + " #1"; }
    std::int32_t integer(std::string_view, std::int32_t absent) const { return absent; }
    std::int32_t saturated_integer(std::string_view, std::int32_t absent) const { return absent; }
    float real(std::string_view, float absent) const { return absent; }
    std::string string(std::string_view, std::string_view absent) const { return std::string(absent); }
    std::vector<std::int32_t> integers(std::string_view) const { return {}; }
    std::vector<std::int32_t> saturated_integers(std::string_view) const { return {}; }
    std::vector<float> reals(std::string_view) const { return {}; }
    std::vector<std::string> strings(std::string_view) const { return {}; }
    const source::file_tensor* tensor(std::string_view) const { return nullptr; }
    std::string numbers() const { return "axis 3"; }
    const std::vector<std::string>& input_names() const { return in; }
    const std::vector<std::string>& output_names() const { return out; }
};
static_assert(source::node_reader<toy_node> && !source::node_reader<int>);

struct old_gate : ctq::one_to_one<"toy", "GATE", ctq::op::tanh> {
    static constexpr ctq::version_range versions{1, 2};
};
struct new_gate : ctq::one_to_one<"toy", "GATE", ctq::op::sigmoid> {
    static constexpr ctq::version_range versions{3, 4};
};
struct other_gate : ctq::one_to_one<"toy", "GATE", ctq::op::relu> {
    static constexpr std::string_view domain = "other";
};
/// What appends two operators.
struct gated_sum : ctq::one_to_one<"toy", "SUM", ctq::op::sigmoid> {
    using also_makes = ctq::operator_list<ctq::op::sigmoid, ctq::op::tanh>;
};
/// What makes a constant.
struct five {
    using registered_kind = ctq::translation_tag;
    static constexpr std::string_view source = "toy", name = "FIVE";
    template <ctq::source_node Node> static void translate(Node& in) { in.finish(in.constant("five", {}, {5})); }
};
using of_another_format = ctq::one_to_one<"onnx", "SUM", ctq::op::relu>;

constexpr ctq::registry<old_gate, new_gate, other_gate, five, of_another_format> toy_translations{};
struct toy_format {
    static constexpr std::string_view source = "toy";
    static constexpr auto translations() { return toy_translations.translations(); }
};

using default_type = std::remove_cvref_t<decltype(ctq::default_registry)>;
template <class Registry> using importer_of = source::node_importer<Registry, toy_format, toy_node>;
using importer = importer_of<default_type>;

template <class Importer = importer> Importer made() {
    Importer to("toy.model", 100);
    to.known().bind("x", to.graph().add_value("x", {ctq::dtype::float32, {2}, {}}));
    return to;
}

template <class Importer> void import(Importer& to, const toy_node& node) {
    to.import(node, [&](auto& in) { Importer::translate(in, node); });
}

template <class Op> bool made_first(const auto& graph) {
    return ctq::operator_if<Op>(graph.nodes.at(0)) != nullptr;
}

} // namespace

TEST_CASE("node_importer: the translation is that of the format, the domain and the version") {
    const auto graph_of = [](const toy_node& node) {
        auto to = made();
        import(to, node);
        CHECK(to.faults().empty());
        return std::move(to.graph());
    };
    CHECK(made_first<ctq::op::tanh>(graph_of({"GATE", "", {"x"}, {"y"}, 2})));
    CHECK(made_first<ctq::op::sigmoid>(graph_of({"GATE", "", {"x"}, {"y"}, 3})));
    CHECK(made_first<ctq::op::relu>(graph_of({"GATE", "other", {"x"}, {"y"}, 9})));
    CHECK_FALSE(importer::knows({"GATE", "", {"x"}, {"y"}, 5}));
    CHECK_FALSE(importer::knows({"SUM", "", {"x"}, {"y"}}));
    CHECK(importer::other_versions({"GATE", "", {}, {}, 5}) == "1 to 2, 3 to 4");
    CHECK(importer::other_versions({"GATE", "other", {}, {}, 5}) == "1 and more");
    CHECK(importer::other_versions({"SUM", "", {}, {}, 5}).empty());
}

TEST_CASE("node_importer: a registry's own translation comes first, and one of what it lacks is not used") {
    struct own_gate : ctq::one_to_one<"toy", "GATE", ctq::op::relu> {};
    using with_own = importer_of<decltype(ctq::default_registry.with<own_gate>())>;
    auto to = made<with_own>();
    import(to, {"GATE", "", {"x"}, {"y"}, 2});
    CHECK(made_first<ctq::op::relu>(to.graph()));
    CHECK(with_own::is_of_registry({"GATE", "", {}, {}, 2}));
    CHECK_FALSE(with_own::is_of_registry({"GATE", "other", {}, {}, 2})); // the format's
    CHECK_FALSE(importer::is_of_registry({"GATE", "", {}, {}, 2}));
    using without_tanh = importer_of<ctq::registry<ctq::op::sigmoid>>;
    CHECK_FALSE(without_tanh::knows({"GATE", "", {"x"}, {"y"}, 2}));
    CHECK(without_tanh::knows({"GATE", "", {"x"}, {"y"}, 3}));
    CHECK_FALSE(importer_of<ctq::registry<ctq::op::sigmoid, gated_sum>>::knows({"SUM", "", {"x"}, {"y"}}));
    CHECK(importer_of<ctq::registry<ctq::op::sigmoid, ctq::op::tanh, gated_sum>>::knows({"SUM", "", {"x"}, {"y"}}));
}

TEST_CASE("node_importer: a fault names file and node, and breaks what reads the node") {
    auto to = made();
    import(to, {"GATE", "", {"x", "x"}, { "y" }});
    CHECK(to.faults().code() == exit_code::malformed);
    CHECK(to.faults().text() == "toy.model: GATE #1: one input is required (inputs 2, 2; axis 3); "
                                "correct the model where it was made");
    CHECK(to.reads_broken({"GATE", "", {"y", ""}, {"z"}}));
    CHECK_FALSE(to.reads_broken({"GATE", "", {"x", ""}, {"z"}}));
    to.refuse({"NONE", "", {"x"}, {"u"}}, {exit_code::unsupported, "no such operator"});
    CHECK(to.faults().total() == 2);
    CHECK(to.reads_broken({"GATE", "", {"u"}, {"z"}}));
    CHECK(to.graph().nodes.empty());
}

TEST_CASE("node_importer: an output that is read must be made") {
    auto to = made();
    to.note_use("mask");
    import(to, {"GATE", "", {"x"}, { "y", "mask" }});
    CHECK(to.faults().text().find("output 1 'mask' is used, but not made by ctq, which makes 1 of 2") !=
          std::string::npos);
    auto other = made();
    import(other, {"GATE", "", {"x"}, { "y", "mask" }});
    CHECK(other.faults().empty());
}

TEST_CASE("node_importer: a translation to constants needs no operator of the registry") {
    struct one_more : ctq::one_to_one<"toy", "FIVE", ctq::op::relu> {};
    static_assert(!ctq::makes_constants<one_more> && ctq::makes_constants<five>);
    auto to = made<importer_of<ctq::registry<ctq::op::tanh>>>();
    const toy_node node{"FIVE", {}, {"x"}, {"y"}};
    REQUIRE(decltype(to)::knows(node));
    import(to, node);
    CHECK(to.graph().nodes.empty());
    CHECK(to.graph().reals(to.known().at("y").value)[0] == 5);
}
