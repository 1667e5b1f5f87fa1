#!/bin/sh
# Configures, builds and runs one consumer project: run.sh KIND BUILD_TREE CXX. The kinds find_package, model, xtensor
# and cross_model use the package that the test `install` has put into BUILD_TREE/prefix.
set -eu
kind=$1 tree=$2 compiler=$3
root=$(cd "$(dirname "$0")/../.." && pwd)
name=$kind-$(basename "$compiler")
build=$tree/consumers/$name log=$tree/consumer_$name.log
rm -rf "$build"
set -- -S "$root/tests/consumers/$kind" -B "$build" -DCTQ_ROOT="$root" -DCMAKE_PREFIX_PATH="$tree/prefix" \
    -DMODEL="$root/tests/data/models/residual.onnx" -DCALIBRATION="$root/tests/data/models/residual.input.npy"
if [ "$kind" = cross_model ]; then
    set -- "$@" -DCMAKE_TOOLCHAIN_FILE="$root/tests/consumers/cross_model/toolchain.cmake" \
        -Dctq_DIR="$tree/prefix/share/cmake/ctq" -DCTQ_TOOL="$tree/prefix/bin/ctq"
else
    set -- "$@" -DCMAKE_CXX_COMPILER="$compiler"
fi
cmake "$@" >"$log" 2>&1 || { cat "$log"; exit 1; }
cmake --build "$build"
[ "$kind" = cross_model ] || "$build/consumer"
