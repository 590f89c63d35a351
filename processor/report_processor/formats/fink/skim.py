"""Pages that Fink found to be there, for skimming: what is captured of them and which ones are plain."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from report_processor import limits
from report_processor.events import Label
from report_processor.parsing.json_format import text_of
from report_processor.parsing.json_skim import DURATION, JsonSkimmer
from report_processor.parsing.shapes import Part, Rule, Run, groups_of

SUCCESS: Final = 200
MICROSECOND: Final = 1e-6
READ: Final = frozenset({"url", "status", "exception", "request_time", "request-time", "timestamp"})
"""Members that are no labels."""
SHORT: Final = 1_000
"""Characters of texts that need not be looked at more closely."""

_SEGMENT: Final = r'[^"\\\x00-\x1f]{0,150}+'
_SHORT_TEXT: Final = rf"{_SEGMENT}(?:\\/{_SEGMENT}){{0,40}}+"
"""With no escapes but that of the slash, which PHP writes; shorter than a title may be."""
_LABEL: Final = Rule(_SHORT_TEXT, number="(?:0|-?[1-9][0-9]{0,17}+)")
_DAY: Final = (
    "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    "T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
)
_RULES: Final = {
    "url": Rule(rf'(?!"){_SHORT_TEXT}'),
    "request_time": DURATION,
    "request-time": DURATION,
    "timestamp": Rule(rf"20[0-9][0-9]-{_DAY}(?:Z|[-+]0[0-9]:[0-5][0-9])"),
}
"""A timestamp is one that can be read for sure."""
_LITERAL: Final = frozenset({"status", "exception"})


class Plan(NamedTuple):
    """Groups of the values of a page; -1 for one that is not there."""

    url: int
    time: int
    stamp: int
    labels: list[tuple[str, int, str]]
    """Names, groups, and texts of those without a group."""


Page = tuple[int, str, float | None, str | None, Sequence[Label]]
"""Line, URL, duration, timestamp, labels."""


class PageSkimmer(JsonSkimmer[Plan]):
    """All members but those that are read are labels."""

    def rule(self, key: str, parts: list[Part]) -> Rule | None:
        """See ``JsonSkimmer``."""
        if key in _LITERAL or "." in key or "[" in key:
            return None
        return super().rule(key, parts) or _LABEL


def skimmer(take: Callable[[Run[Plan]], None]) -> PageSkimmer:
    """For the pages of a document."""
    return PageSkimmer(_RULES, lambda: True, _plan, take)


def pages_of(run: Run[Plan]) -> Iterator[Page]:
    """What was skimmed."""
    plan, nothing = run.plan, [None] * run.size
    columns = [_decoded(column) for column in run.columns()]
    durations: Sequence[float | None] = nothing
    if plan.time >= 0:
        times = columns[plan.time]
        whole = "".join(times).isdecimal()
        durations = [int(time) / 1e6 if whole else round(float(time) * MICROSECOND, 9) for time in times]
    stamps = columns[plan.stamp] if plan.stamp >= 0 else nothing
    return zip(run.lines(), columns[plan.url], durations, stamps, _labels(run, columns), strict=False)


def _labels(run: Run[Plan], columns: list[list[str]]) -> Iterable[Sequence[Label]]:
    """Of each page; those without a value are left out."""
    labels: list[list[Label]] = []
    blank = False
    for name, group, text in run.plan.labels:
        values = columns[group] if group >= 0 else [text]
        blank = blank or "" in values
        labels.append([(name, value) for value in values] * (1 if group >= 0 else run.size))
    if not labels:
        return [()] * run.size
    found = zip(*labels, strict=True)
    return [[label for label in one if label[1]] for one in found] if blank else found


def _decoded(texts: list[str]) -> list[str]:
    """Texts with the only escape that they may have decoded; none has a quotation mark in it."""
    written = '"'.join(texts)
    return written.replace("\\/", "/").split('"') if "\\" in written else texts


def _plan(parts: list[Part], pages: list[dict[str, Any]]) -> Plan | None:
    """Of a page that was there."""
    (page,) = pages
    status, stamp = page.get("status"), page.get("timestamp")
    if type(status) is not int or status != SUCCESS or page.get("exception") or not isinstance(page.get("url"), str):
        return None
    if not isinstance(stamp, str | None) or len(page) > limits.LABELS:
        return None
    time = "request_time" if "request_time" in page else "request-time"
    if isinstance(page.get(time), str | bool | list | dict):
        return None
    groups, labels = groups_of(parts), []
    for key, value in page.items():
        if key not in READ and value is not None:
            if isinstance(value, list | dict) or len(key) > SHORT:
                return None
            labels.append((key, groups.get(key, -1), text_of(value)))
    return Plan(groups["url"], groups.get(time, -1), groups.get("timestamp", -1), labels)
