#include <ctq/default_registry.hpp>
#include <ctq/operators/all.hpp>

#include <doctest/doctest.h>
#include <laws/operation.hpp>
#include <operators/samples.hpp>

TEST_CASE("operators: every registered one keeps the laws of operation, under every rule") {
    ctq::default_registry.for_each(ctq::default_registry.operators(), [](auto op) {
        ctq::default_registry.for_each(ctq::default_registry.rules(), [](auto rule) {
            ctq::laws::check_operation<typename decltype(op)::type, ctq::default_graph, typename decltype(rule)::type,
                                       ctq::rules_of<std::remove_const_t<decltype(ctq::default_registry)>>>();
        });
    });
}

TEST_CASE("operators: no two share a name") {
    std::set<std::string_view> names, cpp_names;
    ctq::default_registry.for_each(ctq::default_registry.operators(), [&](auto each) {
        using operator_type = typename decltype(each)::type;
        CHECK(names.insert(operator_type::name).second);
        CHECK(cpp_names.insert(operator_type::cpp_name).second);
    });
}
