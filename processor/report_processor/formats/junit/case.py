"""One ``<testcase>`` while it is open: what was seen of it, and what follows from that."""

from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN, Attempt, Details
from report_processor.formats.junit.kept import Attachments, Kept
from report_processor.formats.junit.problem import Problem, joined, joined_lines, worst_first, worst_of
from report_processor.formats.junit.status import status_by_attributes
from report_processor.parsing.texts import Budget, LongText

_MEANT: Final = frozenset({"name", "classname", "class", "className", "time"})


class Case:
    """A test case and all that stands in it."""

    __slots__ = (
        "_attachments",
        "_budget",
        "_flaky",
        "_kept",
        "_output",
        "_problems",
        "_reruns",
        "_room",
        "_skipped",
        "attributes",
        "column",
        "cut",
        "elements",
        "line",
        "unfinished",
        "unknown_status",
    )

    def __init__(self, attributes: dict[str, str], line: int, column: int, room: Budget) -> None:
        """``room`` is for all that is open."""
        self.attributes: Final = attributes
        self.line: Final = line
        self.column: Final = column
        self.cut = 0
        """Characters that were cut; final after ``outcome``."""
        self.elements = 0
        """Failures and errors in it, those of further attempts left out."""
        self.unfinished = False
        """The file ends or breaks inside it."""
        self.unknown_status = ""
        """A word for its outcome that is not known here; final after ``outcome``."""
        self._room: Final = room
        self._budget: Budget | None = None
        self._kept: Kept | None = None
        self._attachments: Attachments | None = None
        self._problems: list[Problem] = []
        self._reruns: list[Problem] = []
        self._flaky: list[Problem] = []
        self._skipped: list[Problem] = []
        self._output: LongText | None = None

    @property
    def budget(self) -> Budget:
        """For its texts."""
        if self._budget is None:
            self._budget = Budget(limits.CASE_TEXT, self._room, limits.LEAST_CASE_TEXT)
        return self._budget

    @property
    def kept(self) -> Kept:
        """Its labels and files."""
        if self._kept is None:
            self._kept = Kept(self.budget)
        return self._kept

    @property
    def cut_labels(self) -> int:
        """Labels and files that were cut or left out."""
        return self._kept.cut if self._kept is not None else 0

    @property
    def attachments(self) -> Attachments:
        """Is shown its texts, because they may name files."""
        if self._attachments is None:
            self._attachments = Attachments(self.kept.asset)
        return self._attachments

    def add(self, problem: Problem, *, rerun: bool = False, flaky: bool = False, skip: bool = False) -> None:
        """A failure of this test or of one of its attempts, or a reason why it did not run."""
        kept = self._reruns if rerun else self._flaky if flaky else self._skipped if skip else self._problems
        self.elements += kept is self._problems and problem.status in {FAILED, BROKEN}
        if len(kept) >= limits.ATTEMPTS:
            self.cut += kept.pop().drop()
        kept.append(problem)

    def add_property(self, name: str, value: str) -> None:
        """A property; TestRail's attachments are files."""
        self.kept.label(name, value)
        if name == "testrail_attachment":
            self.kept.asset(value)

    def add_output(self, piece: str) -> None:
        """Captured output, in pieces."""
        if self._output is None:
            self._output = LongText(limits.BACKTRACE, self.budget)
        self._output.add(piece)
        self.attachments.look(piece)

    def close(self) -> None:
        """It ends: give back its room."""
        if self._budget is not None:
            self._budget.close()

    def outcome(self, duration: float | None, *, rolled_up: bool = False) -> tuple[int, Details | None]:
        """Status and details; None when there is nothing to tell but the status.

        ``rolled_up``: the suite counts flaky tests apart, so failures of one that is marked so are earlier attempts.
        """
        if rolled_up and self.attributes.get("flaky") == "true" and self._problems:
            self._flaky += self._problems
            self._problems = []
            self.elements = 0
        for name, value in self.attributes.items():
            if name not in _MEANT and name[:3] != "xml":
                self.kept.label(name, value)
        output = ""
        if self._output is not None:
            output = self._output.text()
            self.cut += self._output.cut
        kept = self._kept
        labels, assets = (kept.labels, kept.assets) if kept is not None else ([], [])
        if not (self._problems or self._reruns or self._flaky or self._skipped):
            status, self.unknown_status = status_by_attributes(self.attributes)
            if status == PASSED and self.unfinished:
                status = UNKNOWN
            if not output and not labels and not assets:
                return status, None
            return status, ("", "", "", output, False, (), labels, assets)
        told = [*self._problems, *self._reruns, *self._flaky, *self._skipped]
        for problem in told:
            self.cut += problem.cut
        if len(told) == 1 and not self._reruns and not self._flaky:  # the usual case, and the quick one
            name, message, trace = joined(told)
            details = ("", name, message, joined_lines(trace, output), False, (), labels, assets)
            return told[0].status, details
        attempts, flaky = self._attempts(duration)
        status = self._status(attempts)
        name, message, trace = self._shown(status, attempts)
        return status, ("", name, message, joined_lines(trace, output), flaky, attempts, labels, assets)

    def _status(self, attempts: list[Attempt]) -> int:
        if attempts:
            return attempts[-1][0]
        if len(self._problems) + bool(self._skipped) > 1:
            # The tool's own word, where it fits one of them: godog adds an error for each step behind a failed one.
            word, _ = status_by_attributes(self.attributes)
            if (word == SKIPPED and self._skipped) or any(word == problem.status for problem in self._problems):
                return word
        if self._problems and not any(reason.excuses for reason in self._skipped):
            return worst_of(self._problems)
        return SKIPPED

    def _shown(self, status: int, attempts: list[Attempt]) -> tuple[str, str, str]:
        """Name, message and backtrace of the result."""
        if status == PASSED:
            return "", "", ""
        if attempts:
            return attempts[-1][2:]
        problems = worst_first(self._problems, status)
        return joined(self._skipped + problems if status == SKIPPED else problems + self._skipped)

    def _attempts(self, duration: float | None) -> tuple[list[Attempt], bool]:
        """All attempts in order when there were several, and whether one failed before the pass."""
        if not self._reruns and not self._flaky:
            return [], False
        if self._flaky and not self._problems:
            return [*(problem.attempt() for problem in self._flaky), (PASSED, duration, "", "", "")], True
        attempts: list[Attempt] = []
        if self._problems:
            name, message, trace = joined(worst_first(self._problems))
            attempts.append((worst_of(self._problems), duration, name, message, trace[: limits.ATTEMPT_TEXT]))
        attempts += [problem.attempt() for problem in (*self._flaky, *self._reruns)]
        return attempts, False
