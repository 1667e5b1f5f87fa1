#include "kws.hpp" // finds <ctq/firmware.hpp>, or the single header "ctq.hpp" beside it

static kws::executor net; // all state; its arena is kws::ram_bytes
static_assert(kws::ram_bytes <= 32 * 1024);

int main() {
    static std::array<float, kws::input_size> input{};
    static std::array<float, kws::output_size> output{};
    net.run(input, output); // quantize, integer network, dequantize; run_quantized() takes the integers as they are
    return kws::selftest() ? 0 : 1; // a golden vector in the header: this machine gives the tool's bits
}
