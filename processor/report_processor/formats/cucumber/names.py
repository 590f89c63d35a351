"""Titles of scenarios that no other scenario of the feature has: the rows of an outline often share theirs."""

from typing import Final

from report_processor.events import Recorder

MAX: Final = 100_000
"""Titles of one feature that are remembered, as numbers of eight bytes."""


class Repeats:
    """Numbers the repeats of a title in one feature."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._seen: dict[int, int] = {}

    def clear(self) -> None:
        """The next feature begins."""
        if self._seen:
            self._seen = {}

    def title(self, title: str, line: int, feature: str = "") -> str:
        """The title, with the number of the example when it was there before."""
        key = hash((feature, title))
        seen = self._seen.get(key, 0) + 1
        if seen > 1 or len(self._seen) < MAX:
            self._seen[key] = seen
        elif len(self._seen) == MAX:
            self._recorder.note("field_cut", f"repeated names are numbered among the first {MAX} of a feature", line)
        return title if seen == 1 else f"{title} (example #{seen})"
