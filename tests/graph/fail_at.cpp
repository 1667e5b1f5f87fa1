#include <ctq/graph/fail_at.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

std::string text_of_fault(const std::string& name) {
    try {
        ctq::detail::fail_at("node", name, "is wrong");
    } catch (const ctq::model_error& fault) {
        return fault.what();
    }
}

} // namespace

TEST_CASE("fail_at: one line, whose reason no name displaces") {
    CHECK(text_of_fault("conv") == "node 'conv': is wrong");
    CHECK(text_of_fault("b\nc") == "node 'b?c': is wrong");
    CHECK(text_of_fault(std::string(5000, 'a')) == "node '" + std::string(200, 'a') + "...': is wrong");
}
