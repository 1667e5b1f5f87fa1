#!/usr/bin/python3
"""Writes this folder's tiny ONNX models, each with an input and the float32 output that reference.py computes.

NAME.onnx, NAME.input.npy and NAME.output.npy; two_inputs_two_outputs has one .npy per input and output instead.
Needs Debian's python3-onnx and python3-numpy. A model's random values depend only on its name.
Those of opset 6 and of 18 to 23, and of Resize, Upsample, Gather, TopK, NonMaxSuppression and recurrent layers, come
from script/make-opset-models.
"""
import pathlib
import zlib

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

import reference

folder = pathlib.Path(__file__).resolve().parent


class network:
    """A graph under construction: every method appends and returns the name of its result."""

    def __init__(self, name, opset=13):
        self.name, self.opset = name, opset
        self.random = numpy.random.default_rng(zlib.crc32(name.encode()))
        self.inputs, self.outputs, self.nodes, self.constants = {}, [], [], []

    def input(self, *shape, name="x"):
        self.inputs[name] = self.random.normal(size=shape).astype("f4")
        return name

    def node(self, kind, *operands, name=None, **attributes):
        name = name or f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, operands, [name], name=name, **attributes))
        return name

    def constant(self, values, typed_field=False):
        """An initializer; its bytes are in raw_data, or in float_data / int64_data."""
        values = numpy.asarray(values)
        values = values.astype("f4") if values.dtype.kind == "f" else values.astype("i8")
        name = f"constant{len(self.constants)}"
        kind = onnx.mapping.NP_TYPE_TO_TENSOR_TYPE[values.dtype]
        self.constants.append(helper.make_tensor(name, kind, values.shape, values.flatten().tolist())
                              if typed_field else numpy_helper.from_array(values, name))
        return name

    def values(self, *shape):
        return self.random.normal(size=shape)

    def weights(self, *shape):
        """[outputs, inputs, ...] with a spread that keeps the next layer's variance near 1."""
        return self.values(*shape) / numpy.sqrt(numpy.prod(shape[1:]))

    def conv(self, x, *shape, bias=True, **attributes):
        operands = [self.constant(self.weights(*shape))]
        operands += [self.constant(0.3 * self.values(shape[0]))] if bias else []
        return self.node("Conv", x, *operands, kernel_shape=shape[2:], **attributes)

    def batch_norm(self, x, channels, **attributes):
        scale, variance = self.random.uniform(0.5, 1.5, (2, channels))
        scale[0] = -scale[0]  # a fold must not assume a positive scale
        bias, mean = 0.5 * self.values(2, channels)
        parameters = [self.constant(values) for values in (scale, bias, mean, variance)]
        return self.node("BatchNormalization", x, *parameters, **attributes)

    def relu(self, x):
        return self.node("Relu", x)

    def dense(self, x, outputs, inputs):
        weights, bias = self.weights(outputs, inputs), 0.3 * self.values(outputs)
        return self.node("Gemm", x, self.constant(weights), self.constant(bias), transB=1)

    def finish(self, *outputs):
        """Renames the last nodes' results to the outputs' names, checks, evaluates, writes."""
        names = ["y"] if len(outputs) == 1 else list(outputs)
        if len(outputs) == 1:
            self.nodes[-1].output[0] = "y"
        model = self.model(names, {name: None for name in names})
        results = reference.evaluate(model, self.inputs)
        model = self.model(names, {name: result.shape for name, result in results.items()})
        onnx.checker.check_model(model, full_check=True)
        content = model.SerializeToString()
        assert len(content) < 20000, self.name
        (folder / f"{self.name}.onnx").write_bytes(content)
        single = len(self.inputs) == len(names) == 1
        for name, array in self.inputs.items():
            numpy.save(folder / f"{self.name}.{'input' if single else 'input_' + name}.npy", array)
        for name, result in results.items():
            array = numpy.ascontiguousarray(result, "f4")
            numpy.save(folder / f"{self.name}.{'output' if single else 'output_' + name}.npy", array)

    def model(self, names, shapes):
        def value(name, shape):
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

        inputs = [value(name, array.shape) for name, array in self.inputs.items()]
        # Before IR version 4 every initializer is a graph input too.
        old = self.opset < 9
        inputs += [helper.make_tensor_value_info(c.name, c.data_type, c.dims) for c in self.constants] if old else []
        outputs = [value(name, shapes[name]) for name in names]
        graph = helper.make_graph(self.nodes, self.name, inputs, outputs, self.constants)
        return helper.make_model(graph, producer_name="ctq tests", ir_version=3 if old else 7,
                                 opset_imports=[helper.make_opsetid("", self.opset)])


