"""What this machine must have, and how to get it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
CNI_PLUGINS = ("ptp", "host-local", "loopback")


@dataclass(frozen=True)
class Program:
    """A program, what it is for, and the Debian package that has it."""

    name: str
    purpose: str
    package: str


PROGRAMS = (
    Program("containerd", "runs the pods", "containerd"),
    Program("ctr", "loads images", "containerd"),
    Program("runc", "starts containers", "runc"),
    Program("nft", "carries the rules of Services", "nftables"),
    Program("iptables", "is looked for by the kubelet", "iptables"),
    Program("conntrack", "forgets connections of Services", "conntrack"),
    Program("ip", "sets up the network", "iproute2"),
    Program("nsenter", "enters the network namespace", "util-linux"),
    Program("openssl", "makes certificates", "openssl"),
)


def cni_folder() -> Path | None:
    """The folder that has every CNI plugin we use."""
    for folder in CNI_FOLDERS:
        if all((folder / plugin).exists() for plugin in CNI_PLUGINS):
            return folder
    return None


def missing() -> list[str]:
    """One line for each thing that is missing: what, why, and what to do about it."""
    lines = []
    if os.geteuid() != 0:
        lines.append(
            "root rights: namespaces, mounts and cgroups need them. Run it as root, or use kind (make e2e-kind)"
        )
    lines += [
        f"{program.name}: {program.purpose}. apt-get install {program.package}"
        for program in PROGRAMS
        if shutil.which(program.name) is None
    ]
    if cni_folder() is None:
        names = ", ".join(CNI_PLUGINS)
        lines.append(f"CNI plugins {names}: give pods their network. apt-get install containernetworking-plugins")
    if not Path("/sys/fs/cgroup").is_dir():
        lines.append("cgroups: limit the memory of pods. Mount them at /sys/fs/cgroup")
    return lines
