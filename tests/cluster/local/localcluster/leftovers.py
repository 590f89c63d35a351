"""What a cluster would leave behind if taking it away went wrong."""

import subprocess
from pathlib import Path

from localcluster import cgroups
from localcluster.settings import Settings

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
    return found


def machine() -> list[str]:
    """The state of the machine that a cluster changes; the same before ``up`` and after ``down``."""
    lines = [f"mount {line.split()[1]}" for line in Path("/proc/mounts").read_text().splitlines()]
    lines += _command("interface", "ip", "-oneline", "link")
    lines += _command("address", "ip", "-oneline", "address")
    lines += _command("route", "ip", "route", "show", "table", "all")
    lines += _command("namespace", "ip", "netns")
    lines += _command("table", "nft", "list", "tables")
    lines += [f"file {path}" for place in _PLACES for path in (Path(place), *Path(place).rglob("*")) if path.exists()]
    lines += [f"process {line}" for line in _processes()]
    lines += [f"setting {path} {Path(path).read_text().strip()}" for path in ("/proc/sys/net/ipv4/ip_forward",)]
    return lines


def _is_ours(settings: Settings, line: str) -> bool:
    kind, *rest = line.split()
    if kind == "interface":
        return rest[1].partition("@")[0].rstrip(":") == settings.interface
    names = (str(settings.state), str(settings.run), settings.pod_range, settings.service_range)
    return kind != "setting" and any(name in line for name in names)


def _command(kind: str, *command: str) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [f"{kind} {line.strip()}" for line in done.stdout.splitlines()]


def _processes() -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:  # it ended while we looked
            continue
        if any(word in arguments for word in ("containerd", "kube", "etcd", "/pause", "runc", "coredns")):
            found.append(arguments)
    return found
