// Reads the cases once for all tests: the JSON library is compiled here only.
#include <core/tflite_cases.hpp>
#include <nlohmann/json.hpp>

#include <fstream>

namespace ctq::testing {

namespace {

tflite_tensor tensor_of(const nlohmann::json& from) {
    tflite_tensor result;
    result.absent = from.is_null();
    if (result.absent) return result;
    result.shape = from.at("shape").get<std::vector<std::int32_t>>();
    result.dtype = from.at("dtype").get<std::string>();
    result.scale = from.value("scale", std::vector<float>());
    result.zero_point = from.value("zero_point", std::vector<std::int32_t>());
    if (result.dtype == "float32")
        result.reals = from.at("data").get<std::vector<float>>();
    else
        result.data = from.at("data").get<std::vector<std::int64_t>>();
    return result;
}

tflite_options options_of(const nlohmann::json& from) {
    tflite_options result;
    for (const auto& [name, each] : from.items()) {
        if (each.is_string())
            result.texts[name] = each.get<std::string>();
        else if (each.is_boolean())
            result.numbers[name] = each.get<bool>() ? 1 : 0;
        else if (each.is_number())
            result.numbers[name] = each.get<double>();
    }
    return result;
}

} // namespace

std::vector<tflite_case> tflite_cases(const std::string& op, const std::string& input_dtype) {
    std::ifstream file(CTQ_TEST_DATA "/tflite.jsonl");
    REQUIRE(file);
    std::vector<tflite_case> result;
    for (std::string line; std::getline(file, line);) {
        const auto from = nlohmann::json::parse(line);
        if (from.at("op") != op) continue;
        tflite_case c{op, from.at("note"), options_of(from.at("options")), {}, tensor_of(from.at("outputs").at(0))};
        for (const auto& input : from.at("inputs")) c.inputs.push_back(tensor_of(input));
        if (input_dtype.empty() || c.inputs[0].dtype == input_dtype) result.push_back(c);
    }
    return result;
}

} // namespace ctq::testing
