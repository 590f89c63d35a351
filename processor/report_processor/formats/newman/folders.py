"""In which folders of a collection its requests lie."""

from typing import Final

_MAX: Final = 50_000
"""Items that are remembered."""


class _Node:
    __slots__ = ("above", "name")

    def __init__(self, above: "_Node | None") -> None:
        self.above: Final = above
        self.name = ""


class Folders:
    """Is told a collection item by item; knows the folders around each of its items."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}
        self._open: list[_Node] = []

    def enter(self) -> None:
        """An item begins, inside the one that is open."""
        self._open.append(_Node(self._open[-1] if self._open else None))

    def tell(self, key: str, value: str) -> None:
        """The id or the name of the innermost item."""
        if key == "name":
            self._open[-1].name = value[:1000]
        elif len(self._nodes) < _MAX:
            self._nodes[value[:200]] = self._open[-1]

    def leave(self) -> None:
        """The innermost item ends."""
        self._open.pop()

    def of(self, key: str) -> list[str]:
        """Names of the folders around the item with this id, from the top."""
        names = []
        node = self._nodes.get(key[:200])
        while node is not None and node.above is not None:
            node = node.above
            names.append(node.name)
        return names[::-1]
