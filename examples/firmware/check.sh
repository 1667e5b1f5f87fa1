#!/bin/sh
# Builds the firmware twice, for the Cortex-M4 and for this machine, runs both and compares what they print.
# usage: check.sh TOOL FOLDER [COMPILER]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tool=$(realpath "$1") folder=$2 compiler=${3:-g++}
build() { # build NAME CMAKE_ARGUMENTS...
    name=$1
    shift
    cmake -S "$here" -B "$folder/$name" -DCTQ_TOOL="$tool" -DCMAKE_BUILD_TYPE= "$@" >"$folder/$name.log" 2>&1 &&
        cmake --build "$folder/$name" --target firmware >>"$folder/$name.log" 2>&1 || { cat "$folder/$name.log"; exit 1; }
}
mkdir -p "$folder"
build target --toolchain "$here/cortex_m4.cmake"
build host -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS=-march=native
# Semihosting speaks on stderr.
timeout 60 qemu-system-arm -machine mps2-an386 -nographic -semihosting -kernel "$folder/target/firmware.elf" \
    </dev/null >"$folder/target.txt" 2>&1
"$folder/host/firmware" >"$folder/host.txt"
diff "$folder/target.txt" "$folder/host.txt"
cat "$folder/target.txt"
arm-none-eabi-size "$folder/target/firmware.elf"
