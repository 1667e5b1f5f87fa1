#include <ctq/execute/executor.hpp>
#include <ctq/execute/freeze.hpp>

#include <doctest/doctest.h>
#include <execute/models.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <new>
#include <random>
#include <vector>

using namespace ctq::testing;
using ctq::constant;
using ctq::dtype;

namespace {

std::size_t allocations = 0;

} // namespace

// Every allocation of this test program is counted.
[[gnu::noinline]] void* operator new(std::size_t bytes) {
    ++allocations;
    if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

/// An instruction set whose dense layers keep their weights in another order than they are lowered in: backwards.
struct reading_backwards : ctq::kernels::scalar {
    using parent = ctq::kernels::scalar;
    static inline int runs = 0;
};
template <ctq::signature S>
struct ctq::kernels::kernel<reading_backwards, ctq::op::dense, S> : kernel<scalar, op::dense, S> {
    using facts_type = node_facts<op::dense>;

    static constexpr std::size_t packed_bytes(const facts_type& of) { return of.inputs[1].elements(); }
    static constexpr std::size_t scratch_bytes(const facts_type& of) { return packed_bytes(of); }
    static constexpr void pack(const facts_type& of, const_tensors in, std::int8_t* to) {
        const std::int8_t* weights = in[1].as<std::int8_t>();
        std::reverse_copy(weights, weights + packed_bytes(of), to);
    }
    template <class Facts> static void run(const Facts& facts, const_tensors in, tensors out, const workspace& space) {
        std::array<const_tensor, op::weighted::shift + 1> turned{};
        std::copy(in.begin(), in.end(), turned.begin());
        auto* weights = reinterpret_cast<std::int8_t*>(space.scratch);
        std::reverse_copy(space.packed, space.packed + packed_bytes(facts.value), weights);
        turned[1].elements = weights;
        kernel<scalar, op::dense, S>::run(facts, {turned.data(), in.size()}, out, space);
        ++reading_backwards::runs;
    }
};

namespace {

constexpr auto make_residual = [] { return quantized_constant<residual_network>(); };
constexpr auto make_branching = [] { return quantized_constant<branching_network, ctq::rule::tflite_int8>(); };
constexpr auto make_many_ports = [] { return quantized_constant<many_ports_network>(); };
constexpr auto make_islands = [] {
    ctq::flags keep(residual_network().nodes.size(), false);
    keep[0] = keep[3] = true;
    return quantized_constant<residual_network>(keep);
};

using residual = ctq::frozen_model<make_residual, ctq::rule::affine_int8>;
using branching = ctq::frozen_model<make_branching, ctq::rule::tflite_int8>;
using many_ports = ctq::frozen_model<make_many_ports, ctq::rule::affine_int8>;
using islands = ctq::frozen_model<make_islands, ctq::rule::affine_int8>;

/// Random elements for every input of a model.
template <class Model> std::vector<constant> random_inputs(std::mt19937& random) {
    std::vector<constant> result;
    for (const int input : Model::inputs) {
        const auto& facts = Model::values[static_cast<std::size_t>(input)].facts;
        constant one = constant::zeros(facts.type, facts.elements());
        if (facts.type == ctq::dtype::float32)
            for (float& each : one.as<float>()) each = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
        else
            for (std::int8_t& each : one.as<std::int8_t>()) each = static_cast<std::int8_t>(random() % 256);
        result.push_back(one);
    }
    return result;
}

template <class T> const std::vector<T>& elements(const constant& from) {
    return from.as<T>();
}

/// Writes the inputs, runs, and compares every output with evaluate's, to the bit.
template <class Model, class Executor> void check_equals_evaluate(Executor& executor, std::mt19937& random) {
    const auto inputs = random_inputs<Model>(random);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const auto write = [&](auto to, const constant& from) {
            const auto& source = elements<typename decltype(to)::value_type>(from);
            REQUIRE(source.size() == to.size());
            std::copy(source.begin(), source.end(), to.begin());
        };
        (write(executor.template input<I>(), inputs[I]), ...);
    }
    (std::make_index_sequence<Executor::input_count>{});
    executor.invoke();
    const auto wanted = ctq::evaluate<Model>(inputs);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        const auto compare = [&](auto out, int value) {
            using type = typename decltype(out)::value_type;
            CHECK(std::vector<type>(out.begin(), out.end()) == elements<type>(wanted[static_cast<std::size_t>(value)]));
        };
        (compare(executor.template output<I>(), Model::outputs[I]), ...);
    }
    (std::make_index_sequence<Executor::output_count>{});
}

