"""A test that was run again: how two runs become attempts of one result.

Many tools write each run of a test as a test of its own, with the same name. That alone does not say
that it is the same test: parametrised tests often forget their parameters, and a test that failed and
whose teardown broke is written as two. But nobody runs a test again that passed, and everybody stops when
it does: so failures are joined with the first pass that follows them under the same name in the same
container, if it is the last of that name. Once that has happened in a container, its tool is one that writes runs so,
and tests that failed several times there and never passed are one result, too. Elsewhere failures of the same name stay
results of their own: none is hidden.

Where a name is used again after a pass, different tests share it, such as a test's rows of data or its single
assertions (testthat). Nothing is joined in a container that shows such a name. Of .NET's formats (``rows_alike``) no
failures come here whose names end with a bracket.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from operator import eq
from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, Attempt, Details, Row

_BAD: Final = frozenset({FAILED, BROKEN})
_ROWS: Final = 2_000
_TEXT: Final = 4_000_000
_NOTHING: Final[Details] = ("", "", "", "", False, (), (), ())

HeldRow = tuple[int, bytes, Row]
"""Number of the result, its identity, and the result."""


class Room:
    """What the failed results of all open containers take together."""

    __slots__ = ("rows", "text")

    def __init__(self) -> None:
        self.rows = 0
        self.text = 0

    def add(self, row: Row, sign: int) -> None:
        """A result comes (1) or goes (-1)."""
        self.rows += sign
        self.text += sign * size_of(row)

    @property
    def full(self) -> bool:
        """Whether some have to go."""
        return self.rows > _ROWS or self.text > _TEXT


class Names:
    """Whether different tests share a name in a container, as far as it has been read."""

    __slots__ = ("_latest", "shared")

    def __init__(self) -> None:
        self.shared = False
        self._latest = b""
        """Identity of the latest result, if that passed."""

    def passed(self, digest: bytes) -> None:
        """A result passed."""
        self.shared = self.shared or digest == self._latest
        self._latest = digest

    def all_passed(self, digests: list[bytes]) -> None:
        """Results passed, one behind the other."""
        if not self.shared:
            self.shared = digests[:1] == [self._latest] or any(map(eq, digests, islice(digests, 1, None)))
        self._latest = digests[-1] if digests else self._latest

    def interrupted(self) -> None:
        """Another result stands between."""
        self._latest = b""


class Held:
    """Results of one open container that may be runs of one test: as many as memory allows, the last ones."""

    __slots__ = ("_emit", "_names", "_passed", "_proved", "_room", "_rows")

    def __init__(self, room: Room, names: Names, emit: Callable[[list[HeldRow]], None]) -> None:
        """``emit`` takes results that wait no longer: several are runs of one test."""
        self._names: Final = names
        self._room: Final = room
        self._emit: Final = emit
        self._proved = False
        """A pass has followed failures of the same name."""
        self._rows: OrderedDict[bytes, list[HeldRow]] = OrderedDict()
        """Failures that wait for their pass."""
        self._passed: OrderedDict[bytes, list[HeldRow]] = OrderedDict()
        """Failures with their pass, which is to be the last of that name."""

    def any_of(self, digests: list[bytes]) -> bool:
        """Whether one of these is here."""
        return not (self._rows.keys().isdisjoint(digests) and self._passed.keys().isdisjoint(digests))

    def seen(self, digest: bytes) -> None:
        """There is a result of this name: after a pass, it is a test of its own, and so is any here."""
        if digest in self._passed:
            self._names.shared = True

    def put(self, held: HeldRow) -> None:
        """Keep a failed result."""
        self._rows.setdefault(held[1], []).append(held)
        self._room.add(held[2], 1)
        self._make_room()

    def take(self, held: HeldRow) -> bool:
        """Keep a pass when it follows failures of its name."""
        if self._names.shared or held[1] not in self._rows:
            return False
        self._passed[held[1]] = [*self._rows.pop(held[1]), held]
        self._room.add(held[2], 1)
        self._make_room()
        return True

    def _make_room(self) -> None:
        while self._room.full and self._passed:
            _, rows = self._passed.popitem(last=False)
            self._proved = self._proved or not self._names.shared
            self._let_go([[held] for held in rows] if self._names.shared else [rows])
        while self._room.full and self._rows:
            digest, rows = next(iter(self._rows.items()))
            if len(rows) == 1:
                del self._rows[digest]
            self._let_go([[rows.pop(0)]])

    def _let_go(self, results: list[list[HeldRow]]) -> None:
        for rows in results:
            for held in rows:
                self._room.add(held[2], -1)
            self._emit(rows)

    def release(self) -> None:
        """The container ends."""
        passed, failed = list(self._passed.values()), list(self._rows.values())
        self._passed.clear()
        self._rows.clear()
        if self._names.shared:
            passed = [[held] for rows in passed for held in rows]
        if self._names.shared or not (self._proved or passed):
            failed = [[held] for rows in failed for held in rows]
        self._let_go(sorted(passed + failed, key=lambda rows: rows[0][0]))


def joined(first: Row, last: Row) -> Row:
    """Two runs of one test as one result; the last one decides."""
    title, classification, _, _, line, _ = first
    _, _, status, duration, _, _ = last
    old, new = first[5] or _NOTHING, last[5] or _NOTHING
    attempts = [*_attempts(first), *_attempts(last)]
    if len(attempts) > limits.ATTEMPTS:
        attempts[limits.ATTEMPTS // 2 : -limits.ATTEMPTS // 2] = []
    flaky = new[4] or (status == PASSED and any(attempt[0] in _BAD for attempt in attempts))
    assets = [*old[7], *(name for name in new[7] if name not in old[7])][: limits.ASSETS]
    details = (new[0] or old[0], new[1], new[2], new[3], flaky, attempts, new[6] or old[6], assets)
    return title, classification, status, duration, line, details


def _attempts(row: Row) -> Iterator[Attempt]:
    details = row[5] or _NOTHING
    if details[5]:
        yield from details[5]
    else:
        yield (row[2], row[3], details[1], details[2], details[3][: limits.ATTEMPT_TEXT])


def size_of(row: Row) -> int:
    """Characters of the long texts of a result."""
    details = row[5]
    if details is None:
        return 0
    return len(details[0]) + len(details[2]) + len(details[3]) + sum(len(one[3]) + len(one[4]) for one in details[5])
