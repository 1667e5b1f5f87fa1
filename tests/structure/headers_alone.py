"""Headers compile alone, included twice, without a warning. All rooms but host with g++, kernels for the widest
instruction set that they know; with --all (script/check-headers) host too, clang++-19, and kernels for each set and for
none. usage: headers_alone.py [--all]"""

import sys

from repository import INCLUDE, SYSTEM_INCLUDES, WARNINGS, finish, headers, in_parallel, isa_flag_sets, room_of, run


def compile_alone(compiler, header, flags):
    """The compiler's complaint about one header, or None."""
    command = [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, *flags, "-I", str(INCLUDE)]
    command += [*SYSTEM_INCLUDES, "-x", "c++", "-"]
    code, output = run(command, f"#include <{header}>\n#include <{header}>\n")
    return None if code == 0 else f"{' '.join([compiler, *flags])}: include/{header}:\n{output}"


def main():
    everything = "--all" in sys.argv[1:]
    found = [header for header in headers() if everything or room_of(header) != "host"]
    compilers = ["g++", "clang++-19"] if everything else ["g++"]
    jobs = [
        (compiler, header, flags)
        for compiler in compilers
        for header in found
        for flags in isa_flag_sets(header)[: None if everything else 1]
    ]
    faults = [fault for fault in in_parallel(compile_alone, jobs) if fault]
    finish(faults, f"{len(jobs)} compilations of {len(found)} headers")


main()
