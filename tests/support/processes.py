"""Servers as child processes: started, waited for, and ended by their own handle."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(command: Sequence[object], log: Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen]:
    """A process with its output in a file; terminated at the end, killed when it does not listen."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(
    condition: Callable[[], object],
    *,
    seconds: float = 30,
    what: str = "",
    pause: float = 0.02,
    log: Path | None = None,
) -> object:
    """The first true value of a condition, looked at again and again until the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-3000:] if log and log.exists() else ""
            raise AssertionError(f"not within {seconds} s: {what or condition}\n{tail}")
        time.sleep(pause)
