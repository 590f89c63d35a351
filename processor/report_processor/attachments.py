"""Finds the file that a result names among the files that were sent."""

from typing import Final


class Attachments:
    """The files beside the reports, by name.

    Results name files by the paths of the machine that ran the tests; what was sent has other paths,
    or none. So the last part of the name must be the same, and of several such files the one wins
    that has the most parts in common from the end.
    """

    def __init__(self) -> None:
        self._by_base: Final[dict[str, list[tuple[list[str], str]]]] = {}

    def add(self, name: str, key: str) -> None:
        """A file and its object key."""
        parts = _parts(name)
        if parts:
            self._by_base.setdefault(parts[-1], []).append((parts, key))

    def find(self, name: str) -> str | None:
        """The object key of the file that is meant, or None."""
        parts = _parts(name)
        candidates = self._by_base.get(parts[-1], ()) if parts else ()
        best = max(candidates, key=lambda found: _common(found[0], parts), default=None)
        return best[1] if best else None


def _parts(name: str) -> list[str]:
    return [part for part in name.replace("\\", "/").replace("!", "/").split("/") if part not in {"", ".", ".."}]


def _common(first: list[str], second: list[str]) -> int:
    count = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        count += 1
    return count
