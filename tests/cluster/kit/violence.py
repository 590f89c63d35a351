"""End a container's process the hard way."""

import os
import signal
from pathlib import Path

from cluster.kit.kubectl import Kubectl


def process_of(pod: dict, module: str) -> int | None:
    """The pid of a pod's Python module on this machine; None when its node is another machine.

    The kubelet puts the pod's uid into the path of its cgroup.
    """
    uid = pod["metadata"]["uid"]
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if uid in (folder / "cgroup").read_text() and module in (folder / "cmdline").read_text():
                return int(folder.name)
        except OSError:  # it ended while we looked
            continue
    return None


def sigkill(pod: dict, module: str) -> bool:
    """Send SIGKILL to the container's process, when it is on this machine."""
    pid = process_of(pod, module)
    if pid is None:
        return False
    os.kill(pid, signal.SIGKILL)
    return True


def delete_at_once(kubectl: Kubectl, pod: dict) -> None:
    """Delete the pod without time to end: what a lost node looks like."""
    kubectl.run("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")
