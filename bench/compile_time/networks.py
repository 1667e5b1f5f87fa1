"""MLPerf Tiny's four topologies with random weights, as ONNX files with samples to calibrate with: how long a header takes
to compile depends on its layers, not on what they learned. usage: networks.py FOLDER"""

import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

random = numpy.random.default_rng(7)


class Network:
    """Appends layers; each takes and gives the name of a tensor."""

    def __init__(self, input_shape):
        self.nodes, self.constants = [], []
        self.input_shape = input_shape

    def constant(self, values):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values.astype(numpy.float32), name))
        return name

    def apply(self, operator, inputs, **attributes):
        name = f"{operator}_{len(self.nodes)}".lower()
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def weighted(self, operator, x, shape, relu, **attributes):
        """Weights and a bias; the output channels are the first axis of the weights."""
        spread = (2 / numpy.prod(shape[1:])) ** 0.5
        parts = [self.constant(random.normal(0, spread, shape)), self.constant(random.normal(0, 0.1, shape[0]))]
        y = self.apply(operator, [x, *parts], **attributes)
        return self.apply("Relu", [y]) if relu else y

    def convolution(self, x, inputs, outputs, kernel, stride=1, pads=None, groups=1, relu=True):
        around = pads or [kernel[0] // 2, kernel[1] // 2] * 2
        return self.weighted("Conv", x, (outputs, inputs // groups, *kernel), relu, kernel_shape=list(kernel),
                             strides=[stride, stride], pads=around, group=groups)

    def dense(self, x, inputs, outputs, relu=False):
        return self.weighted("Gemm", x, (outputs, inputs), relu, transB=1)

    def classify(self, x, inputs, outputs):
        pooled = self.apply("Flatten", [self.apply("GlobalAveragePool", [x])])
        return self.apply("Softmax", [self.dense(pooled, inputs, outputs)], axis=1)

    def save(self, folder, name, y, output_shape):
        def port(of, shape):
            return helper.make_tensor_value_info(of, TensorProto.FLOAT, shape)

        graph = helper.make_graph(self.nodes, name, [port("input", self.input_shape)], [port(y, output_shape)],
                                  self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
        onnx.save(model, str(folder / f"{name}.onnx"))
        samples = random.uniform(-1, 1, (8, *self.input_shape[1:])).astype(numpy.float32)
        numpy.save(folder / f"{name}.npy", samples)


def anomaly_detection(folder):
    net = Network([1, 640])
    x, width = "input", 640
    for outputs in [128] * 4 + [8] + [128] * 4:
        x, width = net.dense(x, width, outputs, relu=True), outputs
    net.save(folder, "anomaly_detection", net.dense(x, width, 640), [1, 640])


def keyword_spotting(folder):
    net = Network([1, 1, 49, 10])
    x = net.convolution("input", 1, 64, (10, 4), 2, [4, 1, 5, 1])
    for _ in range(4):
        x = net.convolution(x, 64, 64, (3, 3), groups=64)
        x = net.convolution(x, 64, 64, (1, 1))
    net.save(folder, "keyword_spotting", net.classify(x, 64, 12), [1, 12])


def image_classification(folder):
    net = Network([1, 3, 32, 32])
    x, width = net.convolution("input", 3, 16, (3, 3)), 16
    for outputs, stride in ((16, 1), (32, 2), (64, 2)):
        y = net.convolution(x, width, outputs, (3, 3), stride)
        y = net.convolution(y, outputs, outputs, (3, 3), relu=False)
        around = x if stride == 1 else net.convolution(x, width, outputs, (1, 1), stride, relu=False)
        x, width = net.apply("Relu", [net.apply("Add", [around, y])]), outputs
    net.save(folder, "image_classification", net.classify(x, 64, 10), [1, 10])


def visual_wake_words(folder):
    net = Network([1, 3, 96, 96])
    x, width = net.convolution("input", 3, 8, (3, 3), 2), 8
    steps = [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1)]
    for outputs, stride in steps:
        x = net.convolution(x, width, width, (3, 3), stride, groups=width)
        x, width = net.convolution(x, width, outputs, (1, 1)), outputs
    net.save(folder, "visual_wake_words", net.classify(x, 256, 2), [1, 2])


target = Path(sys.argv[1])
for make in (anomaly_detection, keyword_spotting, image_classification, visual_wake_words):
    make(target)
