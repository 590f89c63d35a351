"""Skimming of Boost.Test's log: test cases that passed without a word, and those with a few failed checks."""

from typing import Final, NamedTuple

from report_processor.events import FAILED, Row
from report_processor.formats.boost.entry import place
from report_processor.parsing.shapes import Part, Rule, Run, groups_of
from report_processor.parsing.xml_skim import NAME, VALUE

_TEXT: Final = r"[^\]\x00-\x08\x0b-\x1f]{0,1000}+"
_SECTION: Final = rf"{_TEXT}(?:\](?!\]>){_TEXT}){{0,6}}+"
RULES: Final = {
    "name": NAME,
    "file": VALUE,
    "line": VALUE,
    "TestingTime#": Rule("[0-9]{1,14}"),
    "Error@file": VALUE,
    "Error@line": VALUE,
    "Error<": Rule(rf"<!\[CDATA\[{_SECTION}\]\]>", lines=True),
}
INSIDE: Final = ("TestingTime", "Error")
_CASE: Final = ["name", "file", "line"]
_ERROR: Final = ["Error", "Error@file", "Error@line", "Error<"]
_TIME: Final = ["TestingTime", "TestingTime#"]
_ERRORS: Final = 7
"""More could be longer together than what is kept of a message."""


class Plan(NamedTuple):
    """What is in a test case."""

    groups: dict[str, int]
    """Of a test case that passed."""
    errors: int = 0
    """Failed checks; with one, the groups are in the order of the file."""


def plan_of(parts: list[Part]) -> Plan | None:
    """Of a test case that passed without a word, or has failed checks and nothing else."""
    keys = [part.key for part in parts]
    if "Error" not in keys:
        groups = groups_of(parts)
        plain = "name" in groups and all(key in RULES or key == "TestingTime" for key in keys)
        return Plan(groups) if plain and len(groups) == sum(part.group >= 0 for part in parts) else None
    count = keys.count("Error")
    return Plan({}, count) if count <= _ERRORS and keys == [*_CASE, *_ERROR * count, *_TIME] else None


def failed_rows(run: Run[Plan]) -> list[Row]:
    """The results of test cases with failed checks."""
    rows: list[Row] = []
    for (title, file, line, *errors, time), at in zip(run.rows, run.lines(), strict=False):
        message = "\n".join(text for section in errors[2::3] if (text := section[9:-3]))
        places = map(place, errors[::3], errors[1::3])
        trace = "\n".join(filter(None, places))
        details = ("", "assertion error", message, trace, False, (), [("file", file), ("line", line)], ())
        rows.append((title, "", FAILED, round(float(time) * 1e-6, 9), at, details))
    return rows
