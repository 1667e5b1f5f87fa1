"""The import order of the rooms (docs/design.md, "Rooms"): who may include whom, third-party headers included."""

import re
from pathlib import Path

from repository import INCLUDE, finish, headers, includes, room_of

BELOW = {
    "core": "",
    "registry": "core",
    "operators": "core registry !registry/registry.hpp",
    "graph": "core registry operators",
    "rewrite": "core registry operators graph",
    "quantize": "core registry operators graph",
    "calibrate": "core",
    "kernels": "core registry !registry/registry.hpp operators",
    "execute": "core registry operators graph kernels",
    "host": "core registry operators graph rewrite quantize calibrate kernels execute",
}
DOORS = {"ctq/ctq.hpp", "ctq/firmware.hpp"}
# Above the rooms: the one list of registered types, and the whole pipeline in the compiler.
# xtensor's tensors in an executor.
ABOVE = {"ctq/default_registry.hpp", "ctq/quantized.hpp", "ctq/xtensor.hpp"}

# third-party header -> where it may stand (a room, or one header)
THIRD_PARTY = [
    (r"boost/hana", "registry/registry.hpp host"),
    (r"xsimd/", "kernels"),
    (r"\w*intrin\.h$|arm_(neon|mve|acle|sve)\.h$", "kernels"),
    (r"(xtensor|xtl)/", "xtensor.hpp host/tensors.hpp"),
    (r"(Eigen|fmt|CLI|nlohmann|protozero)/|(zlib|zip|xxhash)\.h$", "host"),
    (r"(sys/\w+|unistd|fcntl|dirent|signal|pthread|sched)\.h$", "host"),
]
STANDARD = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
    cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream
    functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
    memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore
    set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view strstream
    syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray
    variant vector version""".split()
)
NOT_IN_FIRMWARE = set(
    """any chrono condition_variable cstdio deque exception filesystem format forward_list fstream functional future
    iomanip ios iosfwd iostream istream list locale map memory memory_resource mutex ostream queue random regex set
    shared_mutex sstream stack stdexcept streambuf string syncstream system_error thread typeinfo unordered_map
    unordered_set valarray vector""".split()
)
# An include under one of these conditions is not seen by a microcontroller's compiler.
HOST_CONDITION = re.compile(r"__cpp_exceptions|__has_include|__x86_64__|__AVX|__SSE|CTQ_HAS_|__ARM_|__aarch64__")


def may_include(user, included):
    """Whether header `user` may include the project header `included`."""
    room, target = room_of(user), room_of(included)
    if included in DOORS:
        return room == "host" and included == "ctq/ctq.hpp" or user == "ctq/ctq.hpp"
    if included in ABOVE:
        return room == "host" or user in ABOVE | {"ctq/ctq.hpp"}
    if user in ABOVE:
        return target != "host"
    if user in DOORS:
        return target in BELOW and target != "host"
    allowed = BELOW.get(room, "").split()
    return target == room or target in allowed and "!" + included.removeprefix("ctq/") not in allowed


def third_party_places(name):
    """Where the third-party header `name` may stand; None when it is not a known one."""
    for pattern, places in THIRD_PARTY:
        if re.match(pattern, name):
            return places.split()
    return None


def check_header(header):
    """Yields the faults of one header's include lines."""
    if room_of(header) not in BELOW and header not in DOORS | ABOVE:
        yield f"include/{header}:1: stands in no room of the table; fix: move it or add the room to layering.py"
    for line, name, _ in includes(INCLUDE / header):
        where = f"include/{header}:{line}"
        if name.startswith("ctq/"):
            if not (INCLUDE / name).exists():
                yield f"{where}: <{name}> does not exist"
            elif not may_include(header, name):
                yield f"{where}: {room_of(header)} may not include <{name}>"
        elif (INCLUDE / header).parent.joinpath(name).exists():
            yield f'{where}: "{name}" is a relative include; write <ctq/...>'
        elif name not in STANDARD:
            places = third_party_places(name)
            if places is None:
                yield f"{where}: <{name}> is neither a standard header nor a third-party header in layering.py's list"
            elif room_of(header) not in places and header.removeprefix("ctq/") not in places:
                yield f"{where}: only {' and '.join(places)} may include <{name}>"


