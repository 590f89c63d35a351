"""How much memory a process and its children use, from ``/proc`` (Linux)."""

from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")


def resident_bytes(pid: int) -> int:
    """Resident memory of a process and all its descendants, in bytes; 0 when it is gone, or where there
    is no ``/proc``.
    """
    total = 0
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        try:
            status = (_PROC / str(current) / "status").read_text()
            # A child belongs to the thread that started it.
            children = " ".join(path.read_text() for path in (_PROC / str(current) / "task").glob("*/children"))
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += _kilobytes(status) * 1024
        waiting += [int(child) for child in children.split()]
    return total


def _kilobytes(status: str) -> int:
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
