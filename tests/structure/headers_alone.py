"""Every header compiles alone, included twice, without a warning: with g++ and clang++-19; kernels for each
instruction set; host headers with g++ only (the sanitizer build compiles them with clang++-19)."""

from repository import INCLUDE, SYSTEM_INCLUDES, WARNINGS, finish, headers, in_parallel, isa_flag_sets, room_of, run


def compile_alone(compiler, header, flags):
    """The compiler's complaint about one header, or None."""
    command = [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, *flags, "-I", str(INCLUDE)]
    command += [*SYSTEM_INCLUDES, "-x", "c++", "-"]
    code, output = run(command, f"#include <{header}>\n#include <{header}>\n")
    return None if code == 0 else f"{' '.join([compiler, *flags])}: include/{header}:\n{output}"


def main():
    found = headers()
    jobs = [
        (compiler, header, flags)
        for compiler in ("g++", "clang++-19")
        for header in found
        for flags in isa_flag_sets(header)
        if compiler == "g++" or room_of(header) != "host"
    ]
    faults = [fault for fault in in_parallel(compile_alone, jobs) if fault]
    finish(faults, f"{len(jobs)} compilations of {len(found)} headers")


main()
