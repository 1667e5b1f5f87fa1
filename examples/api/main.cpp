// ctq from C++, on xtensor's tensors: a model is read, calibrated, quantized, compared with its float network and
// written as a header.
#include <ctq/host/api.hpp>

#include <xtensor/xmath.hpp>
#include <xtensor/xrandom.hpp>
#include <xtensor/xsort.hpp>
#include <xtensor/xview.hpp>

#include <cstddef>
#include <iostream>

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: example_api MODEL.onnx, a model with one input of [1, 16] and one output of classes\n";
        return 2;
    }
    try {
        const auto network = ctq::load(arguments[1]);
        xt::random::seed(1);
        const xt::xarray<float> data = xt::random::randn<float>({512, 16});
        const auto calibration = ctq::calibrate(network, xt::view(data, xt::range(0, 128), xt::all()));
        const auto integers = ctq::quantize(network, calibration.table, {.rule = "affine_int8", .strategy = "minmax"});

        const auto test = xt::view(data, xt::range(128, 512), xt::all());
        const xt::xarray<float> real = ctq::infer(network, test).as(), quantized = ctq::infer(integers, test).as();
        const xt::xarray<std::size_t> labels = xt::argmax(real, 1);
        std::cout << "mean error " << xt::mean(xt::abs(real - quantized))() << " of a mean of "
                  << xt::mean(xt::abs(real))() << '\n';

        const auto compared = ctq::evaluate(network, integers, test, labels);
        std::cout << "the same class for " << compared.agreements << " of " << compared.samples << " samples\n";
        const auto header = ctq::emit(integers, {.name = "mlp"});
        std::cout << "a header of " << header.header.size() << " characters\n";
        return compared.agreements * 10 >= compared.samples * 9 ? 0 : 1;
    } catch (const ctq::host::failure& fault) {
        fault.print(std::cerr);
        return static_cast<int>(fault.code);
    }
}
