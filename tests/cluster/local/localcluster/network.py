"""The cluster's own network namespace, and the cable that joins it to the host.

Everything that Kubernetes does to a network (addresses, routes, nft tables, forwarding) happens
inside it. The host gains one interface and two routes, and removing the namespace removes all.
"""

import subprocess

from . import mounts
from .settings import Settings


def create(settings: Settings) -> None:
    """Make the namespace and the cable. Existing ones are kept."""
    path = settings.network_namespace
    if not mounts.below(path):
        path.touch()
        _run("unshare", f"--net={path}", "true")
    if _exists(settings.interface):
        return
    inside = f"{settings.interface}n"
    _run("ip", "link", "add", settings.interface, "type", "veth", "peer", "name", inside)
    # "netns PID" is the only form that takes no name in /run/netns: a process inside holds the place.
    with subprocess.Popen(
        [*enter(settings), "sh", "-c", "echo ready; read -r _"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        if holder.stdout is not None:
            holder.stdout.readline()
        _run("ip", "link", "set", inside, "netns", str(holder.pid))
        holder.communicate("\n")
    _run("ip", "address", "add", f"{settings.host_address}/30", "dev", settings.interface)
    _run("ip", "link", "set", settings.interface, "up")
    inner = (*enter(settings), "ip")
    _run(*inner, "link", "set", "lo", "up")
    _run(*inner, "address", "add", f"{settings.node_address}/30", "dev", inside)
    _run(*inner, "link", "set", inside, "up")
    _run(*enter(settings), "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
    for destination in (settings.pod_range, settings.service_range):
        _run("ip", "route", "add", destination, "via", settings.node_address)


def enter(settings: Settings) -> tuple[str, ...]:
    """The start of a command that runs inside.

    ``ip netns exec`` would also mount a fresh /sys, without the cgroups in it.
    """
    return ("nsenter", f"--net={settings.network_namespace}", "--")


def remove(settings: Settings) -> None:
    """Remove the cable (and its routes with it) and the namespace."""
    if _exists(settings.interface):
        _run("ip", "link", "delete", settings.interface)
    mounts.unmount_below(settings.network_namespace)


def _exists(interface: str) -> bool:
    return subprocess.run(["ip", "link", "show", interface], capture_output=True, check=False).returncode == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
