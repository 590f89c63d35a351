"""``report-import parse``: the stages of an import without any server, printed as JSON."""

import argparse
import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from report_contract.formatters import FORMATTERS
from report_contract.options import ImportOptions
from report_contract.phases import Phase
from report_processor import outcome
from report_processor.batch import Batch, ContainerRow
from report_processor.batch_rows import rows_of
from report_processor.calliope_export import CalliopeExport
from report_processor.collect import Collector
from report_processor.garbage import search_seldom
from report_processor.importing import Importing

_VERDICTS: Final = {
    Phase.SUCCEEDED: "succeeded",
    Phase.PARTIALLY_SUCCEEDED: "partially_succeeded",
    Phase.FAILED: "failed",
}
_MAX_TITLES: Final = 200_000
_MAX_FILES: Final = 100_000
_STDIN: Final = Path("-")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", type=Path, help="report files, archives or folders of them, or - for stdin"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--tests", action="store_true", help="print one JSON line for each result instead")
    instead.add_argument("--calliope", action="store_true", help="print the report as Calliope JSON instead")
    parser.add_argument(
        "--formatter", default="", metavar="KEY", choices=sorted(FORMATTERS), help="read as this format"
    )


def run(chosen: argparse.Namespace) -> int:
    """Parse the files. 0 when there was a report in them, else 1; 2 when one could not be opened or read."""
    search_seldom()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # JSON is UTF-8, wherever it is printed; what no text can hold (names of files) is escaped as JSON does it.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    # The message that the formatter was not named says nothing to somebody who looks at files.
    options = ImportOptions(ignore_unspecified_formatter=True)
    with tempfile.TemporaryDirectory(prefix="report-parse-") as folder:
        export = CalliopeExport(Path(folder)) if chosen.calliope else None
        sink = export or (_Lines() if chosen.tests else _Titles())
        collector = Collector(sink, Path(folder), bad_apart=False, files=_MAX_FILES)
        importing = Importing(
            collector,
            Path(folder),
            formatter=chosen.formatter,
            options=options,
            # Nothing is stored, but what results name is found.
            keep=lambda member, _: collector.attachment(member, member),
            ends=(BrokenPipeError,),
        )
        files = [file for path in chosen.files for file in _files(path)]
        for path in files:
            collector.attachment(str(path), str(path))
        unread = sum(not _read(importing, path) for path in files)
        importing.finish()
        summary = outcome.in_words(collector.finish())
        if export is not None:
            sys.stdout.writelines(export.pieces(summary))
    phase, _ = outcome.judge(importing.verdicts, summary["counts"], options)
    if not chosen.tests and not chosen.calliope:
        json.dump(_shown(phase, summary), sys.stdout, ensure_ascii=False, indent=1)
        print()  # noqa: T201
    return 2 if unread else int(phase == Phase.FAILED)


def _files(path: Path) -> list[Path]:
    """The file itself; of a folder, all that is below it."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file())


def _read(importing: Importing, path: Path) -> bool:
    """Read a file; what cannot be read is told and leaves the others alone."""
    try:
        if path == _STDIN:
            importing.file("-", sys.stdin.buffer)
        else:
            with path.open("rb") as stream:
                importing.file(str(path), stream)
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stderr.write(f"report-import: {path}: {error.strerror or error}\n")
        return False
    return True


def _shown(phase: Phase, summary: dict[str, Any]) -> dict[str, Any]:
    """The totals, and under the same names what each file has."""
    own = {message["file"] for message in summary["messages"]} - {""}
    shown = {
        "verdict": _VERDICTS[phase],
        "tests": summary["counts"]["total"],
        "counts": summary["counts"],
        "containers": summary["container_count"],
        "attempts": summary["attempt_count"],
        "duration": summary["duration"],
        "file_count": summary["file_count"],
        "files": [_file(file) for file in summary["files"]],
    }
    of_import = [_message(message) for message in summary["messages"] if message["file"] not in own]
    return {**shown, "messages": of_import} if of_import else shown


def _file(file: dict[str, Any]) -> dict[str, Any]:
    messages = [_message(found) for found in file["messages"]]
    return {**file, "tests": file["counts"]["total"], "messages": messages}


def _message(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "file" and value is not None}


class _Titles:
    """A sink that keeps only what it takes to name duplicates."""

    def __init__(self) -> None:
        self._titles: dict[str, tuple[str, int]] = {}

    def results(self, batch: Batch) -> None:
        """See ``collect.Sink``."""
        if len(self._titles) < _MAX_TITLES:
            found = zip(batch.digests, batch.titles, batch.lines, strict=True)
            self._titles.update((digest.hex(), (title, line)) for digest, title, line in found)

    def containers(self, rows: list[ContainerRow]) -> None:
        """See ``collect.Sink``."""

    def close(self) -> None:
        """See ``collect.Sink``."""

    def titles_of(self, history_hashes: set[str]) -> dict[str, tuple[str, int]]:
        """See ``collect.Sink``."""
        return {value: self._titles[value] for value in history_hashes if value in self._titles}


class _Lines(_Titles):
    """A sink that prints each result, in the order of the columns of ``tests.parquet``."""

    def results(self, batch: Batch) -> None:
        """See ``collect.Sink``."""
        for row in rows_of(batch):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    _parser = argparse.ArgumentParser()
    add_arguments(_parser)
    with contextlib.suppress(BrokenPipeError):
        sys.exit(run(_parser.parse_args()))
