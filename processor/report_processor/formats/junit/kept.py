"""Labels and names of files of one test case or suite, as many as the limits allow."""

from collections.abc import Callable
from typing import Final

from report_processor import limits
from report_processor.events import Label
from report_processor.parsing.texts import Budget

_OPENING: Final = "[[ATTACHMENT|"
_CLOSING: Final = "]]"
_LONGEST_PATH: Final = 4096


class Kept:
    """What is kept beside the texts."""

    __slots__ = ("_budget", "assets", "cut", "labels")

    def __init__(self, budget: Budget) -> None:
        self._budget: Final = budget
        self.labels: list[Label] = []
        self.assets: list[str] = []
        self.cut = 0
        """How many were cut or left out."""

    def label(self, name: str, value: str) -> None:
        """Keep a name and its value."""
        if len(name) > limits.LABEL_NAME or len(value) > limits.LABEL_VALUE:
            self.cut += 1
            name, value = name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]
        if len(self.labels) < limits.LABELS and self._has_room(len(name) + len(value)):
            self.labels.append((name, value))
        else:
            self.cut += 1

    def asset(self, path: str) -> None:
        """Keep the name of a file."""
        if path in self.assets:
            return
        if len(self.assets) < limits.ASSETS and self._has_room(len(path)):
            self.assets.append(path)
        else:
            self.cut += 1

    def _has_room(self, size: int) -> bool:
        granted = self._budget.take(size)
        if granted == size:
            return True
        self._budget.give(granted)
        return False


class Attachments:
    """Finds ``[[ATTACHMENT|path]]`` in a text that arrives in pieces."""

    __slots__ = ("_found", "_torn")

    def __init__(self, found: Callable[[str], None]) -> None:
        self._found: Final = found
        self._torn = ""

    def look(self, piece: str) -> None:
        """Look at the next piece of the text."""
        if self._torn or "[[" in piece or piece.endswith("["):
            self._look(self._torn + piece)

    def end(self) -> None:
        """The text ends."""
        self._torn = ""

    def _look(self, text: str) -> None:
        self._torn = ""
        at = text.find(_OPENING)
        while at >= 0:
            start = at + len(_OPENING)
            stop = text.find(_CLOSING, start, start + _LONGEST_PATH)
            if stop < 0:
                break
            if path := text[start:stop].strip():
                self._found(path)
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
