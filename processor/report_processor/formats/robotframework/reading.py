"""The text of the element that is being read.

To stop collecting and to go on costs more than to take all, so the pieces of texts that nobody reads arrive, too. They
are forgotten when the next text begins, or the next piece of the file.
"""

from typing import Final

from report_processor.formats.robotframework.keywords import ARGUMENT
from report_processor.parsing.texts import LongText


class Reading:
    """One text at a time: that of an element, within its limit, or a short one of a keyword's part."""

    def __init__(self) -> None:
        self.depth = 0
        """How deep the element lies whose text is being read; 0 for none."""
        self.in_part = False
        """Whether a part of a keyword, such as an argument, is open."""
        self.pieces: Final[list[str]] = []
        """What arrived of the text."""
        self._limit = 0
        self._long: LongText | None = None
        """The text, once it is more than a piece of the file has."""

    def begin(self, depth: int, limit: int) -> None:
        """The text of an element, unless this is inside one whose text is being read."""
        if not self.depth:
            self.depth, self._limit = depth, limit
            self.pieces.clear()

    def end(self) -> tuple[str, int]:
        """The text, and how many characters of it were cut."""
        self.depth = 0
        pieces = self.pieces
        if self._long is None and sum(map(len, pieces)) <= self._limit:
            return pieces[0] if len(pieces) == 1 else "".join(pieces), 0
        text, self._long = self._kept(), None
        return text.text(), text.cut

    def begin_part(self) -> None:
        """A part of a keyword."""
        if not self.depth:
            self.pieces.clear()
        self.in_part = True

    def end_part(self) -> str:
        """The beginning of its text."""
        self.in_part = False
        pieces = self.pieces
        return (pieces[0] if len(pieces) == 1 else "".join(pieces))[:ARGUMENT]

    def pause(self) -> None:
        """A piece of the file ends: keep no more of it than the limit."""
        if self.depth:
            self._long = self._kept()
        else:
            self.pieces[:] = ["".join(self.pieces)[:ARGUMENT]] if self.in_part else []

    def _kept(self) -> LongText:
        text = self._long or LongText(self._limit)
        for piece in self.pieces:
            text.add(piece)
        self.pieces.clear()
        return text
