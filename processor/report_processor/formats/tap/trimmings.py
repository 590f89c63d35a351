"""What stands around the test points of TAP: comments, output, and the habits of tools.

Nothing in TAP says to which test a comment belongs. Behind a test that failed it explains the failure; the
parser sees to that. All others are collected here until it is known.
"""

import re
from typing import Final

from report_processor import limits
from report_processor.parsing.draft import Draft
from report_processor.parsing.texts import LongText

_TIME: Final = re.compile(r" in (\d{1,12})(ms|sec|s)$")
_RESULTS_FOR: Final = "TAP results for "
_SCRIPTS_END: Final = ("Test Summary Report", "All tests successful.", "Files=")
_WORDS: Final = 200


class Surroundings:
    """What was read and belongs to no test yet."""

    def __init__(self) -> None:
        self._comments: LongText | None = None
        self._output: LongText | None = None
        self._group = ""
        self._new_group = False
        self._versioned = False
        self._tape: bool | None = None
        """Whether comments are the titles of what follows: tape has no other."""
        self._bats: bool | None = None
        """Whether each title ends in the time that the test took: ``bats --timing`` does that."""
        self.prove = False
        """Whether this is the output of ``prove -v``."""
        self._over = False
        self._last = ""

    # Comments and output

    def comment(self, words: str) -> None:
        """A comment."""
        if self._comments is None:
            self._comments = LongText(limits.DESCRIPTION)
        elif self._comments.size:
            self._comments.add("\n")
        self._comments.add(words)

    def output(self, line: str) -> None:
        """A line that is not TAP."""
        if self._output is None:
            self._output = LongText(limits.BACKTRACE)
        elif self._output.size:
            self._output.add("\n")
        self._output.add(line)

    def give(self, draft: Draft) -> None:
        """All that was collected belongs to this test."""
        if self._comments is not None:
            draft.describe(self._comments.text())
            self._comments = None
        if self._output is not None:
            draft.output(self._output.text())
            self._output = None

    def sums_up(self, words: str) -> None:
        """A comment that sums up."""
        if words.startswith("Looks"):
            self._last = words[:_WORDS].rstrip()

    def last_words(self) -> str:
        """What the tool said last about the whole."""
        return f"; {self._last}" if self._last else ""

    # Titles with times

    def timed(self, title: str) -> bool:
        """Whether the title ends in a time; the first test of the file decides."""
        if self._bats is None:
            self._bats = _TIME.search(title) is not None
        return self._bats

    def without_time(self, title: str) -> tuple[str, float | None]:
        """The title without the time, and the seconds."""
        found = _TIME.search(title)
        if found is None:
            return title, None
        return title[: found.start()], float(found[1]) / (1000 if found[2] == "ms" else 1)

    # Groups: containers that are no subtests

    def version(self) -> None:
        """The version line: tape writes nothing but comments between it and the first test."""
        self._versioned = True

    def plan(self, depth: int, count: int) -> None:
        """A plan. In front of the tests it shows that this is not tape."""
        if depth or count:
            return
        if self._tape and self._group:
            self.comment(self._group)
            self._group, self._new_group = "", False
        self._tape = False

    def heads(self, words: str, count: int, plan: int | None) -> bool:
        """Whether this comment is the title of the tests behind it."""
        if words.startswith(_RESULTS_FOR):
            self._group, self._new_group = words.removeprefix(_RESULTS_FOR).strip(), True
            return True
        if self._tape is None:
            self._tape = self._versioned and count == 0
        if not self._tape or plan is not None or not words.strip():
            return False
        title = words.strip()
        self._group = f"{self._group} > {title}"[: limits.TITLE] if self._new_group else title
        self._new_group = True
        return True

    def group(self) -> str:
        """The title of the container that begins with the next test; empty when it goes on as it is."""
        if self._tape is None:
            self._tape = False
        new, self._new_group = self._new_group, False
        return self._group if new else ""

    # prove

    def may_be_prove(self, seen: int) -> bool:
        """Whether this is the output of ``prove -v``, or nothing was seen that tells it is not."""
        return self.prove or (seen == 0 and not self._versioned)

    def script(self, name: str) -> None:
        """``prove`` runs the next test script."""
        self.prove = True
        self._tape = False
        self._group, self._new_group = name, True
        self._comments = self._output = None

    def over(self, text: str) -> bool:
        """Whether nothing but the summary of ``prove`` follows."""
        self._over = self._over or (self.prove and text.startswith(_SCRIPTS_END))
        return self._over
