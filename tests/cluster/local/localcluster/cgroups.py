"""The cluster's own cgroup: the root of its pods, and the list of every process it started.

Processes that containerd starts (shims) outlive it and have no parent that would know them. A
process cannot leave its cgroup by being orphaned, so the cgroup is what tells which are ours.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from .settings import ClusterError, Settings

_NEEDED = {"cpu", "cpuacct", "cpuset", "memory", "pids"}
_SYSTEM = "system"


def _mounts() -> Iterator[tuple[Path, str, set[str]]]:
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind in {"cgroup", "cgroup2"}:
            yield Path(place), kind, set(options.split(","))


def _hierarchies() -> list[Path]:
    """Mount points of version 1, or the only one of version 2.

    Among those of version 1 is systemd's, without a controller: the kubelet wants its place there too.
    """
    first = [place for place, kind, _ in _mounts() if kind == "cgroup"]
    return first or _all()


def _all() -> list[Path]:
    """All mount points. Where version 1 is in use, runc makes folders in version 2 all the same."""
    return [place for place, _, _ in _mounts()]


def _tracking() -> Path:
    """The hierarchy in which every process of the cluster can be found.

    Only this one is joined by the host's processes: in the others they stay where the caller was,
    so that limits of the caller hold for them.
    """
    hierarchies = _hierarchies()
    return next((place for place in hierarchies if place.name == "pids"), hierarchies[0])


def create(settings: Settings) -> None:
    """Make the cgroup in every hierarchy. Making it twice is the same as once."""
    hierarchies = _hierarchies()
    if not hierarchies:
        raise ClusterError("no cgroup hierarchy is mounted under /sys/fs/cgroup")
    for place in hierarchies:
        if (place / "cgroup.controllers").exists():
            _delegate(place)
        folder = place / settings.name
        folder.mkdir(exist_ok=True)
        if (folder / "cgroup.subtree_control").exists():
            _delegate(folder)
        for name in ("cpuset.cpus", "cpuset.mems"):
            # Version 1 gives a new cpuset nothing, and processes cannot join a cpuset without CPUs.
            if (folder / name).exists() and not (folder / "cgroup.controllers").exists():
                (folder / name).write_text((place / name).read_text())
    (_tracking() / settings.name / _SYSTEM).mkdir(exist_ok=True)


def _delegate(folder: Path) -> None:
    available = set((folder / "cgroup.controllers").read_text().split())
    wanted = " ".join(f"+{name}" for name in sorted(available & _NEEDED))
    try:
        (folder / "cgroup.subtree_control").write_text(wanted)
    except OSError as error:
        raise ClusterError(
            f"cannot enable the controllers {wanted} in {folder}: {error.strerror}. "
            "Inside a container, move its processes out of the root cgroup first."
        ) from error


def folders(settings: Settings) -> list[Path]:
    """The cgroup's folder in every hierarchy, whether it exists or not."""
    return [place / settings.name for place in _all()]


def of_any_cluster() -> list[Path]:
    """Folders of all clusters of ours."""
    return [folder for place in _all() for folder in place.glob("report-import-*")]


def entrance(settings: Settings) -> Path:
    """The file that takes the pid of a process which is to join, with all that it will start."""
    return _tracking() / settings.name / _SYSTEM / "cgroup.procs"


def processes(settings: Settings) -> set[int]:
    """Every process of the cluster, those in pods included."""
    found: set[int] = set()
    for path in (_tracking() / settings.name).rglob("cgroup.procs"):
        try:
            found |= {int(line) for line in path.read_text().split()}
        except OSError:  # the folder went away while we looked
            continue
    return found


def end_processes(settings: Settings, seconds: float = 20) -> None:
    """Kill all of them, and wait until they are gone."""
    deadline = time.monotonic() + seconds
    while remaining := processes(settings):
        for pid in remaining:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if time.monotonic() > deadline:
            raise ClusterError(f"processes do not end: {sorted(remaining)}")
        time.sleep(0.05)


def remove(settings: Settings, seconds: float = 10) -> None:
    """Remove the cgroup everywhere, innermost folders first."""
    for folder in folders(settings):
        deadline = time.monotonic() + seconds
        while folder.exists():
            for child in sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True):
                _remove(child)
            _remove(folder)
            if folder.exists():
                if time.monotonic() > deadline:
                    raise ClusterError(f"{folder} cannot be removed: something still runs in it")
                time.sleep(0.05)


def _remove(folder: Path) -> None:
    if not folder.is_dir():
        return
    try:
        folder.rmdir()
    except OSError:  # the kernel lets go of a cgroup a moment after its last process
        return
