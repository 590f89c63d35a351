"""The parsing process's end of ``writer``: looks like a ``Collector`` and sends everything over."""

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from report_processor.events import Event
from report_processor.writer import read_frame, write_frame

_PIPE_BYTES: Final = 1 << 20
_HEAP: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
}
"""Give memory back soon: Arrow's own pools and glibc's arenas keep 20 MB more. (Lower thresholds of
malloc keep 1 MB less, and cost 0.3 seconds in page faults.)"""


class WriterDied(Exception):  # noqa: N818
    """The writer process ended before its work was done. ``returncode`` as of ``subprocess``."""

    def __init__(self, returncode: int) -> None:
        super().__init__(f"the writer process ended with {returncode}")
        self.returncode: Final = returncode


class Writer:
    """The writer process. It needs a while to import Arrow, so start it before anything else."""

    def __init__(self) -> None:
        self.process: Final = subprocess.Popen(
            [sys.executable, "-m", "report_processor.writer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**_HEAP, **os.environ},
        )
        assert self.process.stdin is not None  # noqa: S101
        assert self.process.stdout is not None  # noqa: S101
        self.requests: Final = self.process.stdin
        self._answers: Final = self.process.stdout
        with contextlib.suppress(OSError):  # the limit of this user may be lower
            fcntl.fcntl(self.requests, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

        self._listener: threading.Thread | None = None

    def listen(self, heard: Callable[[tuple[Any, ...]], None]) -> None:
        """Call ``heard`` with each answer, from another thread, and with ``("ended",)`` behind the last."""

        def run() -> None:
            while (frame := read_frame(self._answers)) is not None:
                heard(frame)
            heard(("ended",))

        self._listener = threading.Thread(target=run, name="writer-answers", daemon=True)
        self._listener.start()

    def close(self) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._listener is not None:
            self._listener.join()
        self._answers.close()
        with contextlib.suppress(OSError):
            self.requests.close()


class RemoteCollector:
    """A ``Collector`` in the writer process."""

    def __init__(self, writer: Writer, folder: Path, counted: Callable[[int, int], None]) -> None:
        """The tables are written into ``folder``.

        ``counted`` is told, from another thread, how many results there are and how many failed.
        """
        self._writer: Final = writer
        self._counted: Final = counted
        self._summary: dict[str, Any] | None = None
        self._done: Final = threading.Event()
        writer.listen(self._heard)
        self._send("begin", str(folder))

    def begin_file(
        self, path: str, format_key: str, evidence: str, merge: bool = False, rows_alike: bool = False
    ) -> None:
        """See ``Collector``."""
        self._send("begin_file", path, format_key, evidence, merge, rows_alike)

    def end_file(self, verdict: str, warn_empty: bool = True) -> None:
        """See ``Collector``."""
        self._send("end_file", verdict, warn_empty)

    def attachment(self, name: str, key: str) -> None:
        """See ``Collector``."""
        self._send("attachment", name, key)

    def note(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        """See ``Collector``."""
        self._send("note", code, text, line, column)

    def note_import(self, code: str, text: str) -> None:
        """See ``Collector``."""
        self._send("note_import", code, text)

    def feed(self, events: list[Event]) -> None:
        """See ``Collector``."""
        self._send("feed", events)

    def finish(self) -> dict[str, Any]:
        """See ``Collector``. The tables are complete when this returns."""
        self._send("finish")
        self._done.wait()  # not for the end of the process, which takes a while to leave Arrow
        if self._summary is None:
            raise WriterDied(self._writer.process.wait())
        return self._summary

    def _send(self, *frame: Any) -> None:
        try:
            write_frame(self._writer.requests, *frame)
            if frame[0] in {"feed", "finish"}:
                self._writer.requests.flush()
        except BrokenPipeError:
            raise WriterDied(self._writer.process.wait()) from None

    def _heard(self, frame: tuple[Any, ...]) -> None:
        if frame[0] == "counted":
            self._counted(frame[1], frame[2])
            return
        if frame[0] == "finished":
            self._summary = frame[1]
        self._done.set()
