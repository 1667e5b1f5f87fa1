// A program with a model that ctq_add_model made.
#include "tiny.hpp"

static tiny::executor net;

int main() {
    static float input[tiny::input_size];
    static float output[tiny::output_size];
    net.run(input, output);
    return tiny::selftest() ? 0 : 1;
}
