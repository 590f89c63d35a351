"""Cuts the values of a tag that is longer than an XML parser should hold."""

import re
from typing import Final

_KEPT_VALUE: Final = 4096
"""Characters that each further value of an over-long tag keeps."""
_TAG_PART: Final = re.compile(r"""["'>]""")


class TagCutter:
    """Follows one over-long tag and cuts its values until the tag ends."""

    def __init__(self, line: int, column: int) -> None:
        self.line: Final = line
        self.column: Final = column
        self.dropped = 0
        self.breaks = 0
        """Line breaks among what was dropped."""
        self.kept = 0
        self._quote = ""
        self._value = 0

    def follow(self, text: str) -> None:
        """Learn from the beginning of the tag, which the parser has already, whether it is in a value."""
        self.kept = len(text)
        for found in _TAG_PART.finditer(text):
            if not self._quote and found[0] != ">":
                self._quote = found[0]
            elif found[0] == self._quote:
                self._quote = ""
        self._value = _KEPT_VALUE if self._quote else 0

    def cut(self, text: str) -> tuple[str, str | None]:
        """What the parser may have, and the text behind the tag when it ends here."""
        pieces: list[str] = []
        at = 0
        while at < len(text):
            if self._quote:
                stop = text.find(self._quote, at)
                value = text[at:] if stop < 0 else text[at:stop]
                room = max(0, _KEPT_VALUE - self._value)
                cut = value[room:]
                if "&" in value[:room][-12:]:  # never half a reference
                    room = value.rfind("&", 0, room)
                    cut = value[room:]
                pieces.append(value[:room])
                self._value += len(value)
                self.dropped += len(cut)
                self.breaks += cut.count("\n")
                if stop < 0:
                    break
                pieces.append(self._quote)
                self._quote = ""
                at = stop + 1
                continue
            found = _TAG_PART.search(text, at)
            stop = len(text) if found is None else found.end()
            pieces.append(text[at:stop])
            at = stop
            if found is None:
                break
            if found[0] == ">":
                kept = "".join(pieces)
                self.kept += len(kept)
                return kept, text[at:]
            self._quote, self._value = found[0], 0
        kept = "".join(pieces)
        self.kept += len(kept)
        return kept, None
