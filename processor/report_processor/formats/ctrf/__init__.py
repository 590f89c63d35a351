"""CTRF, the Common Test Report Format: JSON of one flat list of tests.

The facts are from the format's JSON schema (specification 0.0 and 1.0) and from what reporters write. ``suite`` was a
text with `` > `` between the names and is an array of names since; reporters for parallel runs mix the tests of
several suites, so equal suites are merged. The status has five words, and what the tool itself said is ``rawStatus``.
"""

from collections.abc import Sequence
from typing import Any, Final

from report_processor import limits
from report_processor.detect import Head
from report_processor.events import PASSED, Column
from report_processor.formats.ctrf.result import SHORT, TestReader, plain_labels, suites_of
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.json_format import JsonFormat, dict_of, milliseconds_column, number_of, text_of
from report_processor.parsing.json_reader import SKIP
from report_processor.parsing.json_skim import ANY, DURATION, LABEL, NAME, TEXT, JsonSkimmer
from report_processor.parsing.nest import Nest
from report_processor.parsing.shapes import Part, Run, groups_of

_SYSTEM: Final = ("osPlatform", "osRelease", "osVersion")


_RULES: Final = {
    "name": NAME,
    "duration": DURATION,
    "suite": TEXT,
    "start": ANY,
    "stop": ANY,
    **dict.fromkeys(SHORT, LABEL),
}
_Plan = tuple[int, int, int, list[tuple[str, int]]]
"""Groups of the title, the duration and the suite; -1 for none. Labels with their groups."""


def _plan(parts: list[Part], tests: list[dict[str, Any]]) -> _Plan | None:
    """Of a test that passed and has nothing more to tell."""
    (test,) = tests
    if "name" not in test or plain_labels(test) is None or not isinstance(test.get("suite", ""), str):
        return None
    groups = groups_of(parts)
    labels = [(key, groups[key]) for key in test if key in SHORT]
    return groups["name"], groups.get("duration", -1), groups.get("suite", -1), labels


class CtrfParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"results": "results", "insights": SKIP, "baseline": SKIP, "extra": SKIP},
        "results": {"tests": "test", "extra": SKIP},
    }

    def __init__(self) -> None:
        super().__init__()
        self._nest: Final = Nest(self.recorder)
        self._tests = 0
        self._stated: float | None = None
        self._ended = False
        self._reader: Final = TestReader(self.recorder, self.seconds)
        self.reader.skimmers["test"] = JsonSkimmer(_RULES, lambda: True, _plan, self._take)

    def member(self, name: str, key: str, value: Any) -> None:
        """The tool, the summary, the environment."""
        if name != "results":
            return
        if key == "summary":
            summary = dict_of(value)
            self._stated = number_of(summary.get("tests"))
            self.date(summary.get("start") or None)
        elif key == "tool":
            self._reader.tool = text_of(dict_of(value).get("name")).lower()
        elif key == "environment":
            self._environment(dict_of(value))

    def item(self, name: str, value: Any) -> None:
        """A test."""
        if name != "test" or not isinstance(value, dict):
            self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)
            return
        self._tests += 1
        place, title = suites_of(value)
        line = self.line
        if place != self._nest.place:
            self._nest.enter(place, line)
        labels = plain_labels(value) if title and len(title) <= limits.TITLE and not title.isspace() else None
        if labels is not None:
            duration = self.seconds(value.get("duration"), 0.001)
            details = ("", "", "", "", False, (), labels, ()) if labels else None
            self.recorder.rows.append((title, "", PASSED, duration, line, details))
        else:
            self._reader.draft_of(value, title, line).record(self.recorder)

    def _take(self, run: Run[_Plan]) -> None:
        columns, (name, time, suite, labels) = run.columns(), run.plan
        titles = columns[name]
        suites = columns[suite] if suite >= 0 else ("",) * len(titles)
        durations: Sequence[float | None] | Sequence[str] = [None] * len(titles)
        if time >= 0:
            durations = milliseconds_column(columns[time])
        names = [label for label, _ in labels]
        at, line = 0, run.line
        while at < len(titles):
            of_suite = suites[at]
            place, title = suites_of({"name": titles[at], "suite": of_suite})
            if place != self._nest.place:
                self._nest.enter(place, line)
            end = at + 1
            if of_suite == titles[at]:  # which is more than a title
                found = {"status": "passed", **{label: columns[group][at] for label, group in labels}}
                draft = self._reader.draft_of(found, title, line)
                draft.duration = None if (duration := durations[at]) is None else float(duration)
                draft.record(self.recorder)
            else:
                while end < len(titles) and suites[end] == of_suite != titles[end]:
                    end += 1
                values: list[Column] = [columns[group][at:end] for _, group in labels]
                self.recorder.columns(titles[at:end], "", durations[at:end], line, run.step, names, values)
            line += run.step * (end - at)
            at = end
        self._tests += len(titles)

    def end(self, name: str) -> None:
        """The results, or the report, end."""
        if name == "results":
            self._ended = True
            self._nest.leave()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        self._nest.leave()
        if self._ended and self._stated is not None and self._stated != self._tests:
            text = f'"tests": {self._stated:g} in the summary, but there are {self._tests}'
            self.recorder.note("suite_count_differs", text)

    def _environment(self, found: dict[str, Any]) -> None:
        system = " ".join(filter(None, (text_of(found.get(key)) for key in _SYSTEM)))
        build = text_of(found.get("buildName"))
        if number := text_of(found.get("buildNumber")):
            build = f"{build} #{number}" if build else number
        self.recorder.system(os=system, build=build or text_of(found.get("appVersion")))