template <class Model, class Policy, class Architecture> void check_executor() {
    std::mt19937 random(17);
    ctq::executor<Model, Policy, Architecture> executor;
    for (int i = 0; i < 5; ++i) check_equals_evaluate<Model>(executor, random);
}

template <class Model> void check_model() {
    check_executor<Model, ctq::policy::fast, ctq::kernels::scalar>();
    check_executor<Model, ctq::policy::small, ctq::kernels::scalar>();
    check_executor<Model, ctq::policy::fast, ctq::kernels::native>();
    check_executor<Model, ctq::policy::small, ctq::kernels::native>();
}

using executor_type = ctq::executor<residual>;
static_assert(sizeof(executor_type) == (executor_type::ram_bytes + 63) / 64 * 64 ||
              sizeof(executor_type) == (executor_type::ram_bytes + 7) / 8 * 8);
static_assert(std::is_trivially_copyable_v<executor_type>);
static_assert(executor_type::input_size<> == 72 && executor_type::output_size<> == 4);
static_assert(ctq::executor<many_ports>::input_count == 2 && ctq::executor<many_ports>::output_count == 3);
static_assert(std::is_same_v<ctq::element_type<islands, islands::inputs[0]>, float>);

} // namespace

TEST_CASE("executor: a network with pooling, groups, a residual sum and softmax is evaluate's, bit for bit") {
    check_model<residual>();
}
TEST_CASE("executor: so is a branching one under TFLite's rounding") {
    check_model<branching>();
}
TEST_CASE("executor: a kernel has its own constants, which it packed, and its own scratch") {
    check_executor<residual, ctq::policy::fast, reading_backwards>();
    check_executor<residual, ctq::policy::small, reading_backwards>();
    CHECK(reading_backwards::runs > 0);
}
TEST_CASE("executor: so is one with several inputs and outputs") {
    check_model<many_ports>();
}
TEST_CASE("executor: so is one whose operators work in place") {
    check_model<in_place_model>();
}
TEST_CASE("executor: so is one with float islands") {
    check_model<islands>();
}

TEST_CASE("executor: an output that folding made a constant is read as one") {
    using model = ctq::frozen_model<[] {
        ctq::builder b;
        const auto x = b.input("x", {2}), y = b.apply(ctq::op::relu{}, {x});
        const std::array first{1.0f, 2.0f}, second{3.0f, 4.0f};
        const auto sum = b.add(b.constant("first", {2}, first), b.constant("second", {2}, second));
        return ctq::prepare(b.finish({{"y", y.value}, {"sum", sum.value}}), ctq::default_registry);
    },
                                    ctq::rule::affine_int8>;
    ctq::executor<model> executor;
    std::array<float, 2> y{}, sum{};
    executor.run(std::array{-1.0f, 5.0f}, y, sum);
    CHECK(y == std::array{0.0f, 5.0f});
    CHECK(sum == std::array{4.0f, 6.0f});
}

