// error: ctq: run_quantized: ranges of the model's element types are required; see element_type
#include <compile_fail/dense_model.hpp>

int main() {
    ctq::executor<dense_model<>> executor;
    std::array<float, 4> in{};
    std::array<std::int8_t, 1> out{};
    executor.run_quantized(in, out);
}
