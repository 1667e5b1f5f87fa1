// error: ctq: run: ranges of float are required; use run_quantized for integers
#include <compile_fail/dense_model.hpp>

int main() {
    ctq::executor<dense_model<>> executor;
    std::array<std::int8_t, 4> in{};
    std::array<float, 1> out{};
    executor.run(in, out);
}
