"""Small promises about every file under version control: no machine's paths, no open-work marks, nothing large, and
each header opens with what it is."""

import re

from repository import ROOT, files, finish

LIMIT = 2 * 1000 * 1000
# Spelled in pieces: this file is checked too.
MACHINE_PATH = re.compile(r"(?<![\w./-])/(" + "wo" + r"rk|home|ro" + r"ot)/\w")
OPEN_WORK = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def check_text(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            yield f"{path}:{number}: a path of one machine"
        if OPEN_WORK.search(line):
            yield f"{path}:{number}: open work; fix: do it, or file it as an issue"
    if text and not text.endswith("\n"):
        yield f"{path}: the last line has no end"


def check_opening(path, text):
    lines = text.splitlines()
    comments = 0
    while comments + 1 < len(lines) and lines[comments + 1].startswith("//"):
        comments += 1
    if not lines or lines[0] != "#pragma once" or comments < 2:
        yield f"{path}:1: a header opens with #pragma once and 2-3 comment lines: what it is, where it stands"


def main():
    faults = []
    found = files()
    for path in found:
        data = (ROOT / path).read_bytes()
        if len(data) > LIMIT:
            faults.append(f"{path}: {len(data)} bytes; the limit is {LIMIT}")
        if b"\0" in data:
            continue
        text = data.decode(errors="replace")
        if "data" not in path.parts:
            faults += check_text(path, text)
        if path.parts[0] == "include" and path.suffix == ".hpp":
            faults += check_opening(path, text)
    finish(faults, f"{len(found)} files")


main()
