"""Every header include/ctq/<room>/<name>.hpp has its tests in tests/<room>/<name>.cpp, or stands with a reason in
tests/structure/mirror_exceptions.txt (lines of `header: reason`)."""

from pathlib import Path

from repository import ROOT, finish, headers

EXCEPTIONS = ROOT / "tests/structure/mirror_exceptions.txt"


def exceptions():
    """header -> reason"""
    lines = [line for line in EXCEPTIONS.read_text().splitlines() if line and not line.startswith("#")]
    return {header.strip(): reason.strip() for header, _, reason in (line.partition(":") for line in lines)}


def mirror_of(header):
    """ctq/core/shape.hpp -> tests/core/shape.cpp"""
    return Path("tests") / Path(header).relative_to("ctq").with_suffix(".cpp")


def main():
    excused = exceptions()
    inside_rooms = [header for header in headers() if header.count("/") > 1 and Path(header).name != "fwd.hpp"]
    faults = []
    for header in inside_rooms:
        tested = (ROOT / mirror_of(header)).exists()
        if not tested and header not in excused:
            faults.append(f"include/{header}:1: has no {mirror_of(header)}")
        if tested and header in excused:
            faults.append(f"{EXCEPTIONS.relative_to(ROOT)}: {header} has tests now; fix: remove its line")
    for header, reason in excused.items():
        if header not in inside_rooms:
            faults.append(f"{EXCEPTIONS.relative_to(ROOT)}: {header} does not exist")
        elif not reason:
            faults.append(f"{EXCEPTIONS.relative_to(ROOT)}: {header} has no reason")
    finish(faults, f"{len(inside_rooms)} headers, {len(excused)} without tests of their own, each with a reason")


main()
