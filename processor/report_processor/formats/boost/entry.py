"""An entry of Boost.Test's log, in words: a check that failed, an exception, a message, and what stands in them."""

from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED
from report_processor.parsing.texts import LongText

PROBLEMS: Final = {
    "Error": (FAILED, "assertion error"),
    "FatalError": (FAILED, "fatal error"),
    "Exception": (BROKEN, "uncaught exception"),
}
"""Status and exception by the element."""
MESSAGES: Final = frozenset({"Info", "Message", "Warning"})
_NOWHERE: Final = frozenset({"", "unknown location", "boost.test framework"})

Problem = tuple[int, str, str, str, str]
"""Status, exception, what it says, its backtrace, and where it was or at least the checkpoint before it."""


class Entry:
    """The entry at hand, with its frames and the last checkpoint before it."""

    __slots__ = ("_checkpoint", "_checkpoint_text", "_frames", "_place")

    def __init__(self) -> None:
        self._place: dict[str, str] = {}
        self._checkpoint: dict[str, str] = {}
        self._checkpoint_text = ""
        self._frames: LongText | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no checkpoint and no frame waits for the end of an entry."""
        return not self._checkpoint and self._frames is None

    def open(self, attributes: dict[str, str]) -> None:
        """One of ``PROBLEMS`` or ``MESSAGES`` begins."""
        self._place = attributes

    def open_checkpoint(self, attributes: dict[str, str]) -> None:
        """A ``<LastCheckpoint>`` begins."""
        self._checkpoint = attributes

    def close_checkpoint(self, text: str) -> None:
        """It ends."""
        self._checkpoint_text = text

    def frame(self, text: str) -> None:
        """One of the contexts in which it happened."""
        if self._frames is None:
            self._frames = LongText(limits.EXCEPTION_DESCRIPTION)
        self._frames.add(f"\n{text}")

    def problem(self, name: str, text: str) -> Problem:
        """One of ``PROBLEMS`` ends."""
        status, exception = PROBLEMS[name]
        trace = where = self._where()
        if self._checkpoint:
            checkpoint = _place_of(self._checkpoint)
            if checkpoint:
                told = f"last checkpoint: {checkpoint}: {self._checkpoint_text}".rstrip(": ")
                trace = f"{trace}\n{told}" if trace else told
                where = where or checkpoint
            self._checkpoint, self._checkpoint_text = {}, ""
        return status, exception, self._with_frames(text), trace, where

    def message(self, name: str, text: str) -> str:
        """One of ``MESSAGES`` ends."""
        text, where = self._with_frames(text), self._where()
        return f"{where}: {name}: {text}" if where else f"{name}: {text}"

    def _where(self) -> str:
        return _place_of(self._place)

    def _with_frames(self, text: str) -> str:
        frames, self._frames = self._frames, None
        return text if frames is None else text + frames.text()


def place(file: str, line: str) -> str:
    """Where in the source, empty when that is not known."""
    return "" if file in _NOWHERE else f"{file}:{line}"


def _place_of(attributes: dict[str, str]) -> str:
    return place(attributes.get("file", ""), attributes.get("line", ""))
