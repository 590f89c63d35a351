"""Finds the file that a result names among the files that were sent."""

import unicodedata
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

_Parts = tuple[str, ...]


class Attachments:
    """The files beside the reports, by name.

    Results name files by the paths of the machine that ran the tests; what was sent has other paths,
    or none. So the last part of the name must be the same, but for capital letters, and of several such
    files the one wins that has the most parts in common from the end, then the one that lies nearest to
    the report.
    """

    def __init__(self) -> None:
        self._by_path: Final[dict[_Parts, str]] = {}
        self._by_end: Final[dict[_Parts, list[tuple[_Parts, str]]]] = {}
        """By the last part, and by the last two."""

    def add(self, name: str, key: str) -> None:
        """A file and its object key."""
        parts = _parts(name)
        if not parts:
            return
        self._by_path[parts] = key
        for end in {parts[-1:], parts[-2:]}:
            self._by_end.setdefault(_folded(end), []).append((parts, key))

    def find(self, name: str, report: str = "") -> str | None:
        """The object key of the file that is meant in the report of this path, or None."""
        near = _parts(report)
        for parts in _readings(name):
            key = self._beside(parts, near) or self._by_its_end(_resolved(parts), near)
            if key is not None:
                return key
        return None

    def beside(self, name: str, report: str) -> str | None:
        """The same, but only where no other file can be meant: it is in the report, or lies where the report says."""
        near = _parts(report)
        found = (self._beside(parts, near) for parts in _readings(name))
        return next((key for key in found if key is not None), None)

    def _beside(self, parts: _Parts, near: _Parts) -> str | None:
        inside = self._by_path.get(near + parts)
        if inside is not None:
            return inside
        # The path may be that of another machine. Its last two parts are no accident, its last one may be.
        ends = (parts[first:] for first in range(max(1, len(parts) - 1)))
        found = (self._by_path.get(_resolved(near[:-1] + end)) for end in ends)
        return next((key for key in found if key is not None), None)

    def _by_its_end(self, parts: _Parts, near: _Parts) -> str | None:
        folded = _folded(parts)
        candidates = self._by_end.get(folded[-2:]) or self._by_end.get(folded[-1:]) or []

        def likeness(candidate: tuple[_Parts, str]) -> tuple[int, int, int]:
            path = candidate[0]
            return (
                _common(_folded(path)[::-1], folded[::-1]),
                _common(path[::-1], parts[::-1]),
                _common(path, near),
            )

        best = max(candidates, key=likeness, default=None)
        return best[1] if best else None


def _readings(name: str) -> Iterator[_Parts]:
    """The name as it is, then as an address whose signs are escaped."""
    for text in (name, unquote(name)) if "%" in name else (name,):
        if parts := _split(text):
            yield parts


def _parts(name: str) -> _Parts:
    return _resolved(_split(name))


def _split(name: str) -> _Parts:
    text = unicodedata.normalize("NFC", name).replace("\\", "/").replace("!", "/")
    return tuple(part for part in text.split("/") if part not in {"", "."})


def _resolved(parts: _Parts) -> _Parts:
    if ".." not in parts:
        return parts
    found: list[str] = []
    for part in parts:
        if part == "..":
            del found[-1:]
        else:
            found.append(part)
    return tuple(found)


def _folded(parts: _Parts) -> _Parts:
    return tuple(part.casefold() for part in parts)


def _common(first: _Parts, second: _Parts) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
