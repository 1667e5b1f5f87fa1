// error: ctq: run: ranges of float are required; use run_quantized for integers
#include <compile_fail/dense_model.hpp>

int main() {
    ctq::executor<dense_model<>> executor;
    std::array<float, 4> in{};
    std::array<int, 1> out{};
    executor.run(in, out);
}