# Of a header's opening comment, one line of its own: in which room it stands, where it runs, whether it allocates.
CARD = re.compile(r"^// room: (\w+)[^|]* \| runs on: (all|compiler \+ host|compiler|host|x86-64)\b[^|]* \| heap: (\w+)")
ALLOCATES = {"deque", "functional", "list", "map", "set", "string", "unordered_map", "vector"}


def check_card(header):
    """Yields the faults of the header's card, compared with its folder and its includes."""
    cards = [m for m in map(CARD.match, (INCLUDE / header).read_text().split("\n")) if m]
    if len(cards) != 1 or cards[0][1] != room_of(header):
        wanted = f"// room: {room_of(header)} | runs on: all | heap: no"
        yield f"include/{header}:1: its opening comment has not one line of the form: {wanted}"
        return
    used = [name for _, name, _ in includes(INCLUDE / header) if name in ALLOCATES]
    if used and cards[0][3] == "no":
        yield f"include/{header}:1: says heap: no, but includes {', '.join(f'<{name}>' for name in used)}"


def closure(header, seen, on_target=False):
    """Adds to `seen` every project header that `header` leads to; on_target: as a microcontroller's compiler sees it."""
    if header in seen or not (INCLUDE / header).exists():
        return seen
    seen.add(header)
    for _, name, conditions in includes(INCLUDE / header):
        if name.startswith("ctq/") and not (on_target and any(map(HOST_CONDITION.search, conditions))):
            closure(name, seen, on_target)
    return seen


def check_target(header):
    """Yields a fault where a target's compiler would take CTQ_TARGET for the namespace's very name."""
    names_it = "inline CTQ_TARGET" in (INCLUDE / header).read_text()
    if names_it and "ctq/core/target.hpp" not in closure(header, set(), on_target=True):
        yield f"include/{header}:1: names CTQ_TARGET; fix: #include <ctq/core/target.hpp>, under no condition"


def check_firmware():
    """Yields the includes below ctq/firmware.hpp that a microcontroller must not see."""
    for header in sorted(closure("ctq/firmware.hpp", set(), on_target=True)):
        for line, name, conditions in includes(INCLUDE / header):
            if name.startswith("ctq/") or any(map(HOST_CONDITION.search, conditions)):
                continue
            if name in NOT_IN_FIRMWARE or name not in STANDARD:
                yield f"include/{header}:{line}: <{name}> is reached from ctq/firmware.hpp (no heap, streams, third party)"


def check_cycles(found):
    """Yields each include cycle once."""
    state = {}

    def visit(header, path):
        if state.get(header) == "done" or not (INCLUDE / header).exists():
            return
        if header in path:
            yield "cycle: " + " -> ".join(path[path.index(header):] + [header])
            return
        for _, name, _ in includes(INCLUDE / header):
            if name.startswith("ctq/"):
                yield from visit(name, path + [header])
        state[header] = "done"

    for header in found:
        yield from visit(header, [])


def check_door(found):
    """Yields the headers outside host that ctq/ctq.hpp does not lead to: the single header would lack them. xtensor's
    stands beside it: who does not ask for xtensor does not read it."""
    reached = closure("ctq/ctq.hpp", set())
    for header in found:
        if reached and header not in reached and room_of(header) != "host" and header not in DOORS | {"ctq/xtensor.hpp"}:
            yield f"include/{header}:1: not reached from ctq/ctq.hpp, so the single header lacks it"


def check_operator_names(found):
    """Yields ctq's operators whose name is not that of their header, by which emitted models include it."""
    for header in found:
        if room_of(header) != "operators":
            continue
        text = (INCLUDE / header).read_text()
        for own in re.findall(r'cpp_name = "ctq::op::(\w+)"', text):
            if own != Path(header).stem or f'name = "{own}"' not in text:
                yield f"include/{header}:1: holds the operator {own}; its name must be the header's"


def main():
    found = headers()
    faults = [fault for header in found for fault in check_header(header)]
    faults += [fault for header in found if header not in DOORS | ABOVE for fault in check_card(header)]
    faults += [fault for header in found for fault in check_target(header)]
    faults += [*check_firmware(), *check_cycles(found), *check_door(found),
               *check_operator_names(found)]
    finish(faults, f"{len(found)} headers keep the import order")


main()
