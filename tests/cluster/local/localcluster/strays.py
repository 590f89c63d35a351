"""Files outside the cluster's own folders, in places that no setting of the programs can move.

Other clusters of ours, or another containerd, may use the same places at the same time. Which file is
whose: results of CNI plugins carry the id of a sandbox, log links point into a cluster's folder,
and a socket that nobody listens on is nobody's.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

from .settings import Settings

_CNI_RESULTS = Path("/var/lib/cni/results")
_LOG_LINKS = Path("/var/log/containers")
_SHIM_SOCKETS = Path("/run/containerd/s")
_KUBELET_SOCKET = Path("/var/lib/kubelet/device-plugins/kubelet.sock")
_FOLDERS = (
    *(_CNI_RESULTS, _CNI_RESULTS.parent, _LOG_LINKS, Path("/var/log/pods")),
    *(_SHIM_SOCKETS, Path("/run/containerd/runc/k8s.io"), Path("/run/containerd/runc"), Path("/run/containerd")),
    *(_KUBELET_SOCKET.parent, _KUBELET_SOCKET.parent.parent, Path("/opt/containerd")),
)
"""Innermost first."""


def sandboxes(settings: Settings) -> set[str]:
    """Ids of the pods that the cluster's containerd knows; to be asked while its folder is there."""
    folder = settings.state / "containerd" / "io.containerd.grpc.v1.cri" / "sandboxes"
    return {path.name for path in folder.glob("*")}


def of_cluster(settings: Settings, pods: set[str]) -> list[Path]:
    """Files of this cluster; those of its processes only once they have ended."""
    found = [path for path in _CNI_RESULTS.glob("*-*-*") if path.name.split("-")[-2] in pods]
    found += [path for path in _LOG_LINKS.glob("*.log") if _points_into(path, settings.state)]
    return found + [path for path in _sockets() if not _is_heard(path)]


def remove(settings: Settings, pods: set[str]) -> None:
    """Remove the cluster's files, and the folders that are empty without them."""
    for path in of_cluster(settings, pods):
        path.unlink()
    for folder in _FOLDERS:
        try:
            folder.rmdir()
        except OSError:  # it is not there, or others have something in it
            continue


def everything(others: list[Settings]) -> list[Path]:
    """Files in these places, without those of other clusters that run; folders too when none does."""
    running = set().union(*(sandboxes(other) for other in others))
    found = [path for path in _CNI_RESULTS.glob("*") if not running & set(path.name.split("-"))]
    links = _LOG_LINKS.glob("*")
    found += [path for path in links if not any(_points_into(path, other.state) for other in others)]
    found += [path for path in _sockets() if not _is_heard(path)]
    return found if others else found + [folder for folder in _FOLDERS if folder.exists()]


def _sockets() -> Iterator[Path]:
    yield from _SHIM_SOCKETS.glob("*")
    if _KUBELET_SOCKET.exists():
        yield _KUBELET_SOCKET


def _is_heard(path: Path) -> bool:
    # /proc/net/unix would only tell of our own network namespace; connecting works from any.
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _points_into(link: Path, folder: Path) -> bool:
    return link.is_symlink() and link.readlink().is_relative_to(folder)
