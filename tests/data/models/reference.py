#!/usr/bin/python3
"""A small ONNX evaluator: float64 inside, written from the operator specification; the oracle of generate.py.

`reference.py FOLDER` checks it on ONNX's own vectors (Debian: libonnx-testdata, /usr/share/libonnx-testdata/data):
every test case in FOLDER whose operators are all known must agree.
"""
import itertools
import math
import pathlib
import sys

import numpy
import onnx
from onnx import numpy_helper


def window_geometry(attributes, kernel, sizes):
    """Per axis (output size, pad before, pad after) of a convolution or pooling."""
    count = len(kernel)
    strides = attributes.get("strides", [1] * count)
    dilations = attributes.get("dilations", [1] * count)
    pads = attributes.get("pads", [0] * 2 * count)
    mode = attributes.get("auto_pad", b"NOTSET").decode()
    rounding = math.ceil if attributes.get("ceil_mode", 0) else math.floor
    geometry = []
    for axis, size in enumerate(sizes):
        extent = (kernel[axis] - 1) * dilations[axis] + 1
        before, after = (pads[axis], pads[axis + count]) if mode == "NOTSET" else (0, 0)
        if mode.startswith("SAME"):
            output = -(-size // strides[axis])
            total = max((output - 1) * strides[axis] + extent - size, 0)
            before, after = total // 2, total - total // 2
            if mode == "SAME_LOWER":
                before, after = after, before
        else:
            output = rounding((size + before + after - extent) / strides[axis]) + 1
        geometry.append((output, before, after))
    return geometry, strides, dilations


def windows(x, attributes, kernel, fill):
    """Yields (output position, the window [N, C, *kernel]); positions outside the padded input hold `fill`."""
    geometry, strides, dilations = window_geometry(attributes, kernel, x.shape[2:])
    widths = [(0, 0), (0, 0)]
    for (output, before, after), size, stride, dilation, length in zip(
            geometry, x.shape[2:], strides, dilations, kernel):
        last = (output - 1) * stride + (length - 1) * dilation + 1
        widths.append((before, max(after, last - size - before)))
    padded = numpy.pad(x, widths, constant_values=fill)
    for position in itertools.product(*[range(output) for output, _, _ in geometry]):
        steps = [slice(p * s, p * s + (k - 1) * d + 1, d) for p, s, d, k in zip(position, strides, dilations, kernel)]
        yield (slice(None), slice(None), *position), padded[(slice(None), slice(None), *steps)]


def output_like(x, attributes, kernel, channels):
    geometry, _, _ = window_geometry(attributes, kernel, x.shape[2:])
    return numpy.empty((x.shape[0], channels, *[output for output, _, _ in geometry]))


def conv(attributes, _, x, weights, bias=None):
    groups = attributes.get("group", 1)
    channels = weights.shape[0]
    result = output_like(x, attributes, weights.shape[2:], channels)
    grouped_weights = weights.reshape(groups, channels // groups, -1)
    for position, window in windows(x, attributes, weights.shape[2:], 0):
        grouped = window.reshape(x.shape[0], groups, -1)
        result[position] = numpy.einsum("ngi,goi->ngo", grouped, grouped_weights).reshape(x.shape[0], channels)
    return result if bias is None else result + bias.reshape(-1, *[1] * (x.ndim - 2))


def max_pool(attributes, _, x):
    result = output_like(x, attributes, attributes["kernel_shape"], x.shape[1])
    for position, window in windows(x, attributes, attributes["kernel_shape"], -numpy.inf):
        result[position] = window.reshape(*x.shape[:2], -1).max(2)
    return result


def average_pool(attributes, _, x):
    kernel = attributes["kernel_shape"]
    result = output_like(x, attributes, kernel, x.shape[1])
    included = attributes.get("count_include_pad", 0)
    inside = numpy.ones((1, 1, *x.shape[2:]))
    for (position, window), (_, mask) in zip(windows(x, attributes, kernel, 0), windows(inside, attributes, kernel, 0)):
        result[position] = window.reshape(*x.shape[:2], -1).sum(2) / (mask.size if included else mask.sum())
    return result


def batch_normalization(attributes, _, x, scale, bias, mean, variance):
    def per_channel(values):
        return values.reshape(-1, *[1] * (x.ndim - 2))

    deviation = numpy.sqrt(per_channel(variance) + attributes.get("epsilon", 1e-5))
    return per_channel(scale) * (x - per_channel(mean)) / deviation + per_channel(bias)


def gemm(attributes, _, a, b, c=0.0):
    a = a.T if attributes.get("transA", 0) else a
    b = b.T if attributes.get("transB", 0) else b
    return attributes.get("alpha", 1.0) * (a @ b) + attributes.get("beta", 1.0) * c


def clip(attributes, _, x, low=None, high=None):
    low = attributes.get("min", -numpy.inf) if low is None else low
    high = attributes.get("max", numpy.inf) if high is None else high
    return numpy.minimum(numpy.maximum(x, low), high)


def softmax(attributes, opset, x):
    if opset < 13:  # all axes from `axis` on are one
        axis = attributes.get("axis", 1) % x.ndim
        flat = x.reshape(math.prod(x.shape[:axis]), -1)
        return softmax({"axis": -1}, 13, flat).reshape(x.shape)
    axis = attributes.get("axis", -1)
    exponentials = numpy.exp(x - x.max(axis, keepdims=True))
    return exponentials / exponentials.sum(axis, keepdims=True)


def flatten(attributes, _, x):
    axis = attributes.get("axis", 1)
    axis = axis + x.ndim if axis < 0 else axis
    return x.reshape(math.prod(x.shape[:axis]), -1)


def reshape(attributes, _, x, shape):
    zero_copies = not attributes.get("allowzero", 0)
    return x.reshape([x.shape[i] if size == 0 and zero_copies else int(size) for i, size in enumerate(shape)])


def pad(attributes, _, x, pads=None, value=None):
    pads = attributes["pads"] if pads is None else [int(width) for width in pads]
    mode = attributes.get("mode", b"constant").decode()
    widths = list(zip(pads[: x.ndim], pads[x.ndim:]))
    if mode != "constant":
        return numpy.pad(x, widths, mode)
    return numpy.pad(x, widths, constant_values=attributes.get("value", 0.0) if value is None else value.item())


def reduce_mean(attributes, _, x):
    return x.mean(tuple(attributes.get("axes", range(x.ndim))), keepdims=bool(attributes.get("keepdims", 1)))


operators = {
    "Add": lambda attributes, _, a, b: a + b,
    "AveragePool": average_pool,
    "BatchNormalization": batch_normalization,
    "Clip": clip,
    "Concat": lambda attributes, _, *parts: numpy.concatenate(parts, attributes["axis"]),
    "Constant": lambda attributes, _: attributes["value"],
    "Conv": conv,
    "Dropout": lambda attributes, _, x, *rest: x,
    "Flatten": flatten,
    "Gemm": gemm,
    "GlobalAveragePool": lambda attributes, _, x: x.mean(tuple(range(2, x.ndim)), keepdims=True),
    "Identity": lambda attributes, _, x: x,
    "MatMul": lambda attributes, _, a, b: a @ b,
    "MaxPool": max_pool,
    "Mul": lambda attributes, _, a, b: a * b,
    "Pad": pad,
    "ReduceMean": reduce_mean,
    "Relu": lambda attributes, _, x: numpy.maximum(x, 0),
    "Reshape": reshape,
    "Sigmoid": lambda attributes, _, x: 1 / (1 + numpy.exp(-x)),
    "Softmax": softmax,
    "Tanh": lambda attributes, _, x: numpy.tanh(x),
    "Transpose": lambda attributes, _, x: x.transpose(attributes.get("perm")),
}


def widened(array):
    return array.astype("f8") if array.dtype.kind == "f" else array


def attribute_values(node):
    values = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    return {name: widened(numpy_helper.to_array(value)) if isinstance(value, onnx.TensorProto) else value
            for name, value in values.items()}


def evaluate(model, inputs):
    """The model's outputs by name, float64, from its inputs by name."""
    opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
    values = {"": None}
    values.update({tensor.name: widened(numpy_helper.to_array(tensor)) for tensor in model.graph.initializer})
    values.update({name: widened(array) for name, array in inputs.items()})
    for node in model.graph.node:
        operands = [values[name] for name in node.input]
        values[node.output[0]] = operators[node.op_type](attribute_values(node), opset, *operands)
    return {output.name: values[output.name] for output in model.graph.output}


def load_tensor(path):
    return numpy_helper.to_array(onnx.TensorProto.FromString(path.read_bytes()))


def is_known(model):
    """All operators, no second output, no training mode, no dtype but float (and integer shapes)."""
    types = {value.type.tensor_type.elem_type for value in [*model.graph.input, *model.graph.output]}
    return (all(node.op_type in operators and len(node.output) == 1 for node in model.graph.node)
            and not any(a.name == "training_mode" and a.i for node in model.graph.node for a in node.attribute)
            and types <= {onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64})


def check_vectors(folder):
    checked, failed = 0, []
    for path in sorted(folder.glob("**/model.onnx")):
        model = onnx.load(str(path))
        if not is_known(model):
            continue
        initialized = {tensor.name for tensor in model.graph.initializer}
        names = [value.name for value in model.graph.input if value.name not in initialized]
        for case in sorted(path.parent.glob("test_data_set_*")):
            checked += 1
            inputs = {name: load_tensor(case / f"input_{i}.pb") for i, name in enumerate(names)}
            wanted = load_tensor(case / "output_0.pb")
            try:
                result = evaluate(model, inputs)[model.graph.output[0].name]
                agrees = result.shape == wanted.shape and numpy.allclose(result, wanted, rtol=1e-3, atol=1e-6)
            except Exception as error:
                agrees = False
                print(path.parent.name, repr(error))
            if not agrees:
                failed.append(path.parent.name)
    print(f"{checked} vectors checked, {len(failed)} differ", *failed)
    return checked > 0 and not failed


if __name__ == "__main__":
    sys.exit(0 if check_vectors(pathlib.Path(sys.argv[1])) else 1)
