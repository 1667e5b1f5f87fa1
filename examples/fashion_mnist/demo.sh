#!/bin/sh
# Takes the three trained networks to int8 headers and prints one table. usage: demo.sh TOOL [OUTPUT_FOLDER]
# fp32 top-1 is the tool's float engine; int8 top-1 and the time are those of the compiled header, on one core, over
# the 10,000 test images.
set -eu
tool=$(realpath "$1")
folder=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$folder/../.." && pwd)
output=${2:-$root/build/demo}
data=/usr/share/datasets/fashion-mnist
scale=0.00392156862745098 # 1 / 255, as in training
mkdir -p "$output"
cd "$output"
for part in images-idx3 labels-idx1; do
    gzip -dc "$data/t10k-$part-ubyte.gz" >"t10k-$part-ubyte"
done

# The number after "KEY": in a JSON file, keys in the order of appearance.
number() { sed -n "s/.*\"$2\": *\([0-9.]*\).*/\1/p" "$1" | head -n 1; }

rows=""
for name in lenet residual depthwise; do
    model=$folder/$name.onnx
    echo "== $name: calibrate, quantize, compile, evaluate"
    "$tool" calibrate "$model" --calibration "$data/train-images-idx3-ubyte.gz" --scale $scale --samples 1000 \
        -o "$name.calibration.json"
    "$tool" quantize "$model" --calibration "$name.calibration.json" --name $name -o $name.hpp \
        --report $name.report.json
    "${CXX:-g++}" -std=c++20 -O3 -march=native -I "$root/include" -I . -DMODEL=$name "-DMODEL_HEADER=\"$name.hpp\"" \
        "$folder/evaluate.cpp" -o $name
    "$tool" evaluate "$model" --calibration "$name.calibration.json" --inputs t10k-images-idx3-ubyte \
        --labels t10k-labels-idx1-ubyte --scale $scale --json >$name.evaluation.json
    # shellcheck disable=SC2046 # four words
    set -- $(./$name t10k-images-idx3-ubyte t10k-labels-idx1-ubyte)
    fp32=$(number $name.evaluation.json fp32_top1)
    rows="$rows$(printf '| %-9s | %10.2f | %10s | %12s | %9s | %12s |' "$name" "$fp32" "$1" "$2" "$3" "$4")
"
done

echo
echo "| network   | fp32 top-1 | int8 top-1 | weight bytes | RAM bytes | µs per image |"
echo "|-----------|------------|------------|--------------|-----------|--------------|"
printf '%s\n' "$rows"
echo "headers: $output/{lenet,residual,depthwise}.hpp, reports: NAME.report.json and NAME.evaluation.json beside them"
