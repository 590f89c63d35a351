"""Attempts as subprocesses: the standalone answer to Kubernetes Jobs.

Each processor runs in its own process group, so that all of it can be stopped. It tells its status
as JSON lines through a pipe; when this process dies, the pipe breaks and the processor ends too. Its
memory is watched rather than limited: a limit on address space would stop an allocator that reserves
far more than it uses.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from report_contract.names import FIELD_MANAGER_PROCESSOR
from report_contract.phases import ExitCode
from report_contract.resource import ReportImport
from report_operator.lastwords import last_words
from report_operator.observed import End, JobObservation
from report_operator.ports import JobPlan
from report_standalone.memory import resident_bytes
from report_stores.errors import StoreError
from report_stores.imports import ImportStore

log = logging.getLogger(__name__)

GRACE_SECONDS: Final = 10.0
"""From SIGTERM to SIGKILL."""
_TAIL_BYTES: Final = 4096
"""Of a processor's output: more than its last line has."""
_MAX_LINE: Final = 1 << 20


@dataclass(slots=True)
class _Attempt:
    plan: JobPlan
    process: subprocess.Popen[bytes]
    created_at: datetime
    output: Path
    out_of_memory: bool = False
    stopping_since: datetime | None = None
    ended_at: datetime | None = None
    ended: threading.Event = field(default_factory=threading.Event)


