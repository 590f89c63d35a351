"""One result while it is read, within its limits: what the parsers of all formats but JUnit build."""

from typing import Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, Attempt, Details, Label, Recorder, Row
from report_processor.parsing.texts import Budget, LongText

_BAD: Final = frozenset({FAILED, BROKEN})


class Draft:
    """A result. Set what is known, add texts in any number of pieces, then ``record`` it."""

    __slots__ = (
        "_assets",
        "_attempts",
        "_budget",
        "_cut",
        "_description",
        "_labels",
        "_lost",
        "_message",
        "_output",
        "_trace",
        "classification",
        "column",
        "duration",
        "exception",
        "flaky",
        "line",
        "status",
        "title",
    )

    def __init__(
        self, title: str = "", classification: str = "", status: int = PASSED, line: int = 0, column: int = 0
    ) -> None:
        self.title = title
        self.classification = classification
        self.status = status
        self.duration: float | None = None
        """Seconds."""
        self.line: Final = line
        self.column: Final = column
        self.exception = ""
        """Type of the exception or failure."""
        self.flaky = False
        """The tool says so. A pass after a failed attempt is flaky without being told."""
        self._budget: Budget | None = None
        """For texts, labels, files and attempts; None while there are none."""
        self._description: LongText | None = None
        self._message: LongText | None = None
        self._trace: LongText | None = None
        self._output: LongText | None = None
        self._labels: list[Label] = []
        self._assets: list[str] = []
        self._attempts: list[Attempt] = []
        self._cut = 0
        self._lost = 0

    def describe(self, text: str) -> None:
        """Add a line to the description: documentation, steps and the like."""
        self._description = self._add(self._description, text, limits.DESCRIPTION)

    def message(self, text: str) -> None:
        """Add a line to what the exception says."""
        self._message = self._add(self._message, text, limits.EXCEPTION_DESCRIPTION)

    def trace(self, text: str) -> None:
        """Add lines to the backtrace."""
        self._trace = self._add(self._trace, text, limits.BACKTRACE)

    def output(self, text: str) -> None:
        """Add captured output; it follows the backtrace."""
        self._output = self._add(self._output, text, limits.BACKTRACE)

    def fail(self, status: int, exception: str = "", message: str = "", trace: str = "") -> None:
        """It went wrong. May be called several times: the worst status counts, and all texts are kept."""
        if self.status not in _BAD or status == BROKEN:
            self.status = status
        self.exception = self.exception or exception
        self.message(message)
        self.trace(trace)

    def label(self, name: str, value: str) -> None:
        """A name and a value that the tool attached, such as a tag or a parameter."""
        if len(name) > limits.LABEL_NAME or len(value) > limits.LABEL_VALUE:
            self._lost += 1
            name, value = name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]
        if len(self._labels) < limits.LABELS and self._granted(len(name) + len(value)):
            self._labels.append((name, value))
        else:
            self._lost += 1

    def asset(self, path: str) -> None:
        """A file that belongs to it, by the path that the tool names."""
        if not path or path in self._assets:
            return
        if len(self._assets) < limits.ASSETS and self._granted(len(path)):
            self._assets.append(path)
        else:
            self._lost += 1

    def attempt(
        self, status: int, duration: float | None = None, exception: str = "", message: str = "", trace: str = ""
    ) -> None:
        """One run of several, in order; the last one must be told, too, and ``status`` is still to be set."""
        if len(self._attempts) >= limits.ATTEMPTS:
            self._lost += 1
            self._attempts.pop()
        self._attempts.append(
            (
                status,
                duration,
                exception[: limits.EXCEPTION_NAME],
                self._shortened(message),
                self._shortened(trace),
            )
        )

    def as_attempt(self) -> Attempt:
        """What ``attempt`` takes, so that this becomes a run of another result or of itself."""
        message, trace = ("" if text is None else text.text() for text in (self._message, self._trace))
        return self.status, self.duration, self.exception, message, trace

    def row(self, recorder: Recorder) -> Row:
        """As the row of an event; what was cut and what is missing is noted."""
        title, classification = self.title, self.classification
        if not title or title.isspace():
            title = f"test at line {self.line}" if self.line else "test without a name"
            recorder.note("missing_name", "a test has no name", self.line, self.column)
        if len(title) > limits.TITLE or len(classification) > limits.CLASSIFICATION:
            self._cut += max(0, len(title) - limits.TITLE) + max(0, len(classification) - limits.CLASSIFICATION)
            title, classification = title[: limits.TITLE], classification[: limits.CLASSIFICATION]
        details = None if self._budget is None and not self.exception and not self.flaky else self._details()
        if self._cut:
            recorder.note("field_cut", f"{self._cut} characters of a test were cut", self.line, self.column)
        if self._lost:
            recorder.note("field_cut", f"{self._lost} labels, files or attempts were cut", self.line, self.column)
        return title, classification, self.status, self.duration, self.line, details

    def record(self, recorder: Recorder) -> None:
        """It is complete: a result of the innermost container."""
        recorder.rows.append(self.row(recorder))

    def _details(self) -> Details | None:
        attempts = self._attempts if len(self._attempts) > 1 else ()
        flaky = self.flaky or (self.status == PASSED and any(attempt[0] in _BAD for attempt in attempts))
        texts = [
            "" if text is None else self._told(text)
            for text in (self._description, self._message, self._trace, self._output)
        ]
        exception = self.exception[: limits.EXCEPTION_NAME]
        if not (self._labels or self._assets or attempts or flaky or exception or any(texts)):
            return None
        description, message, trace, output = texts
        if trace and output and not trace.endswith("\n"):
            trace += "\n"
        return description, exception, message, trace + output, flaky, attempts, self._labels, self._assets

    def _told(self, text: LongText) -> str:
        self._cut += text.cut
        return text.text()

    def _add(self, text: LongText | None, piece: str, limit: int) -> LongText | None:
        if not piece:
            return text
        if text is None:
            text = LongText(limit, self._room())
        elif text.size:
            piece = f"\n{piece}"
        text.add(piece)
        return text

    def _shortened(self, text: str) -> str:
        granted = self._room().take(min(len(text), limits.ATTEMPT_TEXT), min(len(text), limits.LEAST_TEXT))
        self._cut += len(text) - granted
        return text[:granted]

    def _granted(self, size: int) -> bool:
        granted = self._room().take(size)
        if granted == size:
            return True
        self._room().give(granted)
        return False

    def _room(self) -> Budget:
        if self._budget is None:
            self._budget = Budget(limits.CASE_TEXT)
        return self._budget
