"""What all parsers of lines have in common: TAP and the like, and JSON with one value on each line."""

import json
import re
from typing import Any, Final

from report_processor import limits
from report_processor.events import Event, Recorder
from report_processor.parsing import json_format
from report_processor.parsing.json_cut import JsonCutter
from report_processor.parsing.json_skim import JsonSkimmer

_BREAK: Final = re.compile(r"\r?\n")
_END: Final = r"(?=\r?\n)"
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HALF: Final = re.compile("[\ud800-\udfff]")


class LineFormat:
    """Base of a parser: a subclass overrides ``read`` and ``finish``.

    ``self.recorder`` takes the events; ``self.line`` is the number of the line at hand. A line of
    more than ``limits.VALUE`` characters is cut, with a note.
    """

    def __init__(self) -> None:
        self.recorder: Final = Recorder()
        self.line = 0
        """Number of the line at hand, from 1."""
        self._torn: list[str] = []
        self._torn_size = 0
        self._cutter: JsonCutter | None = None
        self._dropped = 0
        self.skimmer: JsonSkimmer[Any] | None = None
        """Takes the lines that it can; ``read`` gets the others."""

    def feed(self, text: str) -> list[Event]:
        """See ``base.Parser``."""
        if "\n" not in text:
            self._tear(text)
            return self.recorder.take()
        first, _, rest = text.partition("\n")
        self._tear(first)
        self._lines([self._untorn()])
        if self.skimmer is not None:
            rest = self._skim(rest, self.skimmer)
        lines = rest.split("\n")
        self._tear(lines.pop())
        if lines:
            self._lines(lines)
        return self.recorder.take()

    def close(self) -> list[Event]:
        """See ``base.Parser``."""
        last = self._untorn()
        if last:
            self._lines([last])
        self.finish(complete=True)
        return self.recorder.take()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        self.finish(complete=False)
        return self.recorder.take()

    def read(self, line: str) -> None:
        """One line, without its end. ``self.line`` is its number."""
        raise NotImplementedError

    def finish(self, *, complete: bool) -> None:
        """The end of the file, or of what can be read of it.

        ``complete``: it was read to its end, and there may be ``Damage`` in that.
        """

    def _skim(self, text: str, skimmer: JsonSkimmer[Any]) -> str:
        """Read lines, with a skimmer for those that it can read; returns the last one, which is torn."""
        at = 0
        while (stop := text.find("\n", at)) >= 0:
            if text[at] == "{" and skimmer.ready():
                end = skimmer.skim(text, at, self.line + 1)
                if end > at:
                    self.line += text.count("\n", at, end) + 1
                    at = text.index("\n", end) + 1
                    continue
                skimmer.learn(text, at, _BREAK, _END)
            self._lines([text[at:stop]])
            at = stop + 1
        return text[at:]

    def _lines(self, lines: list[str]) -> None:
        read = self.read
        for line in lines:
            self.line += 1
            read(line.removesuffix("\r"))

    def _tear(self, piece: str) -> None:
        """A piece of a line that goes on."""
        if self._cutter is not None:
            self._cutter.feed(piece)
            return
        room = limits.VALUE - self._torn_size
        if len(piece) <= room:
            self._torn.append(piece)
            self._torn_size += len(piece)
            return
        start = self._torn[0] if self._torn else piece
        if start.lstrip()[:1] in {"{", "["}:
            self._cutter = JsonCutter(limits.VALUE)
            self._cutter.feed("".join(self._torn) + piece)
            self._torn.clear()
        else:
            self._torn.append(piece[:room])
            self._torn_size += room
            self._dropped += len(piece) - room

    def _untorn(self) -> str:
        """The line whose end was found."""
        line = "".join(self._torn)
        if self._cutter is not None:
            line, self._dropped = self._cutter.value(), self._cutter.dropped
            self._cutter = None
        if self._dropped:
            self.recorder.note("field_cut", f"{self._dropped} characters of a line were cut", self.line + 1)
        self._torn.clear()
        self._torn_size = self._dropped = 0
        return line


class JsonLineFormat(LineFormat):
    """Base of a parser of JSON with one value on each line: a subclass overrides ``value``, perhaps ``other``."""

    def __init__(self) -> None:
        super().__init__()
        self._scan: Final = json.JSONDecoder(strict=False).decode

    def value(self, value: Any) -> None:
        """The value of one line; ``self.line`` is its number."""
        raise NotImplementedError

    def other(self, line: str) -> None:
        """A line that is no JSON and not blank: by default that is noted."""
        self.recorder.note("unknown_element", f"a line that is no JSON: {line[:100]}", self.line)

    def date(self, value: Any) -> None:
        """A moment when tests ran, as ``json_format.JsonFormat.date`` takes it."""
        found = json_format.moment(value)
        if found is None and value is not None and value != "":
            self.recorder.note("invalid_date", json_format.text_of(value)[:100], self.line)
        elif found is not None and found >= json_format.EARLIEST:
            self.recorder.date(found)

    def seconds(self, value: Any, unit: float = 1.0) -> float | None:
        """A duration in seconds, as ``json_format.JsonFormat.seconds`` takes it."""
        return json_format.seconds_of(self.recorder, value, unit, self.line)

    def read(self, line: str) -> None:
        """See ``LineFormat``."""
        try:
            value = self._scan(line)
        except (ValueError, RecursionError):
            if line and not line.isspace():
                self.other(line)
            return
        if _SURROGATE.search(line):
            value = json.loads(_HALF.sub("\ufffd", json.dumps(value, ensure_ascii=False)))
            self.recorder.note("replaced_characters", "half of a surrogate pair became U+FFFD", self.line)
        self.value(value)
