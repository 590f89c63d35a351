"""The lines of TAP: what each one is, and how a file is told from ordinary text."""

import re
from typing import Final, NamedTuple

from report_processor.detect import Head

VERSION: Final = re.compile(r"K?TAP version (\d{1,4})\s*$", re.IGNORECASE)
PLAN: Final = re.compile(r"1\.\.(\d{1,12})[ \t]*(?:#[ \t]*(.*))?$")
BAIL: Final = re.compile(r"Bail out!\s*(.*)$", re.IGNORECASE)
SKIP: Final = re.compile(r"skip\w*\b:?\s*(.*)$", re.IGNORECASE)
SUBTEST: Final = re.compile(r"#\s*Subtest(?::\s*(.*))?$")
SUMMARY: Final = re.compile(
    r"(?:(?:tests|suites|pass|fail|failed|cancelled|skip|skipped|todo|duration_ms|time)\b\s*[=:]?\s*[\d.]+\s*(?:ms|s)?\s*$"
    r"|ok\s*$|\{ total: |(?:Totals|\S{1,200}): pass:\d+ fail:\d+ "
    r"|Looks like (?:you|your test) |[Ff]ailed \d+ of \d+ tests|No coverage generated)"
)
"""Comments with which tools sum up; the tests say the same."""
PROVE: Final = re.compile(r"(?:\[\d\d:\d\d:\d\d\] )?(\S(?:.{0,500}?\S)?) \.{2,} ?(?:skipped: (.*)|ok.*)?$")
"""With this ``prove -v`` begins the output of each test script; ``--timer`` puts the time before it."""
PROVE_WENT_WELL: Final = re.compile(r"ok(?: +\d+ ms(?: \(.*\))?)?\s*$")
"""The end of a script, with ``--timer`` how long it took."""
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,20}m")

_POINT: Final = re.compile(r"(not )?ok(?![^\s#])[ \t]*(?:(\d{1,12})(?!\S))?[ \t]*(.*)$", re.DOTALL)
_DIRECTIVE: Final = re.compile(
    r"(?:^|\s)#\s*(?:(?:(skip)\w*|(todo))\b:?\s*(.*)|time=([\d.]{1,20})(ms|s)?\s*)$", re.IGNORECASE | re.DOTALL
)
_OF_KERNELS: Final = re.compile(r"(?:^|\s)# (?:(XFAIL|TIMEOUT|ERROR)\b\s*(.*)|(exit=\d{1,5})\s*)$")
"""What KTAP adds to that."""
_PHPUNIT: Final = re.compile(r"(Failure|Error): (\w[\w\\]*::.+)", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\([#\\])")
_LINES: Final = 400


class Point(NamedTuple):
    """A test point: ``not ok 3 - title # SKIP reason``."""

    good: bool
    number: int | None
    title: str
    directive: str
    """``skip``, ``todo``, ``xfail``, ``timeout``, ``error`` or nothing."""
    reason: str
    seconds: float | None
    opens: bool
    """It ends in ``{``: its subtests follow."""


def point_of(text: str) -> Point | None:
    """The line as a test point, without its indentation; None when it is none."""
    found = _POINT.match(text)
    if found is None:
        return None
    directive, reason, seconds = "", "", None
    title = found[3].rstrip()
    opens = title == "{" or title.endswith(" {")
    if opens:
        title = title[:-1].rstrip()
    if title[:2] in {"- ", "-"}:
        title = title[1:].lstrip()
    if "#" in title:
        title, directive, reason, seconds = _directives(title)
    number = int(found[2]) if found[2] else None
    if "\\" in title:
        title = unescaped(title)
    if found[1] and not directive and (told := _PHPUNIT.match(title)) is not None:
        directive, title = "error" if told[1] == "Error" else "", told[2]
    return Point(not found[1], number, title, directive, reason, seconds, opens)


def uncoloured(line: str) -> str:
    """The line without the colours of a terminal."""
    return _COLOUR.sub("", line) if "\x1b" in line else line


def unescaped(text: str) -> str:
    """The text without the backslashes before # and before themselves."""
    return _ESCAPED.sub(r"\1", text)


def _directives(title: str) -> tuple[str, str, str, float | None]:
    """The title without what stands behind ``#``; directive, reason and duration from there."""
    directive, reason, seconds = "", "", None
    while (told := _DIRECTIVE.search(title)) is not None:
        if told[4]:
            seconds = _seconds(told[4], told[5])
        else:
            directive, reason = (told[1] or told[2]).lower(), told[3].strip()
        title = title[: told.start()].rstrip()
        if reason and (inner := _DIRECTIVE.search(reason)) is not None and inner[4]:
            seconds, reason = _seconds(inner[4], inner[5]), reason[: inner.start()].rstrip()
    if (told := _OF_KERNELS.search(title)) is not None:
        directive, reason = (told[1] or "").lower() or directive, (told[2] or told[3] or "").strip() or reason
        title = title[: told.start()].rstrip()
    return title, directive, reason, seconds


def _seconds(digits: str, unit: str | None) -> float | None:
    try:
        value = float(digits)
    except ValueError:
        return None
    return value if unit in {"s", "S"} else value / 1000


def recognise(head: Head) -> str | None:
    """A version line, a plan with a test, or tests that are numbered from one on."""
    lines = head.text[: 1 << 16].split("\n", _LINES)[:_LINES]
    filled = [uncoloured(line).rstrip() for line in lines if line and not line.isspace()]
    version = next((line for line in filled[:50] if VERSION.match(line)), None)
    plan = next((line for line in filled if PLAN.match(line)), None)
    points = [found for line in filled if line.startswith(("ok", "not ok")) and (found := point_of(line))]
    if version and (version == filled[0] or plan or points):
        return version.strip()
    if plan and any(point.number is not None or point.title for point in points):
        return f"the plan {plan[:40]} and a test"
    if plan and points and plan in {filled[0], filled[-1]}:
        return f"the plan {plan[:40]} and a test"
    if plan and filled == [plan] and plan.startswith("1..0"):
        return f"the plan {plan[:40]}"
    if len(points) > 1 and [point.number for point in points[:3]] == [1, 2, 3][: len(points[:3])]:
        return "lines ok 1, ok 2"
    return None
