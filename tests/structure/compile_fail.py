"""Misuse is refused with the promised text: each tests/compile_fail/*.cpp begins with `// error: <text>` and must fail
on g++ and clang++-19. Where the text stands in an error line (a static_assert), exactly one error line carries
`ctq:`; where it stands in the source line below (ctq::fail during constant evaluation), there is one error in all.
A second line `// without: <text>` deletes that text from the case, which must then compile: the case fails for its
reason alone. Each static_assert text of the library has a case. usage: compile_fail.py [case.cpp ...]"""

import re
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from repository import INCLUDE, ROOT, finish, in_parallel, precompile, run

COMPILERS = ["g++", "clang++-19"]
MOST_LINES = 40
UNREACHABLE = {
    "ctq: executor: a weights file is little-endian": "no compiler here is for a target that is not",
}


def compiler_command(compiler):
    return [compiler, "-std=c++20", "-I", str(INCLUDE), "-I", str(ROOT / "tests")]


def compile_text(compiler, precompiled, text):
    options = precompiled if "<ctq/ctq.hpp>" in text else []
    return run([*compiler_command(compiler), "-fsyntax-only", *options, "-x", "c++", "-"], text)


def mark(text, name):
    found = re.search(rf"^// {name}: (.+)$", text, re.MULTILINE)
    return found.group(1) if found else None


def fault_in(output, wanted):
    """What is wrong with a failed compilation's output, or None."""
    errors = [line for line in output.splitlines() if re.search(r"\berror: ", line)]
    named = [line for line in errors if "ctq: " in line]
    if wanted not in output:
        return "the promised text is missing"
    if any(wanted in line for line in errors):
        return None if len(named) == 1 else f"{len(named)} error lines carry `ctq:`, not one"
    if len(errors) != 1:
        return f"{len(errors)} errors, not one"
    return None


def check(compiler, precompiled, path):
    name = path.relative_to(ROOT)
    text = path.read_text()
    wanted = mark(text.partition("\n")[0], "error")
    if not wanted:
        return f"{name}:1: does not begin with `// error: <text>`"
    code, output = compile_text(compiler, precompiled, text)
    fault = "it compiles" if code == 0 else fault_in(output, wanted)
    lines = len(output.splitlines())
    if not fault and lines > MOST_LINES:
        fault = f"the compiler prints {lines} lines; at most {MOST_LINES}"
    if fault:
        return f"{compiler}: {name}: {fault}\n  promised: {wanted}\n{output}"
    _, second, body = text.split("\n", 2)
    without = mark(second, "without")
    if "without:" in (body if without else second + body):
        return f"{name}: `without:` is not the beginning of line 2; fix: a first line that fits without wrapping"
    if without:
        if without not in body:
            return f"{name}:2: `{without}` is not in the case"
        code, output = compile_text(compiler, precompiled, body.replace(without, ""))
        if code != 0:
            return f"{compiler}: {name}: fails without `{without}` too\n{output}"
    return None


def asserted_texts():
    """Yields (header, text) for each static_assert with a text of ctq's, whose literals are put together."""
    for path in sorted(INCLUDE.glob("ctq/**/*.hpp")):
        for literals in re.findall(r'((?:"[^"\n]*"\s*)+)\);', path.read_text()):
            text = "".join(re.findall(r'"([^"\n]*)"', literals))
            if text.startswith("ctq: "):
                yield path.relative_to(ROOT), text


def texts_without_case(cases):
    promised = [mark(case.read_text(), "error") or "" for case in cases]
    promised = [text for text in promised if text.startswith("ctq: ")] + list(UNREACHABLE)
    for header, text in asserted_texts():
        if not any(text.startswith(each) for each in promised):
            yield f"{header}: no case of tests/compile_fail/ promises `{text}`"


def main():
    all_cases = sorted(ROOT.glob("tests/compile_fail/*.cpp"))
    cases = [Path(name).resolve() for name in sys.argv[1:]] or all_cases
    with ExitStack() as folders:
        precompiled = {  # nearly all cases include it
            compiler: precompile(
                compiler_command(compiler), "#include <ctq/ctq.hpp>\n", folders.enter_context(tempfile.TemporaryDirectory())
            )
            for compiler in COMPILERS
        }
        jobs = [(compiler, precompiled[compiler], case) for case in cases for compiler in COMPILERS]
        faults = [fault for fault in in_parallel(check, jobs) if fault]
    faults += texts_without_case(all_cases)
    finish(faults, f"{len(cases)} cases on {len(COMPILERS)} compilers")


main()
