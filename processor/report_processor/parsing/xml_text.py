"""What stands between the text of an XML file and the XML parser: makes every file safe to parse.

* Characters that XML forbids, and references to them, become U+FFFD and are counted. Terminal
  colours in captured output are in every tenth report, and one of them stops any XML parser.
* References to other entities than XML's own become text: ``&nbsp;`` its character, the rest as it
  is written, both counted. Nothing is ever expanded or fetched.
* The document type declaration and the XML declaration are blanked out. So no entity can be
  declared, and the parser cannot be told to read anything else: entity bombs and external entities
  are not defended against, they do not exist.
* Comments and processing instructions are emptied, so that the parser never has to hold a long one.

All this depends on where in the document a place is (a reference inside CDATA is no reference), so
five states are kept. The usual piece has nothing of interest: a few ``find`` calls say so, in less
than 1 ms a megabyte. Line breaks are always kept, so that lines stay right.
"""

import re
from collections.abc import Callable
from html.entities import html5
from typing import Final

Note = Callable[[str, str, int, int], None]

_FORBIDDEN_BYTES: Final = bytes({*range(32)} - {9, 10, 13})
_FORBIDDEN_PAIR: Final = ("\ufffe".encode(), "\uffff".encode())
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)(#[0-9]{1,32}|#x[0-9A-Fa-f]{1,32}|[^\W\d][\w.:-]{0,63});")
_SHORT_COMMENT: Final = re.compile(r"<!--[^-<\n]{0,200}(?:-[^-<\n]{1,200}){0,9}-->")
_LONGEST_OPENING: Final = len("<![CDATA[")
_LONGEST_REFERENCE: Final = 72
_DOCTYPE_PART: Final = re.compile(r"""<!--|<\?|["'\[\]>]""")
_DOCTYPE_ENDS: Final = {"<!--": "-->", "<?": "?>", '"': '"', "'": "'"}
_ALLOWED: Final = ((0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_DECLARATION: Final = re.compile(r"<\?xml(?=[\s?])[^>]*\?>")

_BREAK: Final = "\n"
_CONTENT: Final = "content"
_COMMENT: Final = "comment"
_INSTRUCTION: Final = "instruction"
_CDATA: Final = "cdata"
_DOCTYPE: Final = "doctype"
_ENDS: Final = {_COMMENT: "-->", _INSTRUCTION: "?>", _CDATA: "]]>"}
_SIGNS: Final = ("<!", "<?", "&")
_EMPTY: Final = {"<!--": "<!--", "<?": "<?cut "}
_OPENINGS: Final = ("<!--", "<![CDATA[", "<!DOCTYPE")
_STATES: Final = {"<!--": _COMMENT, "<?": _INSTRUCTION, "<![CDATA[": _CDATA, "<!DOCTYPE": _DOCTYPE}


class XmlText:
    """The filter. Feed it a file's text in pieces, then ``close`` it for what it held back."""

    def __init__(self, note: Note) -> None:
        self._note: Final = note
        self._held = ""
        self._piece = ""
        """What ``feed`` is at."""
        self._next = dict.fromkeys(_SIGNS, -1)
        """Where each sign stands next in it."""
        self._unended = ""
        """An end that is not found in it any more."""
        self._state = _CONTENT
        self._started = False
        self._line = 1
        self._column = 1
        """Where the piece begins."""
        self._doctype = _Doctype()
        self._counts: dict[str, int] = {}
        self._firsts: dict[str, tuple[tuple[int, int], str]] = {}

    def feed(self, text: str) -> str:
        """The next piece for the parser; may be empty."""
        text = self._held + text
        self._held = ""
        if not self._started and text:
            self._started = True
            text = text.replace("\ufeff", " ", 1) if text[0] == "\ufeff" else text  # a second byte order mark
        if self._state == _CONTENT and _is_usual(text):
            split = len(text)
            if text.endswith("<"):
                split -= 1
            self._held = text[split:]
            self._line, self._column = place(self._line, self._column, text[:split])
            return text[:split]
        return self._slow(text, final=False)

    def close(self) -> str:
        """What is left, as it is."""
        text, self._held = self._held, ""
        return self._slow(text, final=True)

    def replace(self, text: str, line: int, column: int) -> str:
        """The text, which begins at this place, with U+FFFD for what XML forbids.

        Apart from ``feed``, because skimmed text need not be looked at twice. ``is_clean`` says
        whether it is needed.
        """
        first = _FORBIDDEN.search(text)
        if first is None:
            return text
        text_before = text[: first.start()]
        text, count = _FORBIDDEN.subn("\ufffd", text)
        self._count("replaced_characters", f"U+{ord(first[0]):04X}", place(line, column, text_before), count)
        return text

    def tell(self) -> None:
        """Note what was replaced, at the end of the file or of what can be read of it."""
        for code, count in self._counts.items():
            (line, column), sample = self._firsts[code]
            self._note(code, _sentence(code, count, sample), line, column)
        self._counts.clear()

    def _slow(self, text: str, final: bool) -> str:
        self._piece = text
        self._unended = ""
        self._next = dict.fromkeys(_SIGNS, -1)
        result: list[str] = []
        at = 0
        while at < len(text):
            if self._state == _CONTENT:
                at = self._content(text, at, result, final)
            elif self._state == _DOCTYPE:
                at = self._blank_doctype(text, at, result, final)
            else:
                at = self._section(text, at, result, final)
            if self._held:
                break
        self._line, self._column = place(self._line, self._column, text[: len(text) - len(self._held)])
        return "".join(result)

    def _content(self, text: str, at: int, result: list[str], final: bool) -> int:
        """Content up to what changes the state, or to the end; what begins and ends in this piece is part of it."""
        start = at
        while True:
            opening, stop = self._next_markup(text, at)
            if not opening:
                stop = len(text) if final else _safe_end(text, at)
            if self._find("&", text, at) < stop:
                result.append(text[start:at])
                result.append(self._references(text, at, stop))
                start = stop
            if not opening:
                self._held = text[stop:]
                result.append(text[start:stop])
                return stop
            end = self._end_of(opening, text, stop)
            if end < 0:
                result.append(text[start:stop])
                return self._enter(text, opening, stop, stop + len(opening), result)
            if opening != "<![CDATA[":
                result.append(text[start:stop])
                result.append(f"{_EMPTY[opening]}{_BREAK * text.count(_BREAK, stop, end)}{_ENDS[_STATES[opening]]}")
                start = end
            at = end

    def _end_of(self, opening: str, text: str, at: int) -> int:
        """Where a section that has an end of its own ends in this piece, else -1."""
        if opening == "<!DOCTYPE" or (opening == "<?" and text.startswith("<?xml", at)):
            return -1
        end = _ENDS[_STATES[opening]]
        if self._unended == end:
            return -1
        found = text.find(end, at + len(opening))
        if found < 0:
            self._unended = end
            return -1
        return found + len(end)

    def _next_markup(self, text: str, at: int) -> tuple[str, int]:
        """The next opening of markup that has a state, and where; an empty text when there is none."""
        instruction = self._find("<?", text, at)
        while (found := self._find("<!", text, at)) < instruction:
            for opening in _OPENINGS:
                if text.startswith(opening, found):
                    return opening, found
            at = found + 2
        return ("<?", instruction) if instruction < len(text) else ("", len(text))

    def _find(self, sign: str, text: str, at: int) -> int:
        """Where the sign stands next in this piece, or the length of it. Each place is looked at once."""
        known = self._next[sign]
        if known < at:
            known = text.find(sign, at)
            if known < 0:
                known = len(text)
            self._next[sign] = known
        return known

    def _enter(self, text: str, opening: str, start: int, end: int, result: list[str]) -> int:
        """What begins here has a state of its own, unless it is the XML declaration."""
        if opening == "<!DOCTYPE":
            self._state = _DOCTYPE
            self._doctype = _Doctype()
            result.append(_blank(opening))
        elif opening == "<?" and (declaration := _DECLARATION.match(text, start)):
            result.append(_blank(declaration[0]))
            return declaration.end()
        else:
            self._state = _STATES[opening]
            result.append("<?cut " if opening == "<?" else opening)
        return end

    def _section(self, text: str, at: int, result: list[str], final: bool) -> int:
        end = _ENDS[self._state]
        stop = text.find(end, at)
        if stop < 0:
            stop = len(text)
            if not final:
                stop -= next((size for size in (len(end) - 1, 1) if text.endswith(end[:size])), 0)
                stop = max(at, stop)
            self._held = text[stop:]
            closing = ""
        else:
            closing = end
            self._state = _CONTENT
        if end == "]]>":
            result.append(text[at:stop])
        else:
            # Ended with every piece, so that it stays short for the parser.
            breaks = "\n" * text.count("\n", at, stop)
            again = "" if closing else (f"{end}<!--" if end == "-->" else f"{end}<?cut ")
            result.append(breaks + (again if not final else ""))
        result.append(closing)
        return stop + len(closing)

    def _blank_doctype(self, text: str, at: int, result: list[str], final: bool) -> int:
        stop, ended = self._doctype.scan(text, at, final)
        result.append(_blank(text[at:stop]))
        if ended:
            self._state = _CONTENT
        else:
            self._held = text[stop:]
        return stop

    def _references(self, text: str, at: int, stop: int) -> str:
        pieces: list[str] = []
        for found in _REFERENCE.finditer(text, at, stop):
            pieces.append(text[at : found.start()])
            pieces.append(self._reference(found[0], found[1], found.start()))
            at = found.end()
        pieces.append(text[at:stop])
        return "".join(pieces)

    def _reference(self, whole: str, name: str, at: int) -> str:
        if not name.startswith("#"):
            self._count_here("unknown_entity", whole, at)
            character = html5.get(f"{name};")
            if character is not None and character[0] > "\x7f":  # ASCII ones may be markup
                return character
            return "&amp;" + whole[1:]
        number = int(f"0{name[1:]}", 0) if name.startswith("#x") else int(name[1:])
        if number in {9, 10, 13} or any(first <= number <= last for first, last in _ALLOWED):
            return whole
        self._count_here("replaced_characters", whole, at)
        return "\ufffd"

    def _count_here(self, code: str, sample: str, at: int) -> None:
        """Count something at this place of the piece; places come in order, so only the first is worked out."""
        if code in self._firsts:
            self._counts[code] = self._counts.get(code, 0) + 1
        else:
            self._count(code, sample, place(self._line, self._column, self._piece[:at]))

    def _count(self, code: str, sample: str, at: tuple[int, int], count: int = 1) -> None:
        if code not in self._firsts or at < self._firsts[code][0]:
            self._firsts[code] = (at, sample)
        self._counts[code] = self._counts.get(code, 0) + count


def _blank(text: str) -> str:
    breaks = text.rfind("\n") + 1
    return "\n" * text.count("\n", 0, breaks) + " " * min(len(text) - breaks, 1000)


def is_clean(text: str, data: bytes) -> bool:
    """Whether the text, which is this in UTF-8, has no character that XML forbids."""
    if len(data.translate(None, _FORBIDDEN_BYTES)) != len(data):
        return False
    return len(data) == len(text) or not any(character in data for character in _FORBIDDEN_PAIR)


def place(line: int, column: int, text: str) -> tuple[int, int]:
    """Line and column behind a text that begins at these."""
    breaks = text.count("\n")
    if not breaks:
        return line, column + len(text)
    return line + breaks, len(text) - text.rfind("\n")


class _Doctype:
    """Finds the end of a document type declaration, in pieces."""

    def __init__(self) -> None:
        self._depth = 0
        self._until = ""

    def scan(self, text: str, at: int, final: bool) -> tuple[int, bool]:
        """The place up to which the text belongs to the declaration, and whether it ends there."""
        while True:
            if self._until:
                stop = text.find(self._until, at)
                if stop < 0:
                    return (len(text) if final else max(at, len(text) - 2)), False
                at = stop + len(self._until)
                self._until = ""
            found = _DOCTYPE_PART.search(text, at)
            if found is None:
                return (len(text) if final else max(at, len(text) - 3)), False
            at = found.end()
            if self._ends_at(found[0]):
                return at, True

    def _ends_at(self, part: str) -> bool:
        if part in _DOCTYPE_ENDS:
            self._until = _DOCTYPE_ENDS[part]
        elif part == "[":
            self._depth += 1
        elif part == "]":
            self._depth -= 1
        else:
            return self._depth <= 0
        return False


def _has_markup(text: str) -> bool:
    # One character is found by memchr, ten times faster than two; most texts have neither sign.
    return ("!" in text and "<!" in text) or ("?" in text and "<?" in text)


def _is_usual(text: str) -> bool:
    """Whether the parser may have a piece of content as it is.

    There may be references that XML itself defines, and short comments and CDATA sections that end in it.
    """
    if "&" in text and (_REFERENCE.search(text) or ";" not in text[text.rfind("&") :]):
        return False
    if not _has_markup(text):
        return True
    sections = text.count("<![CDATA[")
    if "<?" in text or (sections and text.count("]]>") != sections):
        return False
    return text.count("<!") == sections + len(_SHORT_COMMENT.findall(text))


def _safe_end(text: str, at: int) -> int:
    """Where to split so that no opening of markup and no reference is torn."""
    stop = len(text)
    markup = text.rfind("<", max(at, stop - _LONGEST_OPENING + 1))
    if markup >= 0 and (text[markup + 1 : markup + 2] in {"", "!", "?"}):
        stop = markup
    reference = text.rfind("&", max(at, stop - _LONGEST_REFERENCE), stop)
    if reference >= 0 and ";" not in text[reference:stop]:
        stop = reference
    return stop


def _sentence(code: str, count: int, sample: str) -> str:
    times = f"{count} times, the first is {sample}" if count > 1 else sample
    if code == "unknown_entity":
        return f"an entity that XML does not know became text: {times}"
    return f"a character that XML forbids became U+FFFD: {times}"
