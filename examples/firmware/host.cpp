// The same program on a machine with an operating system, to compare with.
#include "board.hpp"

#include <cstdio>

namespace board {

void print(const char* text) {
    std::fputs(text, stdout);
}

} // namespace board

int main() {
    return application();
}