TEST_CASE("executor: two of one type run in turn, layer states apart") {
    std::mt19937 random(18), again(18);
    ctq::executor<residual> first, second;
    const auto a = random_inputs<residual>(random), b = random_inputs<residual>(random);
    std::copy(a[0].as<std::int8_t>().begin(), a[0].as<std::int8_t>().end(), first.input().begin());
    std::copy(b[0].as<std::int8_t>().begin(), b[0].as<std::int8_t>().end(), second.input().begin());
    first.invoke();
    second.invoke();
    const auto out = static_cast<std::size_t>(residual::outputs[0]);
    const auto same = [](auto span, const std::vector<std::int8_t>& wanted) {
        return std::vector<std::int8_t>(span.begin(), span.end()) == wanted;
    };
    CHECK(same(first.output(), ctq::evaluate<residual>(a)[out].as<std::int8_t>()));
    CHECK(same(second.output(), ctq::evaluate<residual>(b)[out].as<std::int8_t>()));
    const ctq::executor<residual> copy = first;
    first = second;
    CHECK(same(first.output(), ctq::evaluate<residual>(b)[out].as<std::int8_t>()));
    first = copy;
    CHECK(same(first.output(), ctq::evaluate<residual>(a)[out].as<std::int8_t>()));
}

TEST_CASE("executor: run takes arrays, spans and vectors of float") {
    ctq::executor<residual> executor;
    const auto sample = sample_inputs(residual_network(), 2)[0];
    std::array<float, 72> as_array{};
    std::copy(sample.begin(), sample.end(), as_array.begin());
    std::array<float, 4> first{};
    std::vector<float> second(4);
    float third[4] = {};
    executor.run(as_array, first);
    executor.run(sample, second);
    executor.run(std::span<const float>(sample), std::span(third));
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(first[i] == second[i]);
        CHECK(first[i] == third[i]);
    }
    CHECK(first[0] + first[1] + first[2] + first[3] == doctest::Approx(1).epsilon(0.02));
}

TEST_CASE("executor: run is quantize, run_quantized, dequantize") {
    ctq::executor<many_ports> executor;
    const auto inputs = sample_inputs(many_ports_network(), 3);
    std::array<float, 16> product{}, sum{};
    std::array<float, 2> last{};
    executor.run(inputs[0], inputs[1], product, sum, last);
    const auto graph = make_many_ports();
    const auto integers = as_inputs(graph, inputs);
    std::array<std::int8_t, 16> product8{}, sum8{};
    std::array<std::int8_t, 2> last8{};
    executor.run_quantized(integers[0].as<std::int8_t>(), integers[1].as<std::int8_t>(), product8, sum8, last8);
    const auto elements = ctq::evaluate<many_ports>(integers);
    const auto check = [&](std::size_t output, const auto& reals, const auto& bytes) {
        const auto wanted = output_reals(graph, elements, output);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            CHECK(reals[i] == wanted[i]);
            CHECK(ctq::dequantize(bytes[i], graph.value_at(graph.outputs[output].value).facts.quantization) ==
                  wanted[i]);
        }
    };
    check(0, product, product8);
    check(1, sum, sum8);
    check(2, last, last8);
    CHECK(executor.reproduces(integers[0].as<std::int8_t>(), integers[1].as<std::int8_t>(), product8, sum8, last8));
    last8[1] ^= 1;
    CHECK_FALSE(
        executor.reproduces(integers[0].as<std::int8_t>(), integers[1].as<std::int8_t>(), product8, sum8, last8));
}

TEST_CASE("executor: a range of another size is a fault where the compiler cannot see it") {
    ctq::executor<residual> executor;
    std::vector<float> in(71), out(4);
    const char* text = "a range must have as many elements as the model's input or output";
    CHECK_THROWS_WITH_AS(executor.run(in, out), text, ctq::model_error);
    in.resize(72);
    out.resize(5);
    CHECK_THROWS_WITH_AS(executor.run(in, out), text, ctq::model_error);
    const std::vector<std::int8_t> bytes(73);
    std::vector<std::int8_t> scores(4);
    CHECK_THROWS_WITH_AS(executor.run_quantized(bytes, scores), text, ctq::model_error);
}

TEST_CASE("executor: it allocates nothing") {
    ctq::executor<residual> executor;
    ctq::executor<islands, ctq::policy::small> with_islands;
    const std::array<float, 72> in{};
    std::array<float, 4> out{};
    const std::size_t before = allocations;
    executor.run(in, out);
    with_islands.run(in, out);
    CHECK(allocations == before);
    operator delete(operator new(1)); // a plain call, which no compiler may leave out
    CHECK(allocations == before + 1);
}
