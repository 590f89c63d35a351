"""Server-side apply of a status, as the API server does it, for the store in memory.

A status is a tree of maps; every scalar and every list is a leaf with a path, except that
``conditions`` is a map by ``type``. Each leaf has the set of managers that applied it. An apply
takes over every leaf whose value it changes (conflicts are won by the caller), and drops the leaves
that this manager alone had and now leaves out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Path = tuple[str, ...]

_BY_TYPE: Final = "conditions"


class AppliedStatus:
    """A status and who applied which part of it."""

    def __init__(self) -> None:
        self._values: dict[Path, Any] = {}
        self._owners: dict[Path, set[str]] = {}

    def apply(self, status: Mapping[str, Any], manager: str) -> "AppliedStatus":
        """A new status with this one applied on top; this one stays as it is."""
        result = AppliedStatus()
        result._values = dict(self._values)
        result._owners = {path: set(owners) for path, owners in self._owners.items()}
        given = dict(_leaves(status))
        for path, value in given.items():
            if path in result._values and result._values[path] == value:
                result._owners[path].add(manager)
            else:
                result._values[path] = value
                result._owners[path] = {manager}
        for path, owners in list(result._owners.items()):
            if manager in owners and path not in given:
                owners.discard(manager)
                if not owners:
                    del result._owners[path], result._values[path]
        return result

    def as_dict(self) -> dict[str, Any]:
        """The status as JSON."""
        tree: dict[str, Any] = {}
        for path, value in self._values.items():
            node = tree
            for name in path[:-1]:
                node = node.setdefault(name, {})
            node[path[-1]] = value
        if _BY_TYPE in tree:
            tree[_BY_TYPE] = list(tree[_BY_TYPE].values())
        return tree


def _leaves(node: Mapping[str, Any], prefix: Path = ()) -> Iterator[tuple[Path, Any]]:
    for name, value in node.items():
        path = (*prefix, name)
        if path == (_BY_TYPE,):
            yield from _leaves({condition["type"]: condition for condition in value}, path)
        elif isinstance(value, Mapping):
            yield from _leaves(value, path)
        elif value is not None:
            yield path, value
