"""What the events of libtest and nextest say: names, panics, and how a file is told from others."""

import re
from collections.abc import Mapping
from typing import Any, Final

from report_processor.detect import Head
from report_processor.events import FAILED, PASSED, SKIPPED, UNKNOWN

STATUSES: Final = {"ok": PASSED, "failed": FAILED, "ignored": SKIPPED, "allowed_failure": UNKNOWN}

_NEXTEST: Final = re.compile(r"([^$\s]+?)(?:@stress-(\d{1,9}))?\$(.*?)(?:#(\d{1,4}))?$", re.DOTALL)
_RUNNING: Final = re.compile(r"\s+(?:Running (\S.*?) \((.{1,4000})\)|(Doc-tests \S.*?))\s*$")
_HASH: Final = re.compile(r"-[0-9a-f]{16}(?:\.exe|\.wasm)?$")
_DIED: Final = re.compile(
    r"\s+process didn't exit successfully: .*(\((?:signal|exit)[^()]*(?:\([^()]*\))?[^()]*\))\s*$"
)
_PANIC: Final = re.compile(r"^thread '[^\n]{0,1000}' (?:\(\d+\) )?panicked at ([^\n]*)\n", re.MULTILINE)
_OLD_PANIC: Final = re.compile(r"'(.*)', [^']*$", re.DOTALL)
_PANIC_ENDS: Final = re.compile(r"\n(?:note: |stack backtrace:|\n|thread ')|\Z")
_ERROR: Final = re.compile(r"^Error: [^\n]*", re.MULTILINE)
_STARTED: Final = re.compile(r'^[ \t]*\{\s*"type":\s*"suite",\s*"event":\s*"started",\s*"test_count":', re.MULTILINE)
_EVENTS: Final = frozenset({"started", "timeout", *STATUSES})


class Name:
    """The name of a test."""

    __slots__ = ("binary", "runs", "stress", "title")

    def __init__(self, name: str) -> None:
        found = _NEXTEST.match(name) if "$" in name else None
        self.binary = found[1] if found else ""
        """Crate and test binary, which only nextest writes."""
        self.stress = (found[2] or "") if found else ""
        """Number of the run under ``--stress-count``."""
        self.title = found[3] if found else name
        self.runs = int(found[4]) if found and found[4] else 1
        """How often it ran."""


def suite_of_line(line: str) -> str:
    """The name of the test binary, when the line is how cargo announces it."""
    found = _RUNNING.match(line[:8_000])
    if found is None:
        return ""
    if found[3]:
        return found[3]
    binary = _HASH.sub("", re.split(r"[/\\]", found[2])[-1])
    return f"{binary} ({found[1]})"


def death_of_line(line: str) -> str:
    """How a test binary died, when cargo says so in this line."""
    found = _DIED.match(line[-8_000:]) if "process didn't exit" in line else None
    return found[1] if found else ""


def suite_of_event(event: Mapping[str, Any]) -> tuple[str, str]:
    """Crate and test binary, and its kind, as ``libtest-json-plus`` says them."""
    more = event.get("nextest")
    if not isinstance(more, dict):
        return "", ""
    crate, binary, kind = (more.get(key) for key in ("crate", "test_binary", "kind"))
    if not (isinstance(crate, str) and isinstance(binary, str)):
        return "", ""
    return f"{crate}::{binary}", kind if isinstance(kind, str) else ""


def panic_of(output: str) -> str:
    """What a panic said, or the error that a test returned; empty when there is none in the output."""
    found = _PANIC.search(output)
    if found is None:
        error = _ERROR.search(output)
        return error[0] if error else ""
    if old := _OLD_PANIC.match(found[1]):
        return old[1]
    end = _PANIC_ENDS.search(output, found.end())
    return output[found.end() : end.start() if end else None].strip("\n")


def recognise(head: Head) -> str | None:
    """Events of suites and tests: one on a line, perhaps behind the output of cargo itself."""
    for value in head.json:
        if not isinstance(value, dict):
            continue
        kind, event = value.get("type"), value.get("event")
        if kind == "suite" and event == "started" and "test_count" in value:
            return "an event of type suite with test_count"
        if kind == "test" and isinstance(event, str) and event in _EVENTS and "name" in value:
            return "an event of type test"
    if _STARTED.search(head.text) is not None:
        return "an event of type suite with test_count"
    return None
