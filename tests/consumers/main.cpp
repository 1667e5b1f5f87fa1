// What a consumer's program needs of the library: that it is found, and which version it is.
#include <ctq/firmware.hpp>

#include <cstdio>

int main() {
    return std::puts(ctq::version) < 0 ? 1 : 0;
}