class SubprocessJobs:
    """Implements the operator's ``Jobs``. ``on_change`` is called with a report id when a process ends."""

    def __init__(
        self,
        imports: ImportStore,
        environment: Mapping[str, str],
        folder: Path,
        *,
        on_change: Callable[[int], None] = lambda _: None,
        command: tuple[str, ...] = (sys.executable, "-m", "report_processor.main"),
    ) -> None:
        self._imports = imports
        self._environment = dict(environment)
        self._folder = folder
        self._on_change = on_change
        self._command = command
        self._lock = threading.Lock()
        self._attempts: dict[str, _Attempt] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def start(self, resource: ReportImport, plan: JobPlan, so_far: Mapping[str, Any]) -> None:
        """See ``Jobs``."""
        with self._lock:
            if plan.name in self._attempts:
                return
            told, tell = os.pipe()
            output = self._folder / f"{plan.name}.log"
            try:
                with output.open("wb") as sink:
                    process = subprocess.Popen(  # noqa: S603  # our own command
                        self._command,
                        env=self._environment
                        | {
                            "REPORT_IMPORT_REPORT_ID": str(resource.report_id),
                            "REPORT_IMPORT_SO_FAR": json.dumps(dict(so_far)),
                            "REPORT_IMPORT_TELL": f"fd:{tell}",
                        },
                        stdin=subprocess.DEVNULL,
                        stdout=sink,
                        stderr=subprocess.STDOUT,
                        pass_fds=[tell],
                        process_group=0,
                    )
            except OSError:
                os.close(told)
                raise
            finally:
                os.close(tell)
            attempt = _Attempt(plan, process, datetime.now(UTC), output)
            self._attempts[plan.name] = attempt
        threading.Thread(target=self._listen, args=(plan.report_id, os.fdopen(told, "rb")), daemon=True).start()
        threading.Thread(target=self._wait, args=(attempt,), daemon=True).start()

    def observe(self, report_id: int) -> tuple[JobObservation, ...]:
        """See ``Jobs``."""
        with self._lock:
            attempts = [attempt for attempt in self._attempts.values() if attempt.plan.report_id == report_id]
        return tuple(self._observation(attempt) for attempt in sorted(attempts, key=lambda each: each.plan.attempt))

    def stop(self, report_id: int, name: str) -> None:  # noqa: ARG002  # the port is written for Kubernetes
        """See ``Jobs``."""
        with self._lock:
            attempt = self._attempts.get(name)
            if attempt is None or attempt.stopping_since is not None:
                return
            attempt.stopping_since = datetime.now(UTC)
            if attempt.ended.is_set():
                self._forget(attempt)
                return
            _signal_group(attempt, signal.SIGTERM)
        killer = threading.Timer(GRACE_SECONDS, self._kill, (attempt,))
        killer.daemon = True
        killer.start()

    def live(self) -> frozenset[int]:
        """See ``Jobs``."""
        with self._lock:
            return frozenset(each.plan.report_id for each in self._attempts.values() if not each.ended.is_set())

    def import_gone(self, report_id: int) -> None:
        """The import was deleted, and with it go its attempts, as Kubernetes collects the Jobs of a resource."""
        for observation in self.observe(report_id):
            self.stop(report_id, observation.name)

    def watch_memory(self) -> None:
        """End every attempt that uses more memory than its plan allows. Called every few seconds."""
        with self._lock:
            running = [attempt for attempt in self._attempts.values() if not attempt.ended.is_set()]
        for attempt in running:
            used = resident_bytes(attempt.process.pid)
            if used > attempt.plan.memory_bytes > 0:
                attempt.out_of_memory = True
                self._kill(attempt)

    def close(self) -> None:
        """Stop every attempt at once. What was not finished is started again by the next run."""
        with self._lock:
            running = [attempt for attempt in self._attempts.values() if not attempt.ended.is_set()]
        for attempt in running:
            self._kill(attempt)
        for attempt in running:
            attempt.ended.wait(GRACE_SECONDS)

    def _kill(self, attempt: _Attempt) -> None:
        with self._lock:
            _signal_group(attempt, signal.SIGKILL)

    def _listen(self, report_id: int, told: IO[bytes]) -> None:
        with told:
            while line := told.readline(_MAX_LINE):
                try:
                    self._imports.apply_status(report_id, json.loads(line)["status"], manager=FIELD_MANAGER_PROCESSOR)
                except (StoreError, ValueError, KeyError) as error:
                    # Closing the pipe tells the processor that nobody listens: its import is gone or has ended.
                    log.info("report-%s: its processor is no longer listened to: %s", report_id, error)
                    return

    def _wait(self, attempt: _Attempt) -> None:
        # Wait without reaping: as long as the first process is not reaped, its number cannot be given to another
        # one, and the group can be ended safely. A child that it left behind must not outlive it.
        os.waitid(os.P_PID, attempt.process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            _signal_group(attempt, signal.SIGKILL)
            attempt.process.wait()
            attempt.ended_at = datetime.now(UTC)
            attempt.ended.set()
            if attempt.stopping_since is not None:
                self._forget(attempt)
        self._on_change(attempt.plan.report_id)

    def _forget(self, attempt: _Attempt) -> None:
        self._attempts.pop(attempt.plan.name, None)
        attempt.output.unlink(missing_ok=True)

    def _observation(self, attempt: _Attempt) -> JobObservation:
        ended = attempt.ended.is_set()
        return JobObservation(
            name=attempt.plan.name,
            attempt=attempt.plan.attempt,
            created_at=attempt.created_at,
            counted=attempt.plan.counted,
            memory_bytes=attempt.plan.memory_bytes,
            previous_reason=attempt.plan.previous_reason,
            started_at=attempt.created_at,
            ended_at=attempt.ended_at,
            end=_end(attempt) if ended else None,
            exit_code=attempt.process.returncode if ended else None,
            detail=last_words(_tail(attempt.output)) if ended else "",
            alive=not ended,
            stopping_since=attempt.stopping_since,
        )


def _end(attempt: _Attempt) -> End:
    if attempt.out_of_memory:
        return End.OUT_OF_MEMORY
    match attempt.process.returncode:
        case ExitCode.DONE:
            return End.DONE
        case ExitCode.BAD_INPUT:
            return End.BAD_INPUT
        case _:
            return End.CRASHED


def _signal_group(attempt: _Attempt, number: signal.Signals) -> None:
    """Signal a group that is not reaped yet, under the lock."""
    if not attempt.ended.is_set():
        os.killpg(attempt.process.pid, number)


def _tail(output: Path) -> str:
    try:
        with output.open("rb") as file:
            file.seek(max(0, output.stat().st_size - _TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
