"""Headers compile alone, included twice, without a warning. All rooms but host with g++, kernels for the widest
instruction set that they know; with --all (script/check-headers) host too, clang++-19, and kernels for each set and for
none. Headers that lead to the same foreign headers share a precompiled form of these: what a header includes itself stands
alone in its own turn, so none of them can lack what another brings. usage: headers_alone.py [--all]"""

import sys
import tempfile
from collections import defaultdict
from functools import lru_cache

from repository import INCLUDE, WARNINGS, finish, headers, in_parallel, includes, isa_flag_sets
from repository import precompile, room_of, run

# What cmake/ctqXtensor.cmake gives clang for xtensor.
FLAGS_OF = {
    "g++": [],
    "clang++-19": ["-fno-relaxed-template-template-args", "-Wno-deprecated-no-relaxed-template-template-args"],
}
LEAST_TO_PRECOMPILE = 4  # it takes as long as the first two of them alone


@lru_cache(None)
def foreign_headers(header):
    """The headers that are not ctq's which a header includes on every target, itself or through others."""
    found = set()
    for _, name, conditions in includes(INCLUDE / header):
        if name.startswith("ctq/"):
            found |= foreign_headers(name)
        elif not conditions:
            found.add(name)
    return frozenset(found)


def compile_alone(command, precompiled, header):
    """The compiler's complaint about one header, or None."""
    code, output = run(
        [*command, "-fsyntax-only", *precompiled, "-x", "c++", "-"], f"#include <{header}>\n#include <{header}>\n"
    )
    return None if code == 0 else f"{' '.join(command)}: include/{header}:\n{output}"


def compile_group(command, foreign, group):
    """The complaints about headers that lead to the same foreign ones."""
    with tempfile.TemporaryDirectory() as folder:
        precompiled = []
        if len(group) >= LEAST_TO_PRECOMPILE:
            precompiled = precompile(command, "".join(f"#include <{name}>\n" for name in sorted(foreign)), folder)
        complaints = [compile_alone(command, precompiled, header) for header in group]
    return [complaint for complaint in complaints if complaint]


def main():
    everything = "--all" in sys.argv[1:]
    found = [header for header in headers() if everything or room_of(header) != "host"]
    groups = defaultdict(list)
    for compiler in FLAGS_OF if everything else ["g++"]:
        for header in found:
            for flags in isa_flag_sets(header)[: None if everything else 1]:
                command = (compiler, "-std=c++20", *WARNINGS, *FLAGS_OF[compiler], *flags, "-I", str(INCLUDE))
                groups[command, foreign_headers(header)].append(header)
    jobs = [(command, foreign, group) for (command, foreign), group in groups.items()]
    jobs.sort(key=lambda job: -len(job[2]))  # the longest first
    faults = [fault for of_group in in_parallel(compile_group, jobs) for fault in of_group]
    finish(faults, f"{sum(len(job[2]) for job in jobs)} compilations of {len(found)} headers")


main()
