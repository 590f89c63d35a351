"""Tells progress and the final status to whoever watches, in a thread of its own.

Telling never breaks an import. Progress that cannot be told is told later; the final status is in
``status.json``, from where the operator adopts it. Only one thing that is told back matters: that
the import is gone or has ended, for then there is nothing left to work for.
"""

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from report_contract.names import FIELD_MANAGER_PROCESSOR
from report_contract.resource import Progress
from report_stores.errors import ImportMissing, PhaseIsFinal, StoreError

_FINAL_PATIENCE: Final = 20.0
"""Seconds to try to tell the final status. Longer would keep the Pod for what the operator can do."""

log = logging.getLogger(__name__)


class Nobody(Exception):  # noqa: N818
    """The import is gone or has ended: nobody waits for this work any more."""


class Sink(Protocol):
    """Who is told."""

    def send(self, status: dict[str, Any]) -> None:
        """Tell the status fields of the processor. Raises ``StoreError``."""
        ...


class NoSink:
    """Nobody is told."""

    def send(self, status: dict[str, Any]) -> None:
        """See ``Sink``."""


class LinesSink:
    """A file descriptor that takes one JSON object a line: ``{"status": {...}}``."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: Final = descriptor

    def send(self, status: dict[str, Any]) -> None:
        """See ``Sink``."""
        data = json.dumps({"status": status}, separators=(",", ":")).encode() + b"\n"
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BrokenPipeError:
                raise ImportMissing("nobody reads the progress any more") from None


class StoreSink:
    """The resource's status."""

    def __init__(self, apply: Callable[..., None], report_id: int) -> None:
        """``apply`` is ``ImportStore.apply_status``."""
        self._apply: Final = apply
        self._report_id: Final = report_id

    def send(self, status: dict[str, Any]) -> None:
        """See ``Sink``."""
        self._apply(self._report_id, status, manager=FIELD_MANAGER_PROCESSOR)


class Teller:
    """Keeps the numbers and tells them: at once when it starts, then as they change, else as a heartbeat."""

    def __init__(self, sink: Sink, *, progress_seconds: float = 1.0, heartbeat_seconds: float = 10.0) -> None:
        self._sink: Final = sink
        self._progress_seconds: Final = progress_seconds
        self._heartbeat_seconds: Final = heartbeat_seconds
        self._thread: Final = threading.Thread(target=self._run, name="teller", daemon=True)
        self._wake: Final = threading.Event()
        self._stopped = False
        self._gone = ""
        self.files_total = 0
        self.files_done = 0
        self.bytes_total = 0
        self.bytes_done = 0
        self.tests = 0
        self.failed = 0

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def check(self) -> None:
        """Raise ``Nobody`` when there is nobody left to work for."""
        if self._gone:
            raise Nobody(self._gone)

    def read(self, size: int) -> None:
        """Count bytes that were read."""
        self.bytes_done += size

    def counted(self, tests: int, failed: int) -> None:
        """Set the counts so far."""
        self.tests, self.failed = tests, failed

    def progress(self) -> Progress:
        """The numbers now."""
        percent = 100 * self.bytes_done // self.bytes_total if self.bytes_total else 0
        return Progress(
            percent=min(100, percent),
            files_total=self.files_total,
            files_done=self.files_done,
            bytes_total=self.bytes_total,
            bytes_done=self.bytes_done,
            tests=self.tests,
            failed=self.failed,
            heartbeat_at=datetime.now(UTC),
        )

    def stop(self) -> None:
        """Tell no more progress."""
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def finish(self, status: dict[str, Any]) -> bool:
        """Tell the final status, for a while; whether it was told. Raises ``Nobody``."""
        self.stop()
        deadline = time.monotonic() + _FINAL_PATIENCE
        pause = 0.2
        while True:
            try:
                self._sink.send(status)
            except (ImportMissing, PhaseIsFinal) as error:
                raise Nobody(str(error)) from error
            except StoreError as error:
                if time.monotonic() + pause > deadline:
                    log.warning("The final status could not be told, it is in status.json: %s", error)
                    return False
                time.sleep(pause)
                pause *= 2
            else:
                return True

    def _run(self) -> None:
        told: tuple[int, ...] = ()
        last = 0.0
        pause = self._progress_seconds
        while not self._stopped:
            numbers = (self.files_done, self.bytes_done, self.tests, self.failed, self.bytes_total)
            now = time.monotonic()
            if numbers != told or now - last >= self._heartbeat_seconds:
                try:
                    progress = self.progress().model_dump(mode="json", by_alias=True)
                    self._sink.send({"progress": progress})
                    told, last, pause = numbers, now, self._progress_seconds
                except (ImportMissing, PhaseIsFinal) as error:
                    self._gone = str(error) or type(error).__name__
                    return
                except StoreError as error:
                    log.warning("Progress could not be told: %s", error)
                    pause = min(pause * 2, self._heartbeat_seconds)
            self._wake.wait(pause)
