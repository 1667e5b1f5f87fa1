"""Products and sums that core/exact.hpp keeps apart are two instructions on every processor that could fuse them, also
where the compiler is told that it may; what is not kept apart is one, so that the look for it is known to see it."""

import pathlib
import re
import tempfile

from repository import INCLUDE, finish, in_parallel, run

# What core/exact.hpp needs of the standard library, for processors that this machine has no libraries of.
TYPE_TRAITS = """
namespace std {
template <class A, class B> constexpr bool is_same_v = false;
template <class A> constexpr bool is_same_v<A, A> = true;
constexpr bool is_constant_evaluated() { return __builtin_is_constant_evaluated(); }
}
"""
SOURCE = """
#include <ctq/core/exact.hpp>
float single(float a, float b, float c) { return EXPRESSION; }
double twice(double a, double b, double c) { return EXPRESSION; }
"""
KEPT, PLAIN = "ctq::multiply_add_unfused(a, b, c)", "a * b + c"
# Of each target: how its instructions begin that multiply and add at once.
TARGETS = {
    "x86_64-linux-gnu -mfma": "vfmadd",
    "x86_64-linux-gnu -mfma4": "vfmadd",
    "x86_64-linux-gnu -mavx512f": "vfmadd",
    "aarch64-linux-gnu": "fmadd",
    "arm-none-eabi -mcpu=cortex-m7 -mfloat-abi=hard": "vfma",
    "riscv64-unknown-elf -march=rv64gc -mabi=lp64d": "fmadd",
    "powerpc-linux-gnu": "fmadd",
    "powerpc64le-linux-gnu -mcpu=pwr9": "xsmadd",
    "s390x-linux-gnu": "ma[de]br",
    "s390x-linux-gnu -march=z14": "(wf)?ma[des]",
}


def fused(target, mnemonic, expression, library):
    """(how many instructions multiply and add at once, what the compiler complains of)."""
    command = ["clang++-19", "--target=" + target.split()[0], *target.split()[1:], "-std=c++20", "-nostdinc++", "-isystem"]
    command += [library, "-I", str(INCLUDE), "-O3", "-ffp-contract=fast", "-S", "-o", "-", "-x", "c++", "-"]
    code, output = run(command, SOURCE.replace("EXPRESSION", expression))
    return len(re.findall(rf"^\s+{mnemonic}", output, re.MULTILINE)), output if code != 0 else ""


def main():
    faults = []
    with tempfile.TemporaryDirectory() as library:
        (pathlib.Path(library) / "type_traits").write_text(TYPE_TRAITS)
        jobs = [(target, mnemonic, each, library) for target, mnemonic in TARGETS.items() for each in (KEPT, PLAIN)]
        for (target, _, expression, _), (count, complaint) in zip(jobs, in_parallel(fused, jobs)):
            if complaint:
                faults.append(f"{target}: {complaint}")
            elif count != (0 if expression == KEPT else 2):
                faults.append(f"{target}: {expression}: {count} fused instructions of 2 functions")
    finish(faults, f"{len(TARGETS)} targets")


main()
