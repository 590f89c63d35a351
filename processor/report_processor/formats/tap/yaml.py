"""The YAML block behind a test point: one level of keys, and what is deeper as the text it is.

A reader of our own, because tools write what no YAML parser takes (backtraces without quotes, tabs),
because a whole YAML parser would expand aliases, and because nothing below the first level has a meaning
that all tools share.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from report_processor.events import BROKEN, FAILED, SKIPPED, UNKNOWN
from report_processor.parsing.draft import Draft

_BLOCK: Final = re.compile(r"[|>][-+\d]{0,3}$")
_PLAIN: Final = re.compile(r"\s*duration_ms: ([\d.eE+-]{1,30})\s*(?:type: '?test'?\s*)?$")
_ASSERTS: Final = re.compile("assert|expect|fail", re.IGNORECASE)
_TOLD: Final = frozenset(
    {"actual", "compare", "diff", "expected", "found", "got", "operator", "values", "wanted", "pattern", "doNotWant"}
)
_OTHER_THAN_ASSERTIONS: Final = frozenset({"subtestsFailed", "testCodeFailure"})
_LABEL: Final = 200
_NOTHING: Final = frozenset({"", "~", "null", "undefined"})


def plain_duration(text: str) -> str | None:
    """The milliseconds, when the block has nothing else: node:test writes one for each test."""
    found = _PLAIN.match(text)
    return found[1] if found else None


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values of the first level. What has no key comes with an empty one."""
    lines = text.split("\n")
    base = next((_indent(line) for line in lines if line.strip()), 0)
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.strip():
            continue
        key, value = _split(line.strip())
        inner = at
        while at < len(lines) and (not lines[at].strip() or _indent(lines[at]) > base):
            at += 1
        below = _dedented(lines[inner:at])
        if _BLOCK.match(value):
            value = below
        else:
            value = _scalar(value)
            value = f"{value}\n{below}" if value and below else value or below
        if value not in _NOTHING:
            yield key, value


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _split(line: str) -> tuple[str, str]:
    if line.startswith("- "):
        return "", line
    at = line.find(": ")
    if at < 0 and line.endswith(":"):
        at = len(line) - 1
    if not 0 < at <= _LABEL:
        return "", line
    return line[:at].strip(" '\""), line[at + 1 :].strip()


def _dedented(lines: list[str]) -> str:
    least = min((_indent(line) for line in lines if line.strip()), default=0)
    return "\n".join(line[least:].rstrip() for line in lines).rstrip("\n")


def _scalar(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            return str(json.loads(value, strict=False)).encode(errors="replace").decode()
        except (ValueError, RecursionError):
            return value[1:-1]
    return value


def apply(draft: Draft, text: str) -> tuple[str, bool]:
    """Add the block to a test; returns its ``duration_ms`` and whether it is a suite that node:test closes."""
    found: dict[str, str] = {}
    milliseconds, suite = "", False
    for key, value in entries(text):
        if key == "duration_ms":
            milliseconds = value
        elif key == "type" and value in {"suite", "test"}:
            suite = value == "suite"
        else:
            found.setdefault(key, value)
            _add(draft, key, value)
    if draft.status == FAILED and _is_broken(found):
        draft.status = BROKEN
    return milliseconds, suite


def _add(draft: Draft, key: str, value: str) -> None:
    short = len(value) <= _LABEL and "\n" not in value
    if key in {"message", "error"}:
        draft.message(value)
    elif key in _TOLD or not key:
        draft.message(f"{key}: {value}" if short and key else f"{key}:\n{value}" if key else value)
    elif key == "stack":
        draft.trace(value)
    elif key in {"name", "type"} and short and draft.status not in {SKIPPED, UNKNOWN}:
        draft.exception = draft.exception or value
    elif key in {"at", "source", "trace", "backtrace"} or not short:
        draft.trace(f"{key}: {value}" if short else f"{key}:\n{value}")
    else:
        draft.label(key, value)


def _is_broken(found: dict[str, str]) -> bool:
    """Whether it went wrong outside of an assertion: an exception, a time limit, a process that died."""
    kind = found.get("failureType")
    if kind is not None and kind not in _OTHER_THAN_ASSERTIONS:
        return True
    if kind == "subtestsFailed" or found.get("code") == "ERR_ASSERTION":
        return False
    name = found.get("name") or found.get("type", "")
    if kind is not None:
        return not _ASSERTS.search(name)
    return "tapCaught" in found or "timeout" in found or bool(name and not _ASSERTS.search(name))
