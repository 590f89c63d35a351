"""Runs of one TestNG method that was retried become attempts of one result."""

from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, Attempt, Recorder, Row
from report_processor.parsing.draft import Draft
from report_processor.parsing.texts import Budget
from report_processor.retries import size_of

_WAITING: Final = 8
"""Methods that wait for their next run: as many as may reasonably run in parallel."""
_SKIPS: Final = 10
"""Skipped runs of a method that may turn out to have been retried."""
_TEXT: Final = 4_000_000
"""Characters of all of them together."""
_ASSERTIONS: Final = ("Assert", "ComparisonFailure", "MultipleFailures", "org.testng.TestException")
_SKIPPING: Final = ("org.testng.SkipException", "java.lang.Throwable")
"""Exceptions of runs that were skipped for themselves: it was asked for, or another method failed."""

Key = tuple[str, str]


def is_failure(exception: str) -> bool:
    """Whether an exception class says that an expectation was not met, which is failed and not broken."""
    return not exception or any(word in exception for word in _ASSERTIONS)


class _Runs:
    """The runs of one method so far."""

    __slots__ = ("_assets", "_attempts", "_budget", "_first", "_last")

    def __init__(self, first: Row) -> None:
        self._first: Final = first[4]
        self._budget: Final = Budget(limits.CASE_TEXT)
        self._attempts: list[Attempt] = []
        self._assets: list[str] = []
        self._last = first

    def add(self, row: Row) -> None:
        """The next run."""
        _, exception, message, trace, _, _, _, assets = row[5] or ("", "", "", "", False, (), (), ())
        status = row[2]
        if status == SKIPPED and exception:
            status = FAILED if is_failure(exception) else BROKEN
        if len(self._attempts) >= limits.ATTEMPTS:
            self._attempts.pop()
        self._attempts.append((status, row[3], exception, self._shortened(message), self._shortened(trace)))
        self._assets += [name for name in assets if name not in self._assets][: limits.ASSETS - len(self._assets)]
        self._last = row

    def row(self) -> Row:
        """One result: the last run decides."""
        title, classification, _, duration, _, details = self._last
        description, exception, message, trace, _, _, labels, _ = details or ("", "", "", "", False, (), (), ())
        status = self._attempts[-1][0]
        bad = any(attempt[0] in {FAILED, BROKEN} for attempt in self._attempts)
        attempts = self._attempts if len(self._attempts) > 1 else ()
        flaky = status == PASSED and bad
        details = (description, exception, message, trace, flaky, attempts, labels, self._assets)
        return title, classification, status, duration, self._first, details

    def _shortened(self, text: str) -> str:
        return text[: self._budget.take(min(len(text), limits.ATTEMPT_TEXT), min(len(text), limits.LEAST_TEXT))]


class Retries:
    """Results pass through here on their way to the recorder; those that were retried wait for the last run."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Final = recorder
        self._waiting: dict[Key, _Runs] = {}
        self._skips: dict[Key, list[Row]] = {}
        """Runs that were skipped for an exception. TestNG 6 does not say whether they were retried, and the next run
        of the method may stand behind others that began in the same moment."""

    @property
    def waits(self) -> bool:
        """Whether there are runs that the next one may belong to."""
        return bool(self._waiting or self._skips)

    def passed(self, row: Row, signature: str) -> None:
        """A run that passed and has nothing more to tell."""
        if self.waits:
            self._take(row, (signature, row[0]))
        else:
            self._recorder.rows.append(row)

    def record(self, draft: Draft, signature: str, *, retried: bool) -> None:
        """A run that is complete."""
        key = (signature, draft.title)
        row = draft.row(self._recorder)
        if retried:
            if key not in self._waiting and len(self._waiting) >= _WAITING:
                self._recorder.rows.append(self._waiting.pop(next(iter(self._waiting))).row())
            self._waiting.setdefault(key, _Runs(row)).add(row)
        elif draft.status == SKIPPED and draft.exception and draft.exception not in _SKIPPING:
            if len(self._skips.get(key, ())) >= _SKIPS:
                self._recorder.rows += self._skips.pop(key)
            self._skips.setdefault(key, []).append(row)
            while len(self._skips) > _WAITING or self._skipped_text() > _TEXT:
                self._recorder.rows += self._skips.pop(next(iter(self._skips)))
        else:
            self._take(row, key)

    def flush(self) -> None:
        """No more runs of what waits will come."""
        self._flush_skips()
        for runs in self._waiting.values():
            self._recorder.rows.append(runs.row())
        self._waiting.clear()

    def _take(self, row: Row, key: Key) -> None:
        runs = self._waiting.pop(key, None)
        if key in self._skips and row[2] != SKIPPED:
            skips = self._skips.pop(key)
            runs = _Runs(skips[0])
            for skipped in skips:
                runs.add(skipped)
        if runs is not None:
            runs.add(row)
            row = runs.row()
        self._recorder.rows.append(row)

    def _skipped_text(self) -> int:
        return sum(size_of(row) for rows in self._skips.values() for row in rows)

    def _flush_skips(self) -> None:
        for rows in self._skips.values():
            self._recorder.rows += rows
        self._skips.clear()
