"""The suites and groups of a Dart run: where a test stands, and what it is called there."""

import re
from typing import Any, Final

from report_processor import limits
from report_processor.checkout import title_of_path
from report_processor.parsing.json_format import list_of, text_of

Path = tuple[tuple[str, str], ...]
Known = dict[str, tuple[str, ...]]
_TESTS: Final = re.compile(r"(.*?[\\/])(?:test|integration_test|test_driver)[\\/]", re.DOTALL)
_ABSOLUTE: Final = re.compile(r"/|[A-Za-z]:[\\/]|\\\\")
_NOWHERE: Final = ("", "", "")
_NO_NAME: Final = ("",)
_KNOWN: Final = 5_000
"""Suites, and groups, that are remembered; those that were used last. They are written shortly before their tests."""


class Places:
    """Fed with suites and groups. Forgets those that no test was in for long."""

    def __init__(self) -> None:
        self._suites: Final[Known] = {}
        """Title, platform and path as written."""
        self._groups: Final[Known] = {}
        """Full names."""
        self._text = 0
        """Characters of both."""
        self._root: str | None = None
        """Folder of the package when paths are absolute. All suites of a run are of one package, so it is
        where the first one's folder of tests stands; only what is below it becomes relative."""
        self._last: tuple[Any, Any, Path, str] | None = None

    def suite(self, suite: dict[str, Any]) -> None:
        """A file of tests on a platform."""
        path = text_of(suite.get("path"))
        if self._root is None and _ABSOLUTE.match(path) and (found := _TESTS.match(path)):
            self._root = found[1]
        below = self._root is not None and path.startswith(self._root)
        title = path.removeprefix(self._root or "") if below else title_of_path(path)
        title = title.replace("\\", "/") or "unknown suite"
        self._keep(self._suites, _key(suite.get("id")), (title, text_of(suite.get("platform"))[:1000], path))

    def group(self, group: dict[str, Any]) -> None:
        """A group. Its name begins with that of the group around it."""
        name = text_of(group.get("name"))
        if name:
            self._keep(self._groups, _key(group.get("id")), (name,))

    def path_of(self, suite: Any, groups: Any, name: str) -> tuple[Path, str, int]:
        """The containers around a test, its name without theirs, and the characters that both take anew."""
        size = len(name)
        if self._last is None or self._last[0] != suite or self._last[1] != groups:
            self._last = (suite, groups, *self._containers(suite, groups))
            size += sum(len(title) for title, _ in self._last[2])
        path, around = self._last[2:]
        if not groups and path:  # it loads the file
            title, _, written = self._suites.get(_key(suite), _NOWHERE)
            name = name.replace(written, title) if written else name
        return path, _within(name, around) or name, size

    def within(self, name: str) -> str:
        """The name of one more test of the same suite and groups as the last one, without theirs."""
        around = self._last[3] if self._last is not None else ""
        return _within(name, around) or name

    def _containers(self, suite: Any, groups: Any) -> tuple[Path, str]:
        path: list[tuple[str, str]] = []
        title, platform, _ = _used(self._suites, _key(suite), _NOWHERE)
        if title:
            path.append((title[: limits.TITLE], platform))
        around = ""
        for group in list_of(groups)[: 2 * limits.DEPTH]:
            (full,) = _used(self._groups, _key(group), _NO_NAME)
            if full and full != around:
                path.append((_within(full, around)[: limits.TITLE], ""))
                around = full
        return tuple(path), around

    def _keep(self, known: Known, key: str, value: tuple[str, ...]) -> None:
        self._text += _size(value) - _size(known.pop(key, ()))
        known[key] = value
        while len(known) > _KNOWN or (self._text > limits.OPEN_TEXT and len(known) > 1):
            self._text -= _size(known.pop(next(iter(known))))


def _used(known: Known, key: str, nothing: tuple[str, ...]) -> tuple[str, ...]:
    """What is known of a suite or group, which becomes the last to be forgotten."""
    value = known.pop(key, None)
    if value is None:
        return nothing
    known[key] = value
    return value


def _size(value: tuple[str, ...]) -> int:
    return sum(map(len, value))


def _key(value: Any) -> str:
    return str(value) if type(value) is int else text_of(value)


def _within(name: str, around: str) -> str:
    return name[len(around) + 1 :] if around and name.startswith(f"{around} ") else name
