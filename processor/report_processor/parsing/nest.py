"""Containers of a flat list, in which every result names those around it."""

from collections.abc import Sequence
from typing import Final

from report_processor.events import Recorder

Place = Sequence[tuple[str, str]]
"""Titles and classifications, from the top."""


class Nest:
    """Opens and closes containers, so that those of the result at hand are open."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self.place: Place = ()
        """The containers that are open."""

    def enter(self, place: Place, line: int) -> None:
        """What follows lies here."""
        same, most = 0, min(len(place), len(self.place))
        while same < most and place[same] == self.place[same]:
            same += 1
        for _ in self.place[same:]:
            self._recorder.close()
        for title, classification in place[same:]:
            self._recorder.open(title, classification, line)
        self.place = place

    def leave(self) -> None:
        """Close all."""
        self.enter((), 0)
