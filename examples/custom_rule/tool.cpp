// The whole command line tool, with the rule and the strategy of our own: --rule power_of_two --strategy mean_sigma.

#include "registry.hpp"

#include <ctq/host/cli.hpp>

int main(int argc, char** argv) {
    return ctq::cli<mine>(argc, argv);
}
