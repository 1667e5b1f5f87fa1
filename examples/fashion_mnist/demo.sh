#!/bin/sh
# Takes the three trained networks to int8 headers and prints one table. usage: demo.sh TOOL [OUTPUT_FOLDER]
# fp32 top-1 is the tool's float engine; int8 top-1 and the time are those of the compiled header, on one core, over
# the 10,000 test images. Ends with 1 when int8 top-1 is not what `ctq evaluate` says, or over 0.2 points below fp32.
set -eu
refuse() {
    echo "demo: error: $1" >&2
    exit 2
}
[ $# -ge 1 ] || refuse "the tool is required; usage: demo.sh build/release/ctq [OUTPUT_FOLDER]"
[ -x "$1" ] || refuse "$1: is no program; build it: cmake --preset release && cmake --build --preset release"
tool=$(realpath "$1")
folder=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$folder/../.." && pwd)
output=${2:-$root/build/demo}
compiler=${CXX:-g++}
data=/usr/share/datasets/fashion-mnist
images=t10k-images-idx3-ubyte
labels=t10k-labels-idx1-ubyte
scale=0.00392156862745098 # 1 / 255, as in training
command -v "$compiler" >/dev/null || refuse "$compiler: is not installed; script/packages.sh demo installs g++"
for file in train-images-idx3-ubyte $images $labels; do
    [ -r "$data/$file.gz" ] || refuse "$data/$file.gz: is not there; script/packages.sh demo installs it"
done
mkdir -p "$output"
cd "$output"
for file in $images $labels; do gzip -dc "$data/$file.gz" >"$file"; done

# The number after "KEY": in a JSON file, with two decimals.
number() { awk -v key="\"$2\":" '$1 == key { printf "%.2f", $2; exit }' "$1"; }

names="lenet residual depthwise"
for name in $names; do
    echo "== $name: calibrate, quantize, compile, evaluate"
    "$tool" calibrate "$folder/$name.onnx" --calibration "$data/train-images-idx3-ubyte.gz" --scale $scale \
        --samples 1000 -o "$name.calibration.json"
    "$tool" quantize "$folder/$name.onnx" --calibration "$name.calibration.json" --name "$name" -o "$name.hpp" \
        --report "$name.report.json"
    "$compiler" -std=c++20 -O2 -march=native -I "$root/include" -I . "-DMODEL=$name" "-DMODEL_HEADER=\"$name.hpp\"" \
        "$folder/evaluate.cpp" -o "$name"
    "$tool" evaluate "$folder/$name.onnx" --calibration "$name.calibration.json" --inputs $images --labels $labels \
        --scale $scale --json >"$name.evaluation.json"
done

echo
echo "| network | fp32 top-1 | int8 top-1 | weight bytes | RAM bytes | µs per image | header | report |"
echo "|---|---|---|---|---|---|---|---|"
status=0
for name in $names; do
    measured=$("./$name" $images $labels)
    # shellcheck disable=SC2086 # four words: int8 top-1, weight bytes, RAM bytes, microseconds
    set -- $measured
    fp32=$(number "$name.evaluation.json" fp32_top1)
    int8=$(number "$name.evaluation.json" int8_top1)
    echo "| $name | $fp32 % | $1 % | $2 | $3 | $4 | $name.hpp | $name.report.json |"
    if [ "$1" != "$int8" ]; then
        echo "demo: error: $name: the compiled header has int8 top-1 $1, ctq evaluate $int8; they must be equal" >&2
        status=1
    fi
    if ! awk -v a="$fp32" -v b="$1" 'BEGIN { exit !(a - b < 0.205) }'; then
        echo "demo: error: $name: int8 top-1 $1 is more than 0.2 points below fp32's $fp32" >&2
        status=1
    fi
done
echo
echo "headers and reports: $output"
exit $status
