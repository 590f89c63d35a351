"""One ``<testcase>`` while it is open: what was seen of it, and what follows from that."""

from collections.abc import Mapping
from typing import Final

from report_processor import limits
from report_processor.durations import seconds
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Attempt, Details, Label
from report_processor.texts import LongText

_MEANT: Final = frozenset({"name", "classname", "class", "time"})
_WORDS: Final = {
    "fail": FAILED,
    "failed": FAILED,
    "failure": FAILED,
    "error": BROKEN,
    "broken": BROKEN,
    "disabled": SKIPPED,
    "ignored": SKIPPED,
    "notrun": SKIPPED,
    "skip": SKIPPED,
    "skipped": SKIPPED,
    "suppressed": SKIPPED,
    "pending": UNKNOWN,
    "todo": UNKNOWN,
    "undefined": UNKNOWN,
}
"""``status`` and ``result`` of googletest, CTest, Catch2, Cucumber and others. Other words mean a pass."""
_OPENING: Final = "[[ATTACHMENT|"
_CLOSING: Final = "]]"
_LONGEST_PATH: Final = 4096


def skipped_by_attributes(attributes: Mapping[str, str]) -> int:
    """The outcome of a test case without children."""
    for name in ("status", "result"):
        if name in attributes:
            found = _WORDS.get(attributes[name].strip().lower(), PASSED)
            if found != PASSED:
                return found
    return PASSED


class Kept:
    """Labels and file names, as many as the limits allow."""

    __slots__ = ("assets", "cut", "labels")

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self.assets: list[str] = []
        self.cut = 0
        """How many were cut or left out."""

    def label(self, name: str, value: str) -> None:
        """Keep a name and its value."""
        if len(self.labels) >= limits.LABELS:
            self.cut += 1
            return
        if len(name) > limits.LABEL_NAME or len(value) > limits.LABEL_VALUE:
            self.cut += 1
            name, value = name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]
        self.labels.append((name, value))

    def asset(self, path: str) -> None:
        """Keep the name of a file."""
        if path in self.assets:
            return
        if len(self.assets) >= limits.ASSETS:
            self.cut += 1
            return
        self.assets.append(path)


class Problem:
    """One ``<failure>``, ``<error>``, ``<skipped>`` or attempt."""

    __slots__ = ("_output", "attributes", "status", "text")

    def __init__(self, status: int, attributes: dict[str, str], limit: int) -> None:
        self.status: Final = status
        self.attributes: Final = attributes
        self.text: Final = LongText(limit)
        self._output: LongText | None = None

    @property
    def output(self) -> LongText:
        """What was written during this attempt."""
        if self._output is None:
            self._output = LongText(limits.ATTEMPT_TEXT)
        return self._output

    @property
    def output_text(self) -> str:
        """The same as a text."""
        return self._output.text() if self._output is not None else ""

    @property
    def name(self) -> str:
        """Type of the exception. Its first line: Surefire lets the backtrace run on in it."""
        return self.attributes.get("type", "")[: limits.EXCEPTION_NAME].partition("\n")[0].strip()

    @property
    def message(self) -> str:
        """What the exception says."""
        return self.attributes.get("message", "")[: limits.EXCEPTION_DESCRIPTION]

    @property
    def cut(self) -> int:
        """Characters that were cut."""
        attributes = self.attributes
        return (
            self.text.cut
            + (self._output.cut if self._output is not None else 0)
            + max(0, len(attributes.get("type", "")) - limits.EXCEPTION_NAME)
            + max(0, len(attributes.get("message", "")) - limits.EXCEPTION_DESCRIPTION)
        )