def single(name, kind, shape, *constants, opset=13, **attributes):
    """A model of one node, on one input and constants."""
    n = network(name, opset)
    n.node(kind, n.input(*shape), *[n.constant(c) for c in constants], **attributes)
    n.finish(None)


def single_conv(name, shape, weights, bias=True, **attributes):
    n = network(name)
    n.conv(n.input(*shape), *weights, bias=bias, **attributes)
    n.finish(None)


def convolutions():
    single_conv("conv1d", (1, 3, 20), (5, 3, 4), strides=[2], pads=[1, 2])
    single_conv("conv2d", (1, 3, 8, 8), (4, 3, 3, 3), pads=[1, 1, 1, 1])
    single_conv("conv2d_no_bias", (1, 3, 7, 6), (4, 3, 3, 2), bias=False)
    single_conv("conv2d_pointwise", (1, 6, 5, 5), (10, 6, 1, 1))
    single_conv("conv2d_groups", (1, 4, 7, 7), (6, 2, 3, 3), group=2, pads=[1, 1, 1, 1])
    single_conv("conv2d_dilated", (1, 3, 9, 10), (4, 3, 3, 3), dilations=[2, 3], pads=[2, 3, 2, 3])
    single_conv("conv2d_asymmetric_pads", (1, 2, 7, 8), (3, 2, 3, 4), pads=[0, 2, 1, 3])
    single_conv("conv2d_same_upper", (1, 3, 8, 7), (4, 3, 3, 4), auto_pad="SAME_UPPER", strides=[2, 2])
    single_conv("conv2d_same_lower", (1, 3, 8, 7), (4, 3, 3, 4), auto_pad="SAME_LOWER", strides=[2, 2])
    single_conv("conv2d_valid", (1, 3, 8, 7), (4, 3, 3, 3), auto_pad="VALID")
    single_conv("conv2d_stride2", (1, 3, 9, 8), (4, 3, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1])
    single_conv("conv2d_stride2x1", (1, 3, 9, 8), (4, 3, 5, 3), strides=[2, 1])
    single_conv("depthwise", (1, 5, 8, 8), (5, 1, 3, 3), group=5, pads=[1, 1, 1, 1])
    single_conv("depthwise_multiplier2", (1, 4, 8, 8), (8, 1, 3, 3), group=4, strides=[2, 2], pads=[1, 1, 1, 1])

    n = network("constant_node_weight")
    x = n.input(1, 2, 6, 6)
    weights = numpy_helper.from_array(n.weights(3, 2, 3, 3).astype("f4"), "weights")
    n.node("Conv", x, n.node("Constant", value=weights))
    n.finish(None)

    n = network("float_data_weight")
    x = n.input(1, 2, 6, 6)
    n.node("Conv", x, n.constant(n.weights(3, 2, 3, 3), typed_field=True), n.constant(n.values(3), typed_field=True))
    n.finish(None)


