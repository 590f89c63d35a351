"""What a cluster would leave behind if taking it away went wrong."""

import subprocess
from pathlib import Path

from . import cgroups, strays
from .settings import Settings


def of_cluster(settings: Settings) -> list[str]:
    """Everything that carries the name of this cluster: one line each, empty when it is gone."""
    found = [f"folder {path}" for path in (settings.state, settings.run) if path.exists()]
    found += [f"cgroup {folder}" for folder in cgroups.folders(settings) if folder.exists()]
    found += [f"process {pid}" for pid in cgroups.processes(settings)]
    found += [f"file {path}" for path in strays.of_cluster(settings, set())]
    return found + [line for line in machine() if _is_ours(settings, line)]


def machine() -> list[str]:
    """The state of the machine that a cluster changes; the same before ``up`` and after ``down``.

    What belongs to other clusters of ours is left out, so that one may run meanwhile.
    """
    others = _running()
    lines = [f"mount {line.split()[1]}" for line in Path("/proc/mounts").read_text().splitlines()]
    lines += _command("interface", "ip", "-oneline", "link")
    lines += _command("address", "ip", "-oneline", "-4", "address")
    lines += _command("route", "ip", "-4", "route", "show", "table", "all")
    lines += _command("namespace", "ip", "netns")
    lines += _command("table", "nft", "list", "tables")
    lines += [f"cgroup {path}" for path in cgroups.of_any_cluster()]
    lines += [f"file {path}" for path in strays.everything(others)]
    lines += [f"process {line}" for line in _processes()]
    lines += [f"setting {path} {Path(path).read_text().strip()}" for path in ("/proc/sys/net/ipv4/ip_forward",)]
    marks = [mark for other in others for mark in _marks(other)]
    return [line for line in lines if not any(mark in f"{line} " for mark in marks)]


def _running() -> list[Settings]:
    cache = Settings.from_environment().cache
    numbers = (path.name.removeprefix("report-import-") for path in Path("/run").glob("report-import-*"))
    return [Settings(int(number), cache) for number in numbers if number.isdigit()]


def _marks(settings: Settings) -> list[str]:
    """Texts that tell that a line is about this cluster. Lines are looked at with a blank at their end."""
    addresses = [f"10.{second}.{settings.number}." for second in (77, 78, 79)]
    names = [f" {settings.interface}@", f" {settings.interface} ", f"/{settings.name}/", f"/{settings.name} "]
    return [*addresses, *names, f"{settings.state}/"]


def _is_ours(settings: Settings, line: str) -> bool:
    return any(mark in f"{line} " for mark in _marks(settings))


def _command(kind: str, *command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [f"{kind} {line.strip()}" for line in done.stdout.splitlines()]


def _processes() -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # Those in a cluster's cgroup are told apart there.
            if "/report-import-" in (folder / "cgroup").read_text():
                continue
            arguments = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it ended while we looked
            continue
        if any(word in arguments for word in ("containerd", "kube ", "/pause", "runc ")):
            found.append(arguments)
    return found
