// The whole command line tool, with the operator of our own in every verb.

#include "registry.hpp"

#include <ctq/host/cli.hpp>

int main(int argc, char** argv) {
    return ctq::cli<mine>(argc, argv);
}
