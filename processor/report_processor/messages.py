"""Messages of an import: one for each file and code, with a count and the place of the first.

``Messages`` collects them where the events are collected, which may be in the writer process;
``described`` puts them into words where ``report_contract`` is at hand.
"""

from collections.abc import Iterable
from typing import Any, Final

_MAX_TEXT: Final = 500
"""Characters of one message; ``report_contract.resource.MAX_MESSAGE_TEXT``."""
_SHOWN: Final = 3
"""Different texts of one code that its message shows."""

Note = dict[str, Any]
"""``code``, ``file``, ``line``, ``column`` (0: none), ``count``, ``texts``."""


class Messages:
    """The notes of one file, or of the import as a whole."""

    def __init__(self, file: str = "") -> None:
        self._file: Final = file[:1024]
        self._notes: dict[str, Note] = {}

    def add(self, code: str, text: str, line: int = 0, column: int = 0, count: int = 1) -> None:
        """Count one more; the first few texts are kept."""
        note = self._notes.get(code)
        if note is None:
            note = {"code": code, "file": self._file, "line": line, "column": column, "count": 0, "texts": []}
            self._notes[code] = note
        note["count"] += count
        texts = note["texts"]
        if text and len(texts) <= _SHOWN and (text := text[:_MAX_TEXT]) not in texts:
            texts.append(text)

    def __len__(self) -> int:
        return len(self._notes)

    def notes(self) -> list[Note]:
        """The notes, in the order in which their codes first appeared."""
        return list(self._notes.values())


def described(notes: Iterable[Note]) -> list[dict[str, Any]]:
    """The notes as ``report_contract.resource.Message``: errors, then warnings, then the rest."""
    from report_contract.codes import CODES, Level  # noqa: PLC0415  # 2 MB that the writer process does without

    severity = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2}
    found = [
        {
            "level": CODES[note["code"]].level.value,
            "code": note["code"],
            "message": _sentence(CODES[note["code"]].meaning, CODES[note["code"]].advice, note["texts"]),
            "file": note["file"],
            "line": note["line"] or None,
            "column": note["column"] or None,
            "count": max(1, note["count"]),
        }
        for note in notes
    ]
    return sorted(found, key=lambda message: severity[Level(message["level"])])


def _sentence(meaning: str, advice: str, texts: list[str]) -> str:
    """What happened, the first few cases of it, and what to do; the cases give way to the advice."""
    told = "; ".join(texts[:_SHOWN]) + (" and more" if len(texts) > _SHOWN else "")
    if not told:
        return f"{meaning} {advice}"[:_MAX_TEXT]
    room = max(0, _MAX_TEXT - len(meaning) - len(advice) - len(" () "))
    told = told if len(told) <= room else f"{told[: max(0, room - 1)]}…"
    return f"{meaning} ({told}) {advice}"[:_MAX_TEXT]
