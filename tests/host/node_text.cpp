#include <ctq/host/node_text.hpp>

#include <doctest/doctest.h>

TEST_CASE("node_text: the node's name in quotes, its operator's in brackets") {
    CHECK(ctq::host::node_text("conv1", "conv2d") == "node 'conv1' (conv2d)");
    CHECK(ctq::host::node_text("two\nlines", "add") == "node 'two\\x0alines' (add)");
}
