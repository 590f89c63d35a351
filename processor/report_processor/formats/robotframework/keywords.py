"""The keywords that a Robot Framework test ran, as lines of text that people can read.

A test may have run a million keywords. The first ``_LINES`` are shown, and of the others those that failed, with
the keywords around them; the rest is counted.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from report_processor.parsing.xml_skim import plain

_LINES: Final = 400
_MORE: Final = 100
"""Lines for keywords that failed behind the first ones."""
_LINE: Final = 500
"""Characters of a line."""
ARGUMENT: Final = 1_000
"""Characters of an argument that are read."""
_PART: Final = 200
"""Characters of an argument."""
_TRAIL: Final = 12
"""Names in the way to a message."""
_DEEPEST: Final = 40
"""Levels that are indented."""
_WORDS: Final = {"PASS": "PASSED   ", "FAIL": "FAILED   ", "SKIP": "SKIPPED  ", "NOT RUN": "NOT RUN  "}
STATUSES: Final = frozenset(_WORDS)
_INDENT: Final = ["  " * level for level in range(_DEEPEST + 1)]
_ROOTS: Final = frozenset({"if", "try"})
"""Elements that only hold their branches: they have no line."""

KEYWORDS: Final = _ROOTS | {
    *("kw", "for", "while", "iter", "branch", "group", "variable", "return", "break", "continue", "error")
}
PARTS: Final = frozenset({"var", "arg", "value", "pattern"})


class _Node:
    """A keyword or control structure that is open."""

    __slots__ = ("assigned", "attributes", "index", "kind", "level", "parts", "size", "status")

    def __init__(self, kind: str, attributes: dict[str, str], level: int, index: int) -> None:
        self.kind: Final = kind
        self.attributes: Final = attributes
        self.level: Final = level
        self.index = index
        """Of its line; -1 when it has none."""
        self.parts: list[str] = []
        self.assigned: list[str] = []
        self.size = 0
        self.status = ""

    def add(self, kind: str, name: str, text: str) -> None:
        """An argument, variable, value or pattern."""
        if self.size < _LINE:
            if len(text) > _PART or "\n" in text or "\t" in text or "  " in text:
                text = " ".join(text.split())
                text = text if len(text) <= _PART else f"{text[:_PART]}..."
            self.size += len(text) + 1
            if kind == "var" and self.kind != "variable":
                self.assigned.append(f"{name[:_PART]} = {text}" if name else text)
            else:
                self.parts.append(text)

    @property
    def name(self) -> str:
        """What it is called; control structures by their words."""
        attributes = self.attributes
        if self.kind == "kw":
            kind, name = attributes.get("type", "").lower(), attributes.get("name", "")
            prefix = {"setup": "Setup: ", "teardown": "Teardown: ", "for": "FOR    "}.get(kind, "")
            return prefix + name
        if self.kind == "branch":
            return attributes.get("type", "")
        if self.kind == "group":
            return f"GROUP    {attributes.get('name', '')}".rstrip()
        if self.kind == "variable":
            return f"VAR    {attributes.get('name', '')}"
        return self.kind.upper()

    def line(self) -> str:
        attributes, assigned, parts = self.attributes, self.assigned, self.parts
        if self.kind == "kw" and not assigned and "type" not in attributes:
            words = [attributes.get("name", ""), *parts]
        elif self.kind == "kw":
            words = [f"{', '.join(assigned)} =", self.name, *parts] if assigned else [self.name, *parts]
        elif self.kind == "for":
            words = ["FOR", *assigned, attributes.get("flavor", "IN"), *parts]
        elif self.kind == "iter":
            words = [", ".join(assigned) or "iteration"]
        else:
            caught = attributes.get("assign") or attributes.get("variable")
            words = [self.name, attributes.get("condition", ""), *parts, *assigned, f"AS    {caught}" if caught else ""]
        text = "    ".join(word for word in words if word)
        text = text if len(text) <= _LINE else f"{text[:_LINE]}..."
        word = _WORDS.get(self.status) or f"{self.status[:20]:<8} "
        return f"{word}{_INDENT[min(self.level, _DEEPEST)]}{text}"


class PlainKeyword(NamedTuple):
    """What keywords that were skimmed have in common."""

    type: str
    status: str


class Keywords:
    """Follows the elements inside one test, setup or teardown."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.nodes: list[_Node] = []
        """Those that are open, from the outermost."""
        self.hidden = 0
        """Keywords without a line."""
        self.last = ""
        """Status of the keyword that ended last."""

    def open(self, kind: str, attributes: dict[str, str]) -> None:
        """A keyword begins."""
        above = self.nodes[-1] if self.nodes else None
        level = 0 if above is None else above.level + (above.kind not in _ROOTS)
        index = -1
        if kind not in _ROOTS:
            if len(self._lines) < _LINES:
                index = len(self._lines)
                self._lines.append("")
            else:
                self.hidden += 1
        self.nodes.append(_Node(kind, attributes, level, index))

    def close(self) -> None:
        """The innermost keyword ends."""
        if not self.nodes:
            return
        node = self.nodes[-1]
        if node.index < 0 and node.status == "FAIL" and node.kind not in _ROOTS:
            self._show_open()
        if node.index >= 0:
            self._lines[node.index] = node.line()
        self.last = node.status
        self.nodes.pop()

    def add(self, keyword: PlainKeyword, written: Iterable[tuple[str, list[str], list[str]]], size: int) -> None:
        """So many keywords, without any inside: name, arguments and variables of each, as they are written."""
        above = self.nodes[-1] if self.nodes else None
        level = 0 if above is None else above.level + (above.kind not in _ROOTS)
        room = min(size, max(0, _LINES - len(self._lines)))
        start = f"{_WORDS[keyword.status]}{_INDENT[min(level, _DEEPEST)]}"
        for _, (name, parts, assigned) in zip(range(room), written, strict=False):
            text = "" if keyword.type or assigned else _usual(name, parts)
            if text:
                self._lines.append(start + text)
                continue
            node = _Node("kw", {"name": plain(name), **({"type": keyword.type} if keyword.type else {})}, level, 0)
            node.status = keyword.status
            for part in assigned:
                node.add("var", "", plain(part)[:ARGUMENT])
            for part in parts:
                node.add("arg", "", plain(part)[:ARGUMENT])
            self._lines.append(node.line())
        self.hidden += size - room
        self.last = keyword.status

    def add_nested(self, shown: list[tuple[int, str, list[str]]], status: str) -> bool:
        """A keyword with those inside: level below the open ones, name and arguments of each, and the status of all.

        False, and nothing is added, when one of them needs a closer look.
        """
        if len(self._lines) + len(shown) > _LINES:
            return False
        above = self.nodes[-1] if self.nodes else None
        outer = 0 if above is None else above.level + (above.kind not in _ROOTS)
        word = _WORDS[status]
        lines = []
        for level, name, parts in shown:
            text = _usual(name, parts)
            if not text:
                return False
            lines.append(f"{word}{_INDENT[min(outer + level, _DEEPEST)]}{text}")
        self._lines += lines
        self.last = status
        return True

    def trail(self) -> str:
        """The names of the open keywords, from the outermost."""
        names = [node.name[:_PART] for node in self.nodes[-_TRAIL:] if node.kind not in _ROOTS]
        return " > ".join(names)

    def text(self) -> str:
        """All lines. Keywords that are still open end here."""
        while self.nodes:
            self.close()
        if not self.hidden:
            return "\n".join(self._lines)
        return "\n".join([*self._lines, f"[... {self.hidden} more keywords ...]"])

    def _show_open(self) -> None:
        """Give a line to every open keyword, so that one that failed is seen in its place."""
        first = len(self.nodes)
        while first and (self.nodes[first - 1].index < 0) and len(self.nodes) - first < _MORE:
            first -= 1
        for node in self.nodes[first:]:
            if node.kind not in _ROOTS and len(self._lines) < _LINES + _MORE:
                node.index = len(self._lines)
                self._lines.append("")
                self.hidden -= 1


def _usual(name: str, parts: list[str]) -> str:
    """The line of a keyword with short arguments; empty when it needs a closer look."""
    text = "    ".join([name, *parts])
    joined = " ".join(parts)
    if len(text) > _PART or "&" in text or "  " in joined or "\n" in joined or "\t" in joined or not name:
        return ""
    return "" if "" in parts else text
