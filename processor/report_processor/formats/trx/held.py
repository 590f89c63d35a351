"""Results of a TRX file that wait for the definitions of their tests.

A result of TRX does not say of what class its test is: that stands in ``<TestDefinitions>``, which
Visual Studio's and Microsoft's loggers write behind the results. Without the class two tests with the name
``Test1`` would be one. So results wait, packed, until the definitions are read, and are then handed over in
portions, a few for each element that is read, so that no moment has all of them unpacked. A plain
result takes about 40 bytes, its definition about 100. When there are more than ``MAX`` of them the rest of the file
has no classes: that is told, and it is the same in each run.
"""

import marshal
import zlib
from collections import deque
from typing import Final

from report_processor import limits
from report_processor.events import Label, Recorder, Row

MAX: Final = 100_000
"""Results that wait, and definitions that are kept."""
_BYTES: Final = 24_000_000
"""Of results that wait, packed."""
_LABEL_TEXT: Final = 8_000_000
"""Characters of the definitions' labels."""
_NAME_TEXT: Final = 12_000_000
"""Characters of the names of their files and classes, each counted once."""
_PORTION: Final = 64
_PORTION_TEXT: Final = 100_000
_PACE: Final = 8
"""Elements that are read until the next portion is handed over."""

Definition = tuple[str, str, tuple[Label, ...]]
"""File of the tests, class, labels."""
_UNDEFINED: Final[Definition] = ("", "", ())
_Item = tuple[int, int, tuple[str, ...], Row]
"""Keys of the outermost test and of the test itself, titles of the tests around it, and the result."""


class Held:
    """The results and definitions of one file."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._definitions: dict[int, Definition] = {}
        self._equal: dict[Definition, Definition] = {}
        self._label_text = self._name_text = 0
        self._cut_labels = False
        self._portion: list[_Item] = []
        self._portion_text = 0
        self._packed: deque[bytes] = deque()
        self._bytes = 0
        self._count = 0
        self._ticks = 0
        self._open: list[tuple[str, str]] = []
        """Titles and classifications of the containers that are open."""
        self._at: tuple[Definition, tuple[str, ...]] = (_UNDEFINED, ())
        """What they were opened for."""
        self.settled = False
        """Whether nothing has to wait: the definitions are read, or there are too many results."""
        self._gave_up = False

    @property
    def waiting(self) -> bool:
        """Whether results wait that may be handed over."""
        return self.settled and self._count > 0

    def define(self, key: str, definition: Definition, line: int) -> None:
        """A test is of this file and class and has these labels."""
        if self._gave_up:
            return
        known = self._equal.get(definition)
        if known is None:
            self._label_text += sum(len(name) + len(value) for name, value in definition[2])
            if self._label_text > _LABEL_TEXT and definition[2]:
                if not self._cut_labels:
                    self._cut_labels = True
                    self._recorder.note("field_cut", "categories and the like of the later tests were left out", line)
                self.define(key, (*definition[:2], ()), line)
                return
            self._name_text += len(definition[0]) + len(definition[1])
            known = self._equal[definition] = definition
        self._definitions[hash(key)] = known
        if len(self._definitions) > MAX or self._name_text > _NAME_TEXT:
            self._give_up(line)

    def add(self, outermost: str, key: str, around: tuple[str, ...], row: Row) -> None:
        """A result of the test ``key``, inside the tests ``around`` it, the outermost of which has a key, too."""
        item = (hash(outermost), hash(key), around, row)
        if self.settled and not self._count:
            self._hand_over(item)
            return
        self._portion.append(item)
        self._count += 1
        self._portion_text += _size(row)
        if len(self._portion) >= _PORTION or self._portion_text > _PORTION_TEXT:
            self._pack()
        if not self.settled and (self._count >= MAX or self._bytes > _BYTES):
            self._give_up(row[4])

    def settle(self) -> None:
        """The definitions are complete."""
        self.settled = True

    def tick(self) -> None:
        """Another element was read: hand over a portion now and then."""
        self._ticks += 1
        if self._ticks >= _PACE:
            self._ticks = 0
            self._next_portion()

    def finish(self) -> None:
        """Hand over all that still waits, and close what is open."""
        self.settled = True
        while self._count:
            self._next_portion()
        self._sync([])
        self._definitions.clear()
        self._equal.clear()
        self._label_text = self._name_text = 0
        self._cut_labels = False
        self._at = (_UNDEFINED, ())
        self.settled = self._gave_up = False

    def enter(self, title: str, classification: str) -> None:
        """Open a container that is no test's, with nothing around it."""
        self._sync([(title, classification)])
        self._at = (_UNDEFINED, (title,))

    def leave(self, description: str, labels: list[Label]) -> None:
        """Close that container."""
        self._open.clear()
        self._recorder.close(description, labels)
        self._at = (_UNDEFINED, ())

    def _give_up(self, line: int) -> None:
        self._gave_up = self.settled = True
        self._definitions.clear()
        self._equal.clear()
        self._recorder.note("field_cut", f"there are too many tests ({MAX}) to find the classes of all", line)

    def _pack(self) -> None:
        packed = zlib.compress(marshal.dumps(self._portion), 1)
        self._packed.append(packed)
        self._bytes += len(packed)
        self._portion, self._portion_text = [], 0

    def _next_portion(self) -> None:
        if self._packed:
            packed = self._packed.popleft()
            self._bytes -= len(packed)
            items: list[_Item] = marshal.loads(zlib.decompress(packed))  # noqa: S302  # packed above
        else:
            items, self._portion, self._portion_text = self._portion, [], 0
        self._count -= len(items)
        for item in items:
            self._hand_over(item)

    def _hand_over(self, item: _Item) -> None:
        outermost, key, around, row = item
        place = self._definitions.get(outermost, _UNDEFINED)
        own = place if key == outermost else self._definitions.get(key, place)
        if place is not self._at[0] or around != self._at[1]:
            self._at = (place, around)
            levels = [(place[0], "assembly"), (place[1], "class"), *((title, "test") for title in around)]
            self._sync([level for level in levels if level[0]], row[4])
        if own is not _UNDEFINED:
            title, _, status, duration, line, details = row
            if own[2]:
                details = details or ("", "", "", "", False, (), (), ())
                labels = [*details[6], *own[2]][: limits.LABELS]
                details = (*details[:6], labels, details[7])
            row = (title, own[1], status, duration, line, details)
        self._recorder.rows.append(row)

    def _sync(self, wanted: list[tuple[str, str]], line: int = 0) -> None:
        """Close and open containers until these are open."""
        same = 0
        while same < min(len(wanted), len(self._open)) and wanted[same] == self._open[same]:
            same += 1
        for _ in self._open[same:]:
            self._recorder.close()
        for title, classification in wanted[same:]:
            self._recorder.open(title, classification, line)
        self._open = wanted


def _size(row: Row) -> int:
    details = row[5]
    if details is None:
        return len(row[0])
    beside = sum(map(len, details[7])) + sum(len(name) + len(value) for name, value in details[6])
    return len(row[0]) + len(details[0]) + len(details[2]) + len(details[3]) + beside
