"""Labels of a container, within their limits."""

from report_processor import limits


class Labels:
    """Names and values."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []
        self.lost = 0
        """Labels that were cut or left out."""
        self._room = limits.SUITE_TEXT

    def add(self, name: str, value: str) -> None:
        """One more."""
        if len(name) > limits.LABEL_NAME or len(value) > limits.LABEL_VALUE:
            self.lost += 1
            name, value = name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]
        if len(self.all) < limits.LABELS and len(name) + len(value) <= self._room:
            self._room -= len(name) + len(value)
            self.all.append((name, value))
        else:
            self.lost += 1
