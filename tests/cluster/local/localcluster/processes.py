"""Long-running programs of the cluster: started once, remembered by pid and start time."""

import json
import os
import subprocess
from pathlib import Path

from . import cgroups
from .network import enter
from .settings import ClusterError, Settings


def start(settings: Settings, name: str, *command: str) -> None:
    """Start a program inside the cluster's network, unless it runs already."""
    if running(settings, name):
        return
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            # The shell moves itself into the cgroup, then becomes the program: it keeps its pid.
            ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(cgroups.entrance(settings)), *enter(settings), *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=settings.state,
            start_new_session=True,
        )
    known = _known(settings)
    known[name] = {"pid": process.pid, "started": _start_time(process.pid)}
    new = _file(settings).with_suffix(".new")  # so that a death in the middle leaves the old one
    new.write_text(json.dumps(known, indent=1))
    new.replace(_file(settings))


def running(settings: Settings, name: str) -> bool:
    """Whether the program that we started under this name still runs (not another with its pid)."""
    entry = _known(settings).get(name)
    return entry is not None and entry["started"] == _start_time(int(entry["pid"]))


def check(settings: Settings) -> None:
    """Raise with the end of its log when a program has ended."""
    for name in _known(settings):
        if not running(settings, name):
            raise ClusterError(f"{name} has ended. The end of {settings.logs / name}.log:\n{log_end(settings, name)}")


def log_end(settings: Settings, name: str, lines: int = 15) -> str:
    """The last lines of a program's log."""
    path = settings.logs / f"{name}.log"
    if not path.exists():
        return "(no log)"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def _file(settings: Settings) -> Path:
    return settings.state / "processes.json"


def _known(settings: Settings) -> dict[str, dict[str, int | None]]:
    path = _file(settings)
    return json.loads(path.read_text()) if path.exists() else {}


def _start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of a process; None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def pid_of(settings: Settings, name: str) -> int | None:
    """The pid of a running program."""
    entry = _known(settings).get(name)
    return int(entry["pid"] or 0) if entry is not None and running(settings, name) else None


def terminate(settings: Settings, name: str, signal_number: int) -> None:
    """Send a signal to one program of ours."""
    pid = pid_of(settings, name)
    if pid is not None:
        os.kill(pid, signal_number)
