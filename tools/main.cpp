// The host tool `ctq`: the command line over the default registry. Everything is in include/ctq/host.
#include <ctq/host/cli.hpp>

int main(int argc, char** argv) {
    return ctq::cli(argc, argv);
}
