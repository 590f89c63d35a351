"""What stands in the output of Go's tests, and how a file is told from others."""

import re
from typing import Any, Final

from report_processor.detect import Head

ACTIONS: Final = frozenset(
    {"start", "run", "pause", "cont", "pass", "bench", "fail", "output", "skip", "attr", "artifacts"}
)
BUILD_ACTIONS: Final = frozenset({"build-output", "build-fail"})

FRAMES: Final = ("=== ", "--- PASS: ", "--- FAIL: ", "--- SKIP: ", "--- BENCH: ")
"""Lines that say in text what the events say."""
FRAME_EVENT: Final = re.compile(r'"Test":".{0,2000}?","Output":"(?:=== | *--- (?:PASS|FAIL|SKIP|BENCH): )')
NOISE: Final = re.compile(
    r"(?:PASS|FAIL|exit status \d+|(?:ok  |FAIL|\?   )\t.*|(?:pkg|cpu): .*|testing: warning: no tests to run)$"
)
COVERAGE: Final = re.compile(r"coverage: ([\d.]+% of .*)$")
SYSTEM: Final = re.compile(r"(goos|goarch): (\S+)$")
BUILD: Final = re.compile(r"# (\S+(?: \[\S+\])?)$")
"""With this begins what the compiler says, when it is not in events."""

_LOGGED: Final = re.compile(r"\s+\S+\.go:\d+: (.*)$", re.DOTALL)
_DEATH: Final = re.compile(r"^(?:panic|fatal error): [^\n]*", re.MULTILINE)
_MEASURED: Final = re.compile(r"\s([\d.]+) (ns/op|B/op|allocs/op|MB/s)\b")
_EVENT: Final = re.compile(
    r'^\{\s*"(?:Time|Action|ImportPath)":\s*"[^"\n]{1,1000}",[^\n]{0,1000}?"(?:Package|Test|Action)":\s*"', re.MULTILINE
)


def logged(output: str) -> str:
    """What the test logged or reported: lines with a place in a Go file, without it, and those that go on below."""
    found, inside = [], False
    for line in output.split("\n"):
        told = _LOGGED.match(line[:20_000])
        if told is not None:
            found.append(told[1])
            inside = True
        elif inside and line.startswith("        "):
            found.append(line[8:])
        else:
            inside = False
    return "\n".join(found).strip("\n")


def death(output: str) -> str:
    """The panic or fatal error that ended the process; empty when there is none."""
    found = _DEATH.search(output)
    return found[0] if found else ""


def measured(output: str) -> list[tuple[str, str]]:
    """What a benchmark measured: unit and number."""
    return [(unit, number) for number, unit in _MEASURED.findall(output[-4_000:])]


def is_example(output: str) -> bool:
    """Whether this is the output of an example that did not print what it should have."""
    return output.startswith("got:\n")


def recognise(head: Head) -> str | None:
    """Events with an Action: one on a line, perhaps behind what the compiler wrote."""
    for value in head.json:
        if isinstance(value, dict) and _is_event(value):
            return "an event with Action and " + next(key for key in _PLACES if key in value)
    if not head.looks_like_json and _EVENT.search(head.text) is not None:
        return "an event with Action"
    return None


_PLACES: Final = ("Package", "ImportPath", "Test", "Time")


def _is_event(value: dict[str, Any]) -> bool:
    action = value.get("Action")
    if not isinstance(action, str):
        return False
    if action in BUILD_ACTIONS:
        return "ImportPath" in value
    return action in ACTIONS and any(key in value for key in ("Package", "Test", "Time"))
