"""Trains the classifier of this example on Fashion-MNIST at 8x8 pixels and writes weights.hpp: four classes, a 3x3
convolution with four channels, a 2x2 max pool, a dense layer. Seeded; a minute on one core.
usage: apt install python3-torch dataset-fashion-mnist; /usr/bin/python3 train.py"""

import gzip
from pathlib import Path

import numpy
import torch
from torch.nn import functional

DATA = Path("/usr/share/datasets/fashion-mnist")
CLASSES = {1: "trouser", 7: "sneaker", 8: "bag", 9: "ankle boot"}


def load(part):
    """Images [N,1,8,8] in 0..255 (28x28 with a border of 2, each 4x4 block averaged) and labels 0..3."""
    images = numpy.frombuffer(gzip.open(DATA / f"{part}-images-idx3-ubyte.gz").read(), numpy.uint8, offset=16)
    labels = numpy.frombuffer(gzip.open(DATA / f"{part}-labels-idx1-ubyte.gz").read(), numpy.uint8, offset=8)
    padded = numpy.pad(images.reshape(-1, 28, 28), ((0, 0), (2, 2), (2, 2))).astype(numpy.float32)
    small = padded.reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4)).round()
    chosen = numpy.isin(labels, list(CLASSES))
    order = {label: i for i, label in enumerate(CLASSES)}
    return torch.tensor(small[chosen])[:, None], torch.tensor([order[label] for label in labels[chosen]])


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 4, 3, padding=1)
        self.dense = torch.nn.Linear(64, 4)

    def forward(self, x):
        x = functional.max_pool2d(torch.relu(self.conv(x)), 2)
        return self.dense(x.permute(0, 2, 3, 1).flatten(1))  # ctq's images are NHWC


def rows(values, text, width=12):
    lines = [", ".join(text(v) for v in values[i : i + width]) for i in range(0, len(values), width)]
    return "    " + ",\n    ".join(lines)


def constants(name, tensor):
    values = tensor.detach().flatten().tolist()
    return f"constexpr std::array<float, {len(values)}> {name}{{\n{rows(values, '{:.4f}f'.format)}}};\n"


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    (images, labels), (test_images, test_labels) = load("train"), load("t10k")
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(4):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            functional.cross_entropy(network(images[batch] / 255), labels[batch]).backward()
            optimizer.step()
    right = (network(test_images / 255).argmax(1) == test_labels).float().mean().item()
    firsts = [int((test_labels == label).nonzero()[0]) for label in range(4)]
    pixels = test_images[firsts].int().flatten().tolist()
    Path(__file__).with_name("weights.hpp").write_text(
        "#pragma once\n"
        f"// Made by train.py: weights ({right:.1%} of 4,000 test images right) and the first test image of each class.\n\n"
        "#include <array>\n#include <cstdint>\n\nnamespace weights {\n\n"
        + constants("conv", network.conv.weight.permute(0, 2, 3, 1))
        + constants("conv_bias", network.conv.bias)
        + constants("dense", network.dense.weight)
        + constants("dense_bias", network.dense.bias)
        + "\n/// Four images of 8x8 grey values: " + ", ".join(CLASSES.values()) + ".\n"
        + f"constexpr std::array<std::uint8_t, {len(pixels)}> images{{\n{rows(pixels, str, 24)}}};\n\n"
        + "} // namespace weights\n"
    )
    print(f"{right:.2%}")


main()
