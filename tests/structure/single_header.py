"""The single header is what script/amalgamate makes, holds no header's text twice, compiles alone, and two units that
include it link. The firmware part and ctq/firmware.hpp compile for microcontrollers too, without exceptions and RTTI. (The
rooms' tests run against the single header in script/test's clang tree.)"""

import re
import tempfile
from pathlib import Path

from repository import INCLUDE, ROOT, WARNINGS, finish, headers, in_parallel, run

SINGLE = ROOT / "single_include/ctq"
BARE = ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"]
FIRMWARE = ["-DCTQ_FIRMWARE_ONLY", *BARE]
# Debian has no C++ headers for riscv64-unknown-elf: newlib's for arm serve, headers only.
NEWLIB = next(iter(sorted(Path("/usr/include/newlib/c++").glob("*"))), Path("newlib"))
BARE_METAL = [
    ["arm-none-eabi-g++", "-mcpu=cortex-m4", "-mthumb"],
    ["riscv64-unknown-elf-g++", "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs", "-nostdinc++"]
    + ["-isystem", str(NEWLIB), "-isystem", str(NEWLIB / "arm-none-eabi")],
]


def compile_one(what, command, text):
    """The complaint about one compilation, or None."""
    code, output = run([*command, *WARNINGS, "-fsyntax-only", "-x", "c++", "-"], text)
    return None if code == 0 else f"{what}: {' '.join(command)}:\n{output}"


def compilations():
    """(what, command, source text) of every way in which the header must compile."""
    single, library = ["-I", str(SINGLE)], ["-I", str(INCLUDE)]
    twice = '#include "ctq.hpp"\n#include "ctq.hpp"\n'
    firmware_then_all = '#define CTQ_FIRMWARE_ONLY\n#include "ctq.hpp"\n#undef CTQ_FIRMWARE_ONLY\n#include "ctq.hpp"\n'
    for compiler in ("g++", "clang++-19"):
        for standard in ("-std=c++20", "-std=c++23"):
            yield "single header", [compiler, standard, *single], twice
        yield "single header, firmware part", [compiler, "-std=c++20", *FIRMWARE, *single], twice
        yield "single header, firmware part first", [compiler, "-std=c++20", *single], firmware_then_all
        yield "ctq/firmware.hpp", [compiler, "-std=c++20", *BARE, *library], "#include <ctq/firmware.hpp>\n"
    for compiler in BARE_METAL:
        yield "single header, firmware part", [*compiler, "-std=c++20", *FIRMWARE, *single], twice
        yield "ctq/firmware.hpp", [*compiler, "-std=c++20", *BARE, *library], "#include <ctq/firmware.hpp>\n"


def held_twice(text):
    """A complaint about each header whose text stands in the single one more than once, under whatever conditions: its
    opening comment tells it."""
    faults = []
    for header in headers():
        opening = re.match(r"#pragma once\n((?://.*\n)+)", (INCLUDE / header).read_text()).group(1)
        if text.count(opening) > 1:
            faults.append(f"include/{header}: stands {text.count(opening)} times in the single header")
    return faults


def two_units_link():
    """Nothing in the single header is defined twice when two units include it."""
    with tempfile.TemporaryDirectory() as folder:
        units = [Path(folder) / "main.cpp", Path(folder) / "other.cpp"]
        units[0].write_text('#include "ctq.hpp"\nint other();\nint main() { return other(); }\n')
        units[1].write_text('#include "ctq.hpp"\nint other();\nint other() { return 0; }\n')
        program = str(Path(folder) / "program")
        code, output = run(["g++", "-std=c++20", "-O0", "-I", str(SINGLE), *map(str, units), "-o", program])
    return [] if code == 0 else [f"two units do not link:\n{output}"]


def main():
    code, output = run([str(ROOT / "script/amalgamate"), "--check"])
    faults = [] if code == 0 else [output.strip()]
    faults += held_twice((SINGLE / "ctq.hpp").read_text())
    jobs = list(compilations())
    faults += [fault for fault in in_parallel(compile_one, jobs) if fault]
    faults += two_units_link()
    finish(faults, f"{output.strip()}; {len(jobs)} compilations; two units link")


main()
