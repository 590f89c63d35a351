"""The files of an import and what became of them: verdicts, counts, and the list that ``report.json`` shows."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from report_processor.messages import Messages

MAX_FILES: Final = 1_000
_BAD: Final = frozenset({"rejected", "partly_parsed"})


class FileSummary:
    """One file and what became of it."""

    def __init__(self, index: int, path: str, format_key: str, evidence: str) -> None:
        self.index: Final = index
        self.path: Final = path
        self.format: Final = format_key
        self.evidence: Final = evidence
        self.verdict = ""
        self.counts = [0] * 6
        self.containers = 0
        self.attempts = 0
        self.duration = 0.0
        self.timed = 0
        """Results with a duration."""
        self.late = 0
        """Results that are put together with those of other files at the end."""
        self.messages: Final = Messages(path)

    def plain(self) -> dict[str, Any]:
        """As ``report_contract.report.FileReport``."""
        return {
            "path": self.path,
            "format": self.format,
            "evidence": self.evidence,
            "verdict": self.verdict,
            "counts": counts_of(self.counts),
            "containers": self.containers,
            "attempts": self.attempts,
            "duration": rounded(self.duration) if self.timed else None,
            "messages": self.messages.notes(),
        }


class FileList:
    """All files: the first ones whole, of the others what must be counted."""

    def __init__(self, most: int = MAX_FILES) -> None:
        """``most``: so many are kept whole."""
        self._most: Final = most
        self.count = 0
        """Files so far, the current one included."""
        self.verdicts: Final[dict[str, int]] = {}
        """Files by verdict."""
        self.dropped_messages = 0
        """Messages of files that are not kept."""
        self._kept: dict[int, FileSummary] = {}
        """By number, in the order of the files."""
        self._spare_attempts = 0
        self._spare: FileSummary | None = None
        self._formats: set[str] = set()
        self.untimed = 0
        """Files with results of which none has a duration."""
        self.first_untimed = ""
        """Path of the first of them."""

    def __iter__(self) -> Iterator[FileSummary]:
        return iter(self._kept.values())

    def begin(self, path: str, format_key: str, evidence: str) -> FileSummary:
        """The next file."""
        self.count += 1
        return FileSummary(self.count, path, format_key, evidence)

    def end(self, file: FileSummary, verdict: str) -> None:
        """The file has its verdict. The first files are kept, and for bad ones good ones go."""
        file.verdict = verdict
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1
        if file.format:
            self._formats.add(file.format)
        if sum(file.counts) and not file.timed:
            self.untimed += 1
            self.first_untimed = self.first_untimed or file.path
        if len(self._kept) < self._most:
            self._kept[file.index] = file
            return
        loser = file
        if verdict in _BAD:
            good = next((number for number in reversed(self._kept) if self._kept[number].verdict == "parsed"), None)
            if good is not None:
                loser = self._kept.pop(good)
                self._kept[file.index] = file
        self.dropped_messages += len(loser.messages)
        self._spare_attempts += loser.attempts

    def find(self, index: int) -> FileSummary | None:
        """The file with this number, when it is kept."""
        return self._kept.get(index)

    def spare(self, index: int, path: str) -> FileSummary:
        """A stand-in for a file that is not kept: what is counted there counts for the whole only."""
        if self._spare is None or self._spare.index != index:
            if self._spare is not None:
                self._spare_attempts += self._spare.attempts
            self._spare = FileSummary(index, path, "", "")
        return self._spare

    @property
    def not_shown(self) -> int:
        """Files that are counted only."""
        return self.count - len(self._kept)

    @property
    def attempts(self) -> int:
        """Attempts in all files."""
        spare = self._spare.attempts if self._spare is not None else 0
        return sum(file.attempts for file in self) + self._spare_attempts + spare

    @property
    def formats(self) -> list[str]:
        """Keys of the formats of all files."""
        return sorted(self._formats)


def counts_of(counts: Sequence[int]) -> dict[str, int]:
    """As ``report_contract.resource.Counts``."""
    passed, failed, broken, skipped, unknown, informational = counts
    return {
        "total": sum(counts),
        "passed": passed,
        "failed": failed,
        "broken": broken,
        "skipped": skipped,
        "unknown": unknown,
        "informational": informational,
    }


def rounded(seconds: float) -> float:
    """Without the noise that adding up many durations leaves in the last digits."""
    return round(seconds, 6)
