"""Assertions of Catch2 that failed, in words: what is read of ``<Expression>`` and of the elements beside it."""

from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED
from report_processor.parsing.texts import LongText

PROBLEMS: Final = ("Exception", "FatalErrorCondition", "Failure", "Skip")
"""Elements that say why a test case ended, in an assertion or beside it."""

Failure = tuple[int, str, str, str]
"""Status, exception, what it says, where it was."""


class Assertion:
    """The assertion at hand, and what ``<Info>`` says about the next one."""

    __slots__ = ("_expression", "_hints", "_thrown", "expanded", "original", "place")

    def __init__(self) -> None:
        self.original = self.expanded = ""
        """As it stands in the source, and what that came to."""
        self.place: dict[str, str] = {}
        """Attributes of the problem at hand."""
        self._thrown = ""
        self._expression: dict[str, str] | None = None
        self._hints: LongText | None = None

    def open(self, attributes: dict[str, str]) -> None:
        """An ``<Expression>`` begins."""
        self._expression = attributes
        self.original = self.expanded = self._thrown = ""

    def close(self) -> Failure | None:
        """It ends: a failure unless it passed, or its failure was told already."""
        expression, self._expression = self._expression, None
        if expression is None:
            return None
        if expression.get("success") == "true":
            self._hints = None
            return None
        return FAILED, expression.get("type", ""), self._words(expression), _where(expression)

    def problem(self, name: str, text: str) -> Failure | None:
        """One of ``PROBLEMS`` but ``Skip``; None when that is for ``close`` to tell."""
        if name == "Failure":
            return FAILED, "FAIL", text, _where(self.place)
        expression = self._expression
        if expression is None:
            return BROKEN, name, text, _where(self.place)
        self._thrown = text
        # That something is thrown, or nothing, is what some assertions are about.
        kind = expression.get("type", "")
        if name != "FatalErrorCondition" and ("THROW" in kind or kind == "CHECK_NOFAIL" or kind.startswith("WARN")):
            return None
        self._expression = None
        return BROKEN, name, self._words(expression), _where(expression)

    def hint(self, text: str) -> None:
        """A line about the next assertion."""
        if self._hints is None:
            self._hints = LongText(limits.EXCEPTION_DESCRIPTION)
        self._hints.add(f"{text}\n")

    def with_hints(self, text: str) -> str:
        """The text behind the hints, which belong to nothing else then."""
        hints, self._hints = self._hints, None
        return hints.text() + text if hints is not None else text

    def _words(self, expression: dict[str, str]) -> str:
        text = f"{expression.get('type', '')}( {self.original} )"
        if self.expanded and self.expanded != self.original:
            text += f"\nwith expansion: {self.expanded}"
        return f"{text}\nthrew: {self._thrown}" if self._thrown else text


def _where(attributes: dict[str, str]) -> str:
    file = attributes.get("filename", "")
    return f"{file}:{attributes.get('line', '')}" if file else ""