def recognise(head: Head) -> str | None:
    """What it says it is, or results with a tool and its tests or their summary."""
    for value in head.json[:1]:
        found = dict_of(value)
        results = dict_of(found.get("results"))
        if found.get("reportFormat") == "CTRF" and "results" in found:
            return "reportFormat CTRF"
        if isinstance(results.get("tool"), dict) and ("tests" in results or "summary" in results):
            return f"key results with {', '.join(key for key in ('tool', 'summary', 'tests') if key in results)}"
    return None


FORMAT: Final = Format(
    key="ctrf",
    origin="ctrf_json",
    title="CTRF JSON",
    expects="JSON of the Common Test Report Format, specifications 0.0 and 1.0, as the reporters of ctrf.io and others "
    "write it for Jest, Playwright, Vitest, Mocha, Cypress, pytest, Go, .NET, Java and more: an object with results, "
    "and in it tool, summary and tests.",
    example="""{"reportFormat": "CTRF", "specVersion": "1.0.0", "results": {
  "tool": {"name": "jest"},
  "summary": {"tests": 2, "passed": 1, "failed": 1, "skipped": 0, "pending": 0, "other": 0,
    "start": 1795533477164, "stop": 1795533477514},
  "tests": [
    {"name": "signs in", "status": "passed", "duration": 250, "suite": ["login"]},
    {"name": "signs out", "status": "failed", "duration": 10, "suite": ["login"],
     "message": "still signed in", "trace": "at login.test.js:17:3"}
  ]
}}
""",
    mapping="Each name in suite (an array, or a text with > between the names) is a container, each test a result. "
    "passed, failed and skipped are as they say; pending is skipped, but unknown of Cucumber; other is unknown. A "
    "failed test whose rawStatus tells of a time-out, an interruption or a broken setup or teardown is broken. "
    "retryAttempts are attempts before the test's own outcome; where there are none, retries says how many failed. "
    "Steps are lines of the description, standard output and errors follow the backtrace, attachments are assets by "
    "their paths, a screenshot in base64 is stored. Tags, labels, parameters, the file and everything else are labels. "
    "The environment gives the operating system and the build.",
    kinds=(JSON,),
    recognise=recognise,
    parser=CtrfParser,
    limits="Insights, the baseline and the extra members of the report and the summary are not read.",
    merges=True,
)
