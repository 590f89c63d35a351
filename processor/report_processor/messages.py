"""Messages of an import: one for each file and code, with a count and the place of the first."""

from dataclasses import dataclass, field
from typing import Final

from report_contract.codes import CODES, Level

MAX_TEXT: Final = 500
"""Characters of one message; ``report_contract.resource.MAX_MESSAGE_TEXT``."""
_SHOWN: Final = 3
"""Different texts of one code that its message shows."""
_SEVERITY: Final = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}


@dataclass(slots=True)
class Note:
    """What happened with one code in one file."""

    code: str
    file: str
    line: int
    column: int
    count: int = 0
    texts: list[str] = field(default_factory=list)
    more: bool = False

    @property
    def level(self) -> Level:
        """How bad it is."""
        return CODES[self.code].level

    @property
    def text(self) -> str:
        """The sentence for people: the first few texts, what it means, and what to do."""
        known = CODES[self.code]
        told = "; ".join(self.texts) + (" and more" if self.more else "")
        whole = f"{known.meaning} ({told}) {known.advice}" if told else f"{known.meaning} {known.advice}"
        return whole if len(whole) <= MAX_TEXT else f"{whole[: MAX_TEXT - 1]}…"

    def plain(self) -> dict[str, object]:
        """As ``report_contract.resource.Message``."""
        return {
            "level": self.level.value,
            "code": self.code,
            "message": self.text,
            "file": self.file[:1024],
            "line": self.line or None,
            "column": self.column or None,
            "count": max(1, self.count),
        }


class Messages:
    """Collects the notes of one file, or of the import as a whole."""

    def __init__(self, file: str = "") -> None:
        self._file: Final = file
        self._notes: dict[str, Note] = {}

    def add(self, code: str, text: str, line: int = 0, column: int = 0, count: int = 1) -> None:
        """Count one more; the first few texts are kept."""
        note = self._notes.get(code)
        if note is None:
            note = self._notes[code] = Note(code, self._file, line, column)
        note.count += count
        text = text[:MAX_TEXT]
        if text and text not in note.texts:
            if len(note.texts) < _SHOWN:
                note.texts.append(text)
            else:
                note.more = True

    def __len__(self) -> int:
        return len(self._notes)

    def notes(self) -> list[Note]:
        """The notes, in the order in which their codes first appeared."""
        return list(self._notes.values())


def worst_first(notes: list[Note]) -> list[Note]:
    """Errors, then warnings, then the rest, each in the order given."""
    return sorted(notes, key=lambda note: _SEVERITY[note.level])
