"""What a cluster would leave behind if taking it away went wrong."""

import subprocess
from pathlib import Path

from . import cgroups
from .settings import Settings

_PLACES = (
    "/var/lib/kubelet",
    "/var/lib/cni",
    "/var/log/containers",
    "/var/log/pods",
    "/run/containerd",
    "/opt/containerd",
    "/etc/cni",
)


def of_cluster(settings: Settings) -> list[str]:
    """Everything that carries the name of this cluster: one line each, empty when it is gone."""
    found = [f"folder {path}" for path in (settings.state, settings.run) if path.exists()]
    found += [f"cgroup {folder}" for folder in cgroups.folders(settings) if folder.exists()]
    found += [line for line in machine() if _is_ours(settings, line)]
    return found + [f"process {pid}" for pid in cgroups.processes(settings)]


def machine() -> list[str]:
    """The state of the machine that a cluster changes; the same before ``up`` and after ``down``.

    What belongs to other clusters of ours is left out, so that one may run meanwhile.
    """
    lines = [f"mount {line.split()[1]}" for line in Path("/proc/mounts").read_text().splitlines()]
    lines += _command("interface", "ip", "-oneline", "link")
    lines += _command("address", "ip", "-oneline", "-4", "address")
    lines += _command("route", "ip", "-4", "route", "show", "table", "all")
    lines += _command("namespace", "ip", "netns")
    lines += _command("table", "nft", "list", "tables")
    lines += [f"file {path}" for place in _PLACES for path in (Path(place), *Path(place).rglob("*")) if path.exists()]
    lines += [f"process {line}" for line in _processes()]
    lines += [f"setting {path} {Path(path).read_text().strip()}" for path in ("/proc/sys/net/ipv4/ip_forward",)]
    return [line for line in lines if not any(mark in line for mark in _marks_of_others())]


def _marks_of_others() -> list[str]:
    """Texts that tell that a line is about a cluster which is up."""
    marks = []
    for run in Path("/run").glob("report-import-*"):
        number = run.name.removeprefix("report-import-")
        marks += [
            str(run),
            f"/cluster-{number}/",
            f"ri{number}@",
            f"ri{number} ",
            f"10.77.{number}.",
            f"10.78.{number}.",
        ]
        marks += [f"10.79.{number}.", f"/results/{run.name}-"]
    if marks:
        # Shims of all clusters share these folders, under names that tell nothing.
        marks += ["/run/containerd", "/var/lib/cni", "/var/log/containers"]
    return marks


def _is_ours(settings: Settings, line: str) -> bool:
    names = (str(settings.state), str(settings.run), settings.pod_range, settings.service_range)
    return f" {settings.interface}@" in line or any(name in line for name in names)


def _command(kind: str, *command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [f"{kind} {line.strip()}" for line in done.stdout.splitlines()]


def _processes() -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if "/report-import-" in (folder / "cgroup").read_text():
                continue
            arguments = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it ended while we looked
            continue
        if any(word in arguments for word in ("containerd", "kube ", "/pause", "runc ")):
            found.append(arguments)
    return found
