// error: ctq: run: one range for each input and then one for each output is required; see input_count and output_count
#include <compile_fail/dense_model.hpp>

int main() {
    ctq::executor<dense_model<>> executor;
    std::array<float, 4> in{};
    executor.run(in);
}
