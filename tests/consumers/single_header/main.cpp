// The single header alone on the include path.
#define CTQ_FIRMWARE_ONLY
#include "ctq.hpp"

#include <cstdio>

int main() {
    return std::puts(ctq::version) < 0 ? 1 : 0;
}
