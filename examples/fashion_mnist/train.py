#!/usr/bin/python3
"""Trains the three Fashion-MNIST networks of this example and exports them to ONNX.

Needs Debian's python3-torch, python3-onnx and dataset-fashion-mnist. Writes NAME.onnx and train.log beside
this file. Each network starts from its own seed, so `--only NAME` gives the same weights as a full run.
"""
import argparse
import gzip
import pathlib
import platform
import time

import numpy
import onnx
import torch
from torch import nn
from torch.nn import functional

data_folder = pathlib.Path("/usr/share/datasets/fashion-mnist")
output_folder = pathlib.Path(__file__).resolve().parent


def read_images(name):
    """An idx3 file as uint8 [n, 28, 28]."""
    content = gzip.decompress((data_folder / f"{name}-images-idx3-ubyte.gz").read_bytes())
    magic, count, rows, columns = numpy.frombuffer(content, ">u4", 4)
    assert magic == 0x803 and (rows, columns) == (28, 28)
    return torch.from_numpy(numpy.frombuffer(content, "u1", offset=16).reshape(count, 28, 28).copy())


def read_labels(name):
    """An idx1 file as int64 [n]."""
    content = gzip.decompress((data_folder / f"{name}-labels-idx1-ubyte.gz").read_bytes())
    magic, count = numpy.frombuffer(content, ">u4", 2)
    assert magic == 0x801
    return torch.from_numpy(numpy.frombuffer(content, "u1", count, offset=8).astype("i8"))


def to_input(images):
    """uint8 [n, 28, 28] to the networks' input: float32 [n, 1, 28, 28], pixel / 255."""
    return (images.unsqueeze(1).float() / 255).contiguous(memory_format=torch.channels_last)


def augment(images, largest_shift):
    """Shifts each image by its own amount (zeros move in) and mirrors half of them."""
    count = images.shape[0]
    padded = functional.pad(images, [largest_shift] * 4)
    window = torch.arange(28)
    offsets = torch.randint(0, 2 * largest_shift + 1, (2, count, 1))
    rows, columns = offsets[0] + window, offsets[1] + window
    mirrored = torch.rand(count, 1) < 0.5
    columns = torch.where(mirrored, columns.flip(1), columns)
    return padded[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def conv_batch_norm(inputs, outputs, kernel, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)
    )


def classifier(channels):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(20, 50, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    )


class residual_block(nn.Module):
    """relu(conv(relu(conv(x))) + shortcut(x)); the shortcut is a 1x1 projection where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = conv_batch_norm(inputs, outputs, 3, stride)
        self.second = conv_batch_norm(outputs, outputs, 3)
        same_shape = inputs == outputs and stride == 1
        self.shortcut = nn.Identity() if same_shape else conv_batch_norm(inputs, outputs, 1, stride)

    def forward(self, x):
        return functional.relu(self.second(functional.relu(self.first(x))) + self.shortcut(x))


def residual():
    return nn.Sequential(
        conv_batch_norm(1, 16, 3), nn.ReLU(),
        residual_block(16, 24, 2), residual_block(24, 48, 2), residual_block(48, 48, 1),
        classifier(48),
    )


def depthwise_block(inputs, outputs, stride):
    return nn.Sequential(
        conv_batch_norm(inputs, inputs, 3, stride, groups=inputs), nn.ReLU6(),
        conv_batch_norm(inputs, outputs, 1), nn.ReLU6(),
    )


def depthwise():
    return nn.Sequential(
        conv_batch_norm(1, 16, 3), nn.ReLU6(),
        depthwise_block(16, 32, 2), depthwise_block(32, 64, 1), depthwise_block(64, 96, 2),
        depthwise_block(96, 96, 1), depthwise_block(96, 128, 1),
        classifier(128),
    )


# epochs, peak learning rate, weight decay, largest shift in pixels (0: no augmentation)
recipes = {
    lenet: (6, 0.05, 5e-4, 0),
    depthwise: (16, 0.2, 1e-4, 1),
    residual: (20, 0.2, 5e-4, 1),
}


def accuracy(network, images, labels):
    """Percentage of images whose largest logit is their label's."""
    network.eval()
    with torch.no_grad():
        predicted = torch.cat([network(to_input(part)).argmax(1) for part in images.split(500)])
    return 100 * (predicted == labels).float().mean().item()


