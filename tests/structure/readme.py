"""The README says what is true: its C++ is examples/readme/main.cpp, which the build compiles and runs; its table of
operators is a part of what the tool prints; the verbs and options that it names are the tool's; the files that it names exist.
usage: readme.py [TOOL]   without a tool that exists, what needs one is not checked"""

import re
import subprocess
import sys
from pathlib import Path

from repository import ROOT, finish

README = (ROOT / "README.md").read_text()
EXAMPLE = "examples/readme/main.cpp"


def check_program():
    found = re.search(rf"<!-- example: {EXAMPLE} -->\n```cpp\n(.*?)```", README, re.S)
    if not found:
        yield f"README.md: no C++ block under <!-- example: {EXAMPLE} -->"
    elif found.group(1) != (ROOT / EXAMPLE).read_text():
        yield f"README.md: its C++ is not {EXAMPLE}; fix: copy the file into the block"


def check_operators(tool):
    """The rows between the marker and the next text are rows that supported-ops prints, in its order."""
    printed = run(tool, "supported-ops").split("\n\n")[0].splitlines()
    found = re.search(r"<!-- supported-ops -->\n\n?((?:\|.*\n)+)", README)
    rows = found.group(1).splitlines() if found else []
    if not found or rows != [row for row in printed if row in rows]:
        yield "README.md: its table of operators is no part of that of `ctq supported-ops`; fix: take rows of this:\n" + "\n".join(printed)


def commands():
    """Every command line in the README that begins with `ctq VERB`."""
    for code in re.findall(r"^    (ctq .*)$|`(ctq [^`]*)`", README, re.M):
        yield "".join(code).split()


def check_commands(tool):
    verbs = re.findall(r"^  ([a-z][a-z-]+)  ", run(tool, "--help").split("Subcommands:")[1], re.M)
    for words in commands():
        if words[1] not in verbs:
            yield f"README.md: `{' '.join(words)}`: the tool has no verb {words[1]}"
            continue
        known = re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", run(tool, words[1], "--help"))
        for option in [word for word in words[2:] if word.startswith("-")]:
            if option not in known:
                yield f"README.md: `{' '.join(words)}`: {words[1]} has no {option}"
    every_help = "".join(run(tool, verb, "--help") for verb in verbs)
    for option in set(re.findall(r"`(--[a-z][a-z-]*)", README)):
        if option not in every_help:
            yield f"README.md: no verb has {option}"


def check_paths():
    for path in set(re.findall(r"\b(?:script|examples|docs|include|single_include)/[\w./]*\w", README)):
        if not (ROOT / path).exists():
            yield f"README.md: {path} does not exist"


def run(tool, *arguments):
    return subprocess.run([tool, *arguments], check=True, capture_output=True, text=True).stdout


def main():
    tool = sys.argv[1] if len(sys.argv) > 1 and Path(sys.argv[1]).exists() else None
    faults = [*check_program(), *check_paths()]
    if tool:
        faults += [*check_operators(tool), *check_commands(tool)]
    finish(faults, "README.md: program, paths" + (", operators, commands" if tool else "; no tool: the rest not checked"))


main()
