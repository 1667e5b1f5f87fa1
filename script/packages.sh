#!/bin/sh
# Installs the Debian 12 packages that the build, the tests and the demo need; nothing when all are there.
# usage: script/packages.sh [build|demo|test]   build: the tool alone; demo: and its data; test: everything
set -eu
build="cmake make g++ libboost-dev libcli11-dev libfmt-dev nlohmann-json3-dev libprotozero-dev libxxhash-dev libzip-dev
    zlib1g-dev"
demo="dataset-fashion-mnist"
tests="git python3 clang-19 libclang-rt-19-dev clang-format-14 doctest-dev librapidcheck-dev libgemmlowp-dev
    libbenchmark-dev libeigen3-dev libxtensor-dev gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib
    gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf g++-aarch64-linux-gnu qemu-system-arm qemu-user libonnx-testdata"
case "${1:-test}" in
build) wanted=$build ;;
demo) wanted="$build $demo" ;;
test) wanted="$build $demo $tests" ;;
*) echo "usage: script/packages.sh [build|demo|test]" >&2; exit 2 ;;
esac

missing=""
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=""
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