def multiply_accumulates(network):
    """Of one image, convolutions and dense layers."""
    counts = []

    def count(layer, _, output):
        counts.append(layer.weight[0].numel() * output.numel())

    layers = [layer for layer in network.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        network.eval()(torch.zeros(1, 1, 28, 28))
    for hook in hooks:
        hook.remove()
    return sum(counts)


def train(network, recipe, data, batch, log):
    """SGD with one rate cycle. The last epoch's weights are kept: no choice is made by test accuracy."""
    epochs, peak_rate, weight_decay, largest_shift = recipe
    images, labels, test_images, test_labels = data
    steps = images.shape[0] // batch
    optimizer = torch.optim.SGD(
        network.parameters(), lr=peak_rate, momentum=0.9, nesterov=True, weight_decay=weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, peak_rate, total_steps=epochs * steps, pct_start=0.25)
    start = time.monotonic()
    for epoch in range(epochs):
        network.train()
        total_loss = 0.0
        for chosen in torch.randperm(images.shape[0])[: steps * batch].split(batch):
            chosen_images = augment(images[chosen], largest_shift) if largest_shift else images[chosen]
            loss = functional.cross_entropy(network(to_input(chosen_images)), labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total_loss += loss.item()
        test = accuracy(network, test_images, test_labels)
        log(f"  epoch {epoch + 1:2}/{epochs}  loss {total_loss / steps:.4f}  test accuracy {test:.2f} %"
            f"  {time.monotonic() - start:.0f} s")


def export(network, name):
    """Writes NAME.onnx with its BatchNormalization nodes unfolded; returns the file's operators and size."""
    path = output_folder / f"{name}.onnx"
    torch.onnx.export(
        network.eval().to(memory_format=torch.contiguous_format), torch.zeros(1, 1, 28, 28), str(path),
        opset_version=13, input_names=["image"], output_names=["logits"], do_constant_folding=False,
        # EVAL, the default, would fold each BatchNormalization into its convolution.
        training=torch.onnx.TrainingMode.PRESERVE,
    )
    model = onnx.load(str(path))
    onnx.checker.check_model(model, full_check=True)
    operators = [node.op_type for node in model.graph.node]
    counts = ", ".join(f"{kind} {operators.count(kind)}" for kind in sorted(set(operators)))
    return f"{path.name}: {path.stat().st_size} bytes; {counts}"


def main():
    names = [maker.__name__ for maker in recipes]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=names, help="train this network alone; its log is appended to train.log")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="another number may change the last bits of the weights")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    log_file = open(output_folder / "train.log", "a" if arguments.only else "w", encoding="utf-8")

    def log(line):
        print(line, flush=True)
        print(line, file=log_file, flush=True)

    log(f"python {platform.python_version()}, torch {torch.version.__version__}, onnx {onnx.__version__},"
        f" numpy {numpy.__version__}; seed {arguments.seed}, batch {arguments.batch}, threads {arguments.threads}")
    data = read_images("train"), read_labels("train"), read_images("t10k"), read_labels("t10k")
    results = []
    for maker, recipe in recipes.items():
        name = maker.__name__
        if arguments.only not in (None, name):
            continue
        torch.manual_seed(arguments.seed)
        network = maker().to(memory_format=torch.channels_last)
        recipe = (arguments.epochs or recipe[0], *recipe[1:])
        log(f"{name}: {sum(p.numel() for p in network.parameters())} parameters,"
            f" {multiply_accumulates(network)} multiply-accumulates; epochs, peak rate, weight decay, shift: {recipe}")
        start = time.monotonic()
        train(network, recipe, data, arguments.batch, log)
        log(f"  {export(network, name)}")
        final = accuracy(network, data[2], data[3])
        results.append(f"final {name}: {final:.2f} % of 10000 test images, {time.monotonic() - start:.0f} s")
    for line in results:
        log(line)


if __name__ == "__main__":
    main()
