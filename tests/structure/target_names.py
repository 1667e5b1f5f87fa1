"""No two sets of instructions that compilers choose from have one name: CTQ_TARGET (include/ctq/core/target.hpp) under
the flags of each family below, all different under each compiler."""

from repository import INCLUDE, finish, in_parallel, run

X86 = ["x86-64", "x86-64-v2", "x86-64-v3", "bdver2", "bdver4", "btver2", "znver3", "alderlake", "knl", "skylake-avx512"]
X86 += ["cascadelake", "cannonlake", "icelake-server", "cooperlake", "sapphirerapids"]
X86_SETS = ["sse4a", "fma4", "xop", "tbm", "bmi", "bmi2", "lzcnt", "movbe", "gfni", "avxvnni"]
X86_SETS += ["avx512" + each for each in ("cd", "bitalg", "vpopcntdq", "ifma", "vbmi", "vbmi2", "bf16", "fp16")]
RISCV = ["rv32i", "rv32im", "rv32imc", "rv32imfc", "rv32imc_zba", "rv32imc_zbb", "rv32imc_zbs", "rv32imc_zba_zbb_zbs"]
RISCV += ["rv32imc_zbkb", "rv32imc_zve32x", "rv32imc_zve32x_zvl128b"]
CORTEX = ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m33"]
CORTEX += [each + " -mfloat-abi=softfp" for each in ("cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55")]
AARCH64 = ["armv8-a", "armv8.2-a", "armv8.2-a+dotprod", "armv8.6-a", "armv8.6-a+sve", "armv8.6-a+sve2"]
# Of each family: the compilers, and the flags.
FAMILIES = [
    (["g++", "clang++-19"], ["-march=" + each for each in X86] + ["-mavx -m" + each for each in X86_SETS]),
    (["riscv64-unknown-elf-g++ -mabi=ilp32"], ["-march=" + each for each in RISCV if "f" not in each]),
    (["clang++-19 --target=riscv32-unknown-elf"], ["-march=" + each for each in RISCV]),
    (["arm-none-eabi-g++ -mthumb", "clang++-19 --target=arm-none-eabi"], ["-mcpu=" + each for each in CORTEX]),
    (["aarch64-linux-gnu-g++", "clang++-19 --target=aarch64-linux-gnu"], ["-march=" + each for each in AARCH64]),
]


def name_of(compiler, flags):
    """(exit code, the name or the compiler's complaint)."""
    command = [*compiler.split(), *flags.split(), "-std=c++20", "-I", str(INCLUDE), "-E", "-P", "-x", "c++", "-"]
    code, output = run(command, "#include <ctq/core/target.hpp>\nCTQ_TARGET\n")
    return code, output.strip()


def main():
    jobs = [(compiler, each) for compilers, flags in FAMILIES for compiler in compilers for each in flags]
    faults, first = [], {}
    for (compiler, flags), (code, name) in zip(jobs, in_parallel(name_of, jobs)):
        if code != 0 or not name.isidentifier():
            faults.append(f"{compiler} {flags}: {name}")
            continue
        other = first.setdefault((compiler, name), flags)
        if other != flags:
            faults.append(f"{compiler}: {other} and {flags} are both {name}")
    finish(faults, f"{len(jobs)} names")


main()
