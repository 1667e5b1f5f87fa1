"""What the structure tests share: where things are, which files belong, what a header includes."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
ISA_FLAGS = {  # the widest first
    "avx512": "-mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni -mavx2 -mfma".split(),
    "avx2": "-mavx2 -mfma".split(),
}


def headers():
    """Every header of the library as its include name, sorted: ctq/core/shape.hpp."""
    return sorted(str(path.relative_to(INCLUDE)) for path in INCLUDE.glob("ctq/**/*.hpp"))


def room_of(header):
    """ctq/core/shape.hpp and ctq/core.hpp stand in core; ctq/firmware.hpp in no room."""
    parts = Path(header).parts
    return parts[1] if len(parts) > 2 else Path(parts[1]).stem


def isa_flag_sets(header):
    """The compiler flags to try a header with: a kernel's for each instruction set, the widest first, and for none; or for
    the one that it names."""
    if room_of(header) != "kernels":
        return [[]]
    named = [flags for isa, flags in ISA_FLAGS.items() if re.search(rf"(^|[/_]){isa}(vnni)?([_./]|$)", header)]
    return named or [*ISA_FLAGS.values(), []]


def includes(path):
    """Yields (line number, included name, conditions): the conditions are the texts of the #if lines around it."""
    conditions = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        directive = re.match(r"\s*#\s*(\w+)\s*(.*)", line)
        if not directive:
            continue
        word, rest = directive.groups()
        if word in ("if", "ifdef", "ifndef"):
            conditions.append(rest)
        elif word in ("elif", "else") and conditions:
            conditions[-1] += " " + rest
        elif word == "endif" and conditions:
            conditions.pop()
        elif word == "include":
            name = re.match(r'[<"]([^>"]+)[>"]', rest)
            if name:
                yield number, name.group(1), tuple(conditions)


def files():
    """Every file that is or could be under version control, relative to the root; all files where git is missing."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
        paths = [Path(name) for name in names if name]
    except (OSError, subprocess.CalledProcessError):
        paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
        paths = [path for path in paths if path.parts[0] not in ("build", ".git")]
    return sorted(path for path in set(paths) if (ROOT / path).is_file())


def run(command, text=""):
    """Runs a compiler with `text` as its input; gives (exit code, what it printed)."""
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT)
    except FileNotFoundError:
        return 127, f"{command[0]}: not found; script/packages.sh installs it\n"
    return done.returncode, done.stdout + done.stderr


def precompile(command, text, folder):
    """Precompiles `text` with a compiler's command; gives the options that let the same command begin with it."""
    header = Path(folder) / "precompiled.hpp"
    header.write_text(text)
    made = header.with_suffix(".hpp.gch")
    code, output = run([*command, "-x", "c++-header", str(header), "-o", str(made)])
    if code != 0:
        sys.exit(f"{' '.join(command)}: does not compile:\n{text}\n{output}")
    return ["-include-pch", str(made)] if "clang" in command[0] else ["-include", str(header)]


def in_parallel(function, jobs):
    """Calls function(*job) for each job, two at a time; results in order."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda job: function(*job), jobs))


def finish(faults, passed):
    """Prints the faults or what was checked; ends the test."""
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults" if faults else passed)
    sys.exit(1 if faults else 0)