class Case:
    """A test case and all that stands in it."""

    __slots__ = (
        "_flaky",
        "_output",
        "_problems",
        "_reruns",
        "_skipped",
        "_torn",
        "attributes",
        "column",
        "cut",
        "kept",
        "line",
        "unfinished",
    )

    def __init__(self, attributes: dict[str, str], line: int, column: int) -> None:
        self.attributes: Final = attributes
        self.line: Final = line
        self.column: Final = column
        self.kept: Final = Kept()
        self.cut = 0
        """Characters that were cut; final after ``outcome``."""
        self.unfinished = False
        """The file ends or breaks inside it."""
        self._problems: list[Problem] = []
        self._reruns: list[Problem] = []
        self._flaky: list[Problem] = []
        self._skipped: list[Problem] = []
        self._output: LongText | None = None
        self._torn = ""

    def add(self, problem: Problem, *, rerun: bool, flaky: bool) -> None:
        """A failure of this test or of one of its attempts."""
        kept = self._reruns if rerun else self._flaky if flaky else self._problems
        if len(kept) >= limits.ATTEMPTS:
            self.cut += kept[-1].text.size
            kept[-1] = problem
        else:
            kept.append(problem)

    def skip(self, problem: Problem) -> None:
        """A reason why it did not run."""
        if len(self._skipped) < limits.ATTEMPTS:
            self._skipped.append(problem)

    def add_output(self, piece: str) -> None:
        """Captured output, in pieces; files that it names become assets."""
        if self._output is None:
            self._output = LongText(limits.BACKTRACE)
        self._output.add(piece)
        self.look_for_assets(piece)

    def look_for_assets(self, piece: str) -> None:
        """Find the files that a piece of output names."""
        if self._torn or "[[" in piece or piece.endswith("["):
            self._find_assets(piece)

    def label_attributes(self) -> None:
        """Keep as labels the attributes that have no other meaning."""
        for name, value in self.attributes.items():
            if name not in _MEANT and name[:3] != "xml":
                self.kept.label(name, value)

    def outcome(self, duration: float | None) -> tuple[int, Details | None]:
        """Status and details; None when there is nothing to tell but the status."""
        output = ""
        if self._output is not None:
            output = self._output.text()
            self.cut += self._output.cut
        kept = self.kept
        if not (self._problems or self._reruns or self._flaky or self._skipped):
            status = skipped_by_attributes(self.attributes)
            if status == PASSED and self.unfinished:
                status = UNKNOWN
            if not output and not kept.labels and not kept.assets:
                return status, None
            return status, ("", "", "", output, False, (), kept.labels, kept.assets)
        for problem in (*self._problems, *self._reruns, *self._flaky, *self._skipped):
            self.cut += problem.cut
        attempts, flaky = self._attempts(duration)
        status = self._status(attempts)
        if status == PASSED:
            shown = []
        elif status == SKIPPED:
            shown = self._skipped + self._problems
        else:
            shown = self._problems + self._skipped
        name, message, trace = _joined(shown, attempts)
        return status, ("", name, message, _lines(trace, output), flaky, attempts, kept.labels, kept.assets)

    def _status(self, attempts: list[Attempt]) -> int:
        if attempts:
            return attempts[-1][0]
        if any(_excuses(reason) for reason in self._skipped):
            return SKIPPED
        if self._problems:
            return max(problem.status for problem in self._problems)
        return SKIPPED

    def _attempts(self, duration: float | None) -> tuple[list[Attempt], bool]:
        """All attempts in order when there were several, and whether one failed before the pass."""
        if not self._reruns and not self._flaky:
            return [], False
        attempts: list[Attempt] = []
        if self._flaky and not self._problems:
            attempts = [_attempt(problem) for problem in self._flaky]
            attempts.append((PASSED, duration, "", "", ""))
            return attempts, True
        if self._problems:
            name, message, trace = _joined(self._problems, [])
            worst = max(problem.status for problem in self._problems)
            attempts.append((worst, duration, name, message, trace[: limits.ATTEMPT_TEXT]))
        attempts += [_attempt(problem) for problem in (*self._flaky, *self._reruns)]
        return attempts, False

    def _find_assets(self, piece: str) -> None:
        text = self._torn + piece
        self._torn = ""
        at = text.find(_OPENING)
        while at >= 0:
            start = at + len(_OPENING)
            stop = text.find(_CLOSING, start, start + _LONGEST_PATH)
            if stop < 0:
                break
            self.kept.asset(text[start:stop].strip())
            at = text.find(_OPENING, stop)
        if at >= 0:
            self._torn = text[at:] if len(text) - at < _LONGEST_PATH else ""
        else:
            # The opening itself may be torn.
            last = text.rfind("[[", max(0, len(text) - len(_OPENING)))
            if last < 0 and text.endswith("["):
                last = len(text) - 1
            if last >= 0 and _OPENING.startswith(text[last:]):
                self._torn = text[last:]


def _excuses(reason: Problem) -> bool:
    """Whether a ``<skipped>`` keeps the failure beside it from counting, as the tool itself sees it."""
    return reason.attributes.get("type") == "todo" or "!mayfail" in reason.attributes.get("message", "")


def _attempt(problem: Problem) -> Attempt:
    time = problem.attributes.get("time", "")
    trace = _lines(problem.text.text(), problem.output_text)
    return (problem.status, seconds(time) if time else None, problem.name, problem.message, trace)


def _joined(problems: list[Problem], attempts: list[Attempt]) -> tuple[str, str, str]:
    """Name, message and backtrace to show for a result: the first gives the name, all the rest."""
    if attempts and attempts[-1][0] != PASSED:
        _, _, name, message, trace = attempts[-1]
        return name, message, trace
    if not problems:
        return "", "", ""
    first = problems[0]
    messages: list[str] = []
    traces: list[str] = []
    for problem in problems:
        message, text = problem.message, problem.text.text()
        if message and message not in messages:
            messages.append(message)
        if text.strip():
            traces.append(text)
        if output := problem.output_text:
            traces.append(output)
    message = "\n".join(messages)[: limits.EXCEPTION_DESCRIPTION]
    trace = "\n".join(traces)[: 2 * limits.BACKTRACE]
    if not message and first.status == SKIPPED:
        message, trace = trace.strip(), ""
    return first.name, message, trace


def _lines(first: str, second: str) -> str:
    if not first or not second:
        return first or second
    return f"{first}{'' if first.endswith(chr(10)) else chr(10)}{second}"
