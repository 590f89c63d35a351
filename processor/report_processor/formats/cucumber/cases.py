"""A scenario of Cucumber Messages, its attempts, and how they become results."""

from collections.abc import Sequence
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, UNKNOWN, Label, Recorder
from report_processor.formats.cucumber.scenario import Scenario

Outcome = tuple[int, "float | None", str, str, str]
"""Status, seconds, and of the exception: type, message, backtrace."""

_BAD: Final = frozenset({FAILED, BROKEN})
_NOT_RUN: Final[Outcome] = (UNKNOWN, None, "", "", "")


class Feature:
    """What is kept of a feature."""

    __slots__ = ("description", "keyword", "labels", "title")

    def __init__(self, title: str, keyword: str = "", description: str = "", labels: Sequence[Label] = ()) -> None:
        self.title: Final = title
        self.keyword: Final = keyword
        self.description: Final = description
        self.labels: Final = labels


class Pickle:
    """What is kept of a scenario: of each step title and text below it."""

    __slots__ = ("description", "feature", "keyword", "labels", "steps", "title")

    def __init__(self, feature: Feature, title: str, keyword: str, description: str, labels: Sequence[Label]) -> None:
        self.feature: Final = feature
        self.title: Final = title
        self.keyword: Final = keyword
        self.description: Final = description
        self.labels: Final = labels
        self.steps: dict[str, tuple[str, str]] = {}


class Case:
    """A scenario that is to be run: each step has a title, and a text below it or, of a hook, its name."""

    __slots__ = ("earlier", "feature", "id", "pickle", "steps")

    def __init__(self, number: str, pickle: Pickle) -> None:
        self.id: Final = number
        self.pickle: Final = pickle
        self.feature: Final = pickle.feature
        self.steps: dict[str, tuple[str, str, bool]] = {}
        """By id: title, text, and whether it is a hook."""
        self.earlier: list[Run] = []
        """Attempts that were followed by another."""


class Run:
    """One attempt."""

    __slots__ = ("_files", "again", "case", "line", "outcomes", "size")

    def __init__(self, case: Case, line: int) -> None:
        self.case: Final = case
        self.line: Final = line
        self.outcomes: dict[str, Outcome] = {}
        self.again = False
        """A step says that there will be another attempt (protocol 1 to 16)."""
        self.size = 0
        """Characters of its texts."""
        self._files: dict[str, tuple[list[str], list[str]]] = {}

    def attach(self, step: str, assets: Sequence[str], output: Sequence[str]) -> None:
        """Files and lines of text that a step attached."""
        files = self._files.setdefault(step, ([], []))
        files[0].extend(assets)
        files[1].extend(output)

    def files(self, step: str) -> tuple[list[str], list[str]] | None:
        """Files and lines of text of a step."""
        return self._files.get(step)

    def loose(self) -> list[tuple[list[str], list[str]]]:
        """Those of no step that is known."""
        return [files for step, files in self._files.items() if step not in self.case.steps]

    def shortened(self) -> "Run":
        """Itself, with texts as short as those of an attempt."""
        for step, (status, duration, kind, message, trace) in self.outcomes.items():
            if message or trace:
                trace = trace[: limits.ATTEMPT_TEXT]  # noqa: PLW2901
                self.outcomes[step] = (status, duration, kind, message[: limits.ATTEMPT_TEXT], trace)
        return self


def record(recorder: Recorder, run: Run) -> None:
    """A scenario and its steps; the feature is open."""
    case = run.case
    pickle = case.pickle
    recorder.open(pickle.title, pickle.keyword, run.line, pickle.description)
    scenario = Scenario(recorder, run.line)
    steps = case.steps or {step: (f"step {number}", "", False) for number, step in enumerate(run.outcomes, 1)}
    for step, (title, text, hook) in steps.items():
        outcome = run.outcomes.get(step)
        files = run.files(step)
        if hook:
            _hook(scenario, run, step, title, text)
        elif outcome is not None and outcome[0] == PASSED and not (files or text or case.earlier):
            scenario.passed(title, outcome[1])
        else:
            _result(scenario, run, step, title, text, outcome or _NOT_RUN)
    for files in run.loose():
        scenario.aside(*files)
    scenario.record()
    recorder.close("", pickle.labels)


def _hook(scenario: Scenario, run: Run, step: str, title: str, text: str) -> None:
    """A hook is a result when it went wrong in any attempt."""
    outcome = run.outcomes.get(step, _NOT_RUN)
    runs = [*run.case.earlier, run]
    if (step in run.outcomes and outcome[0] == UNKNOWN) or any(_bad(one, step) for one in runs):
        _result(scenario, run, step, title, text, outcome, hook=True)
        return
    for one in runs:
        scenario.aside(*(one.files(step) or ([], [])))


def _bad(run: Run, step: str) -> bool:
    return run.outcomes.get(step, _NOT_RUN)[0] in _BAD


def _result(  # noqa: PLR0917
    scenario: Scenario, run: Run, step: str, title: str, text: str, outcome: Outcome, *, hook: bool = False
) -> None:
    def broken(status: int) -> int:
        return BROKEN if hook and status == FAILED else status

    status, duration, kind, message, trace = outcome
    draft = scenario.result(title, broken(status))
    draft.duration, draft.exception = duration, kind
    draft.describe(text)
    draft.message(message)
    draft.trace(trace)
    if run.case.earlier:
        for one in run.case.earlier:
            earlier = one.outcomes.get(step, _NOT_RUN)
            draft.attempt(broken(earlier[0]), *earlier[1:])
        draft.attempt(broken(status), *outcome[1:])
    for one in [*run.case.earlier, run]:
        assets, output = one.files(step) or ([], [])
        for asset in assets:
            draft.asset(asset)
        for line in output:
            draft.output(line)
