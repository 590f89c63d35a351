"""A suite of Robot Framework that is open: what its container will say when it ends."""

from typing import Final

from report_processor import limits
from report_processor.events import Label
from report_processor.parsing.texts import Budget, LongText


class Suite:
    """Its texts stay within what all open suites may have together."""

    __slots__ = ("_budget", "_doc", "_said", "_source", "cut", "depth", "labels")

    def __init__(self, depth: int, attributes: dict[str, str], room: Budget) -> None:
        self.depth: Final = depth
        """How deep its element lies."""
        self.cut = 0
        """Characters that are missing."""
        self._budget: Final = Budget(limits.SUITE_TEXT, room)
        self._source: Final = [
            f"{name}: {self._granted(attributes[name])}" for name in ("source", "id") if attributes.get(name)
        ]
        self._said: LongText | None = None
        self._doc = ""
        self.labels: list[Label] = []

    def document(self, text: str) -> None:
        """Its documentation."""
        self._doc = self._granted(text)

    def add(self, text: str) -> None:
        """Add a line that setup, teardown or outcome have to say."""
        if not text:
            return
        if self._said is None:
            self._said = LongText(limits.DESCRIPTION, self._budget)
        elif self._said.size:
            self._said.add("\n")
        self._said.add(text)

    def label(self, name: str, value: str) -> None:
        """Add metadata or the name of a file."""
        value = self._granted(value)
        if len(self.labels) < limits.LABELS:
            self.labels.append((name[: limits.LABEL_NAME], value))
        else:
            self.cut += len(value)

    def description(self) -> str:
        """All of it: documentation, place, and what else was said."""
        said = self._said.text() if self._said is not None else ""
        if self._said is not None:
            self.cut += self._said.cut
        return "\n".join(text for text in (self._doc, *self._source, said) if text)

    def close(self) -> None:
        """Give back the room."""
        self._budget.close()

    def _granted(self, text: str) -> str:
        size = self._budget.take(len(text), limits.LEAST_TEXT // 20)
        self.cut += len(text) - size
        return text[:size]
