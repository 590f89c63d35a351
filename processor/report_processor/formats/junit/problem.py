"""One ``<failure>``, ``<error>``, ``<skipped>`` or attempt, and how several of them become one text."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Attempt
from report_processor.parsing.durations import seconds
from report_processor.parsing.texts import Budget, LongText

_SEVERITY: Final = {BROKEN: 0, FAILED: 1, UNKNOWN: 2, SKIPPED: 3, PASSED: 4}
_FIRST_LINE: Final = 2_000
_PHP_TEST: Final = re.compile(r"[\w\\]{1,500}::\w{1,500}(?: with data set .{0,500})?")


class Problem:
    """Its type, message, text and output, within the budget of its test case."""

    __slots__ = ("_budget", "_output", "cut", "excuses", "message", "name", "size", "status", "text", "time")

    def __init__(self, status: int, attributes: Mapping[str, str], budget: Budget) -> None:
        self.status: Final = status
        self._budget: Final = budget
        kind, message = attributes.get("type", ""), attributes.get("message", "")
        self.name: Final = kind[: limits.EXCEPTION_NAME].partition("\n")[0].strip()
        """Type of the exception. Its first line: Surefire lets the backtrace run on in it."""
        if message:
            message = message[: budget.take(min(len(message), limits.EXCEPTION_DESCRIPTION), limits.LEAST_TEXT)]
        self.message: Final = message
        """What the exception says."""
        self.size: Final = len(attributes.get("message", ""))
        self.time: Final = attributes.get("time", "")[:100]
        self.excuses: Final = kind == "todo" or "!mayfail" in self.message
        """Whether a ``<skipped>`` keeps the failure beside it from counting, as the tool itself sees it."""
        self.cut = max(0, len(kind) - limits.EXCEPTION_NAME) + self.size - len(message)
        """Characters that were cut; final after ``end``."""
        self.text: Final = LongText(limits.BACKTRACE, budget)
        self._output: LongText | None = None

    @property
    def output(self) -> LongText:
        """What was written during this attempt."""
        if self._output is None:
            self._output = LongText(limits.ATTEMPT_TEXT, self._budget)
        return self._output

    @property
    def output_text(self) -> str:
        """The same as a text."""
        return self._output.text() if self._output is not None else ""

    @property
    def summary(self) -> str:
        """The message; without one, the first line of the text that is not blank, of Python's traceback the last.

        PHPUnit's first line says which test it is; the message follows.
        """
        if self.message or self.status == SKIPPED:
            return self.message
        text = self.text.text()
        lines = [stripped for line in text[:_FIRST_LINE].splitlines() if (stripped := line.strip())]
        first = next(iter(lines), "")
        if len(lines) > 1 and _PHP_TEST.fullmatch(first):
            return lines[1]
        if first.startswith("Traceback (most recent call last)"):
            return next((line for line in reversed(text[-_FIRST_LINE:].splitlines()) if line[:1].strip()), first)
        return first

    def end(self) -> None:
        """Its element ends: what it did not need is for others."""
        for text in (self.text, self._output):
            if text is not None:
                text.end()
                self.cut += text.cut

    def drop(self) -> int:
        """Forget it to make room; returns the characters that are lost."""
        for text in (self.text, self._output):
            if text is not None:
                text.drop()
        self._budget.give(len(self.message))
        return self.size + self.text.size + (self._output.size if self._output is not None else 0)

    def attempt(self) -> Attempt:
        """As an attempt of its own."""
        trace = joined_lines(self.text.text(), self.output_text)
        return (self.status, seconds(self.time) if self.time else None, self.name, self.summary, trace)


def worst_of(problems: Sequence[Problem]) -> int:
    """The status that these give a test."""
    return min((problem.status for problem in problems), key=_SEVERITY.__getitem__)


def worst_first(problems: Sequence[Problem], status: int = BROKEN) -> list[Problem]:
    """The same, so that those of the status that they give come first."""
    return sorted(problems, key=lambda problem: (problem.status != status, _SEVERITY[problem.status]))


def joined(problems: Sequence[Problem]) -> tuple[str, str, str]:
    """Name, message and backtrace of all; the first gives the name."""
    if not problems:
        return "", "", ""
    messages: list[str] = []
    traces: list[str] = []
    for problem in problems:
        message, text = problem.summary, problem.text.text()
        if message and message not in messages:
            messages.append(message)
        if text.strip():
            traces.append(text)
        if output := problem.output_text:
            traces.append(output)
    message = "\n".join(messages)[: limits.EXCEPTION_DESCRIPTION]
    trace = "\n".join(traces)[: 2 * limits.BACKTRACE]
    if not message and problems[0].status == SKIPPED:
        message, trace = trace.strip(), ""
    return problems[0].name, message, trace


def joined_lines(first: str, second: str) -> str:
    """The two texts, the second one on a line of its own."""
    if not first or not second:
        return first or second
    return f"{first}{'' if first.endswith(chr(10)) else chr(10)}{second}"