def dense_layers():
    for name, shape, attributes in (
        ("gemm_transb0", (12, 7), {}),
        ("gemm_transb1", (7, 12), {"transB": 1}),
        ("gemm_alpha_beta", (7, 12), {"transB": 1, "alpha": 0.5, "beta": 2.0}),
    ):
        n = network(name)
        n.node("Gemm", n.input(1, 12), n.constant(n.values(*shape) / 3), n.constant(n.values(7)), **attributes)
        n.finish(None)

    n = network("gemm_no_bias", 11)
    n.node("Gemm", n.input(1, 12), n.constant(n.values(12, 7) / 3))
    n.finish(None)

    n = network("matmul_add")
    product = n.node("MatMul", n.input(1, 12), n.constant(n.values(12, 7) / 3))
    n.node("Add", product, n.constant(n.values(7)))
    n.finish(None)

    n = network("mlp")
    x = n.relu(n.dense(n.input(1, 16), 24, 16))
    x = n.relu(n.dense(x, 12, 24))
    n.dense(x, 4, 12)
    n.finish(None)


def pooling():
    shape = (1, 3, 8, 7)
    single("max_pool", "MaxPool", shape, kernel_shape=[2, 2], strides=[2, 2])
    single("max_pool_pads", "MaxPool", shape, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    single("max_pool_ceil", "MaxPool", shape, kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1)
    single("max_pool_ceil_pads", "MaxPool", (1, 2, 7, 8), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1,
           pads=[1, 0, 0, 1])
    single("max_pool_same_upper", "MaxPool", shape, kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    single("max_pool_1d", "MaxPool", (1, 3, 11), kernel_shape=[3], strides=[2])
    pads = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    single("average_pool", "AveragePool", shape, kernel_shape=[2, 3], strides=[2, 2])
    single("average_pool_exclude_pad", "AveragePool", shape, **pads, count_include_pad=0)
    single("average_pool_include_pad", "AveragePool", shape, **pads, count_include_pad=1)
    single("global_average_pool", "GlobalAveragePool", (1, 6, 5, 7))
    single("reduce_mean_keepdims0", "ReduceMean", (1, 6, 5, 7), axes=[2, 3], keepdims=0)
    single("reduce_mean_keepdims1", "ReduceMean", (1, 6, 5, 7), axes=[2, 3], keepdims=1)
    single("reduce_mean_negative_axes", "ReduceMean", (1, 6, 5, 7), axes=[-1, -2], keepdims=0)


def activations():
    shape = (1, 4, 5, 6)
    single("relu", "Relu", shape)
    single("sigmoid", "Sigmoid", shape)
    single("tanh", "Tanh", shape)
    single("clip_opset7", "Clip", shape, opset=7, min=-0.5, max=1.25)
    single("clip_opset13", "Clip", shape, numpy.float32(-0.5), numpy.float32(1.25))
    n = network("clip_max_only")
    n.node("Clip", n.input(*shape), "", n.constant(numpy.float32(0.75)))
    n.finish(None)
    single("softmax_opset11", "Softmax", (1, 3, 4), opset=11, axis=1)
    single("softmax_opset13", "Softmax", (1, 3, 4), axis=1)
    single("softmax_last_axis", "Softmax", (1, 10))


def element_wise():
    shape = (1, 4, 5, 6)
    for kind in ("Add", "Mul"):
        lower = kind.lower()
        n = network(f"{lower}_channel_constant")
        n.node(kind, n.input(*shape), n.constant(n.values(1, 4, 1, 1)))
        n.finish(None)
        n = network(f"{lower}_tensors")
        x = n.input(*shape)
        n.node(kind, n.conv(x, 4, 4, 3, 3, pads=[1, 1, 1, 1]), n.conv(x, 4, 4, 1, 1))
        n.finish(None)
    n = network("add_scalar_first")
    n.node("Add", n.constant(numpy.float32(0.625)), n.input(*shape))
    n.finish(None)
    n = network("mul_channel_gate")
    x = n.input(*shape)
    gate = n.node("Sigmoid", n.conv(n.node("GlobalAveragePool", x), 4, 4, 1, 1))
    n.node("Mul", x, gate)
    n.finish(None)


def data_movement():
    n = network("concat_branches")
    x = n.input(1, 3, 6, 6)
    left = n.relu(n.conv(x, 4, 3, 3, 3, pads=[1, 1, 1, 1]))
    n.node("Concat", left, n.conv(x, 2, 3, 1, 1), axis=1)
    n.finish(None)
    single("flatten", "Flatten", (1, 3, 4, 5))
    single("reshape", "Reshape", (1, 6, 4, 5), numpy.array([0, -1, 10]))
    single("transpose", "Transpose", (1, 3, 4, 5), perm=[0, 2, 3, 1])
    single("identity", "Identity", (1, 3, 4, 5))
    n = network("dropout")
    n.node("Dropout", n.input(1, 3, 4, 5), n.constant(numpy.float32(0.3)))
    n.finish(None)

    n = network("flatten_gemm")
    x = n.relu(n.conv(n.input(1, 2, 6, 6), 3, 2, 3, 3))
    n.dense(n.node("Flatten", x), 5, 48)
    n.finish(None)

    for name, opset in (("pad_opset7_conv", 7), ("pad_opset13_conv", 13)):
        n = network(name, opset)
        x, pads = n.input(1, 2, 6, 6), [0, 0, 1, 2, 0, 0, 2, 1]
        padded = (n.node("Pad", x, mode="constant", pads=pads, value=0.0) if opset == 7
                  else n.node("Pad", x, n.constant(numpy.array(pads), typed_field=True), mode="constant"))
        n.conv(padded, 3, 2, 3, 3)
        n.finish(None)
    single("pad_value", "Pad", (1, 2, 4, 5), numpy.array([0, 0, 1, 0, 0, 0, 0, 2]), numpy.float32(-0.75))


def normalization():
    n = network("batch_normalization")
    n.batch_norm(n.input(1, 4, 5, 6), 4, epsilon=1e-3)
    n.finish(None)
    for name, bias in (("conv_batch_normalization", False), ("conv_bias_batch_normalization", True)):
        n = network(name)
        n.batch_norm(n.conv(n.input(1, 3, 6, 6), 4, 3, 3, 3, bias=bias), 4)
        n.finish(None)
    n = network("depthwise_batch_normalization_relu6")
    x = n.conv(n.input(1, 4, 6, 6), 4, 1, 3, 3, bias=False, group=4, pads=[1, 1, 1, 1])
    n.node("Clip", n.batch_norm(x, 4), n.constant(numpy.float32(0)), n.constant(numpy.float32(6)))
    n.finish(None)


def whole_networks():
    n = network("residual")
    x = n.relu(n.batch_norm(n.conv(n.input(1, 1, 12, 12), 6, 1, 3, 3, bias=False, pads=[1, 1, 1, 1]), 6))
    for inputs, outputs, stride in ((6, 6, 1), (6, 10, 2)):
        shortcut = x
        if stride == 2:
            shortcut = n.batch_norm(n.conv(x, outputs, inputs, 1, 1, bias=False, strides=[2, 2]), outputs)
        x = n.conv(x, outputs, inputs, 3, 3, bias=False, strides=[stride] * 2, pads=[1, 1, 1, 1])
        x = n.conv(n.relu(n.batch_norm(x, outputs)), outputs, outputs, 3, 3, bias=False, pads=[1, 1, 1, 1])
        x = n.relu(n.node("Add", n.batch_norm(x, outputs), shortcut))
    x = n.node("Flatten", n.node("GlobalAveragePool", x))
    n.node("Softmax", n.dense(x, 5, 10), axis=1)
    n.finish(None)

    n = network("two_inputs_two_outputs")
    a, b = n.input(1, 2, 5, 5, name="a"), n.input(1, 3, 5, 5, name="b")
    left = n.conv(a, 4, 2, 3, 3, pads=[1, 1, 1, 1])
    total = n.node("Add", left, n.conv(b, 4, 3, 1, 1), name="total")
    pooled = n.node("Flatten", n.node("GlobalAveragePool", n.relu(total)))
    weights, bias = n.constant(n.weights(3, 4)), n.constant(n.values(3))
    n.node("Gemm", pooled, weights, bias, name="scores", transB=1)
    n.finish("total", "scores")


if __name__ == "__main__":
    for family in (convolutions, dense_layers, pooling, activations, element_wise, data_movement, normalization,
                   whole_networks):
        family()
