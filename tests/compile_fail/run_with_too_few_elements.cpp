// error: ctq: run: a range must have as many elements as the model's input or output; see input_size and output_size
#include <compile_fail/dense_model.hpp>

int main() {
    ctq::executor<dense_model<>> executor;
    std::array<float, 3> in{};
    std::array<float, 1> out{};
    executor.run(in, out);
}
