// What the host makes tensors of, files and results, lies right in a program whose tensors are column-major.
#include <ctq/host/npy.hpp>
#include <ctq/host/tensors.hpp>

#include <cstdint>
#include <string>
#include <vector>

int main(int, char** arguments) {
    const std::vector<std::int64_t> shape{2, 3};
    const std::vector<float> elements{0, 1, 2, 3, 4, 5};
    const auto is_right = [](const auto& made) { return made(0, 1) == 1 && made(1, 0) == 3 && made(1, 2) == 5; };
    const std::string path = std::string(arguments[0]) + ".npy";
    ctq::host::npy::write<float>(path, shape, elements);
    const ctq::results results({{"y", shape, ctq::constant(elements)}});
    return is_right(ctq::load_tensor(path)) && is_right(results.as()) ? 0 : 1;
}
