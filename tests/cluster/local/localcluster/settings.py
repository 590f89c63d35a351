"""Where a cluster keeps things and which addresses it uses: all from one number."""

import os
from dataclasses import dataclass
from pathlib import Path

KUBERNETES_VERSION = "1.34.2"


class ClusterError(Exception):
    """Something a person has to do or to know; the text is meant to be printed as it is."""


@dataclass(frozen=True)
class Settings:
    """One cluster. Two clusters of different numbers can run side by side."""

    number: int
    cache: Path

    @classmethod
    def from_environment(cls) -> "Settings":
        """``REPORT_IMPORT_CLUSTER`` (0 to 200, default 0) and ``REPORT_IMPORT_CACHE``."""
        text = os.environ.get("REPORT_IMPORT_CLUSTER", "0")
        if not text.isdigit() or int(text) > 200:
            raise ClusterError(f"REPORT_IMPORT_CLUSTER must be a number from 0 to 200, not {text!r}")
        cache = os.environ.get("REPORT_IMPORT_CACHE") or Path.home() / ".cache" / "report-import"
        return cls(int(text), Path(cache).absolute())

    @property
    def name(self) -> str:
        """Name of the cluster, of its cgroup and of its network interface."""
        return f"report-import-{self.number}"

    @property
    def binaries(self) -> Path:
        return self.cache / "bin"

    @property
    def state(self) -> Path:
        """Everything that may be large or is read by people: data, logs, certificates."""
        return self.cache / f"cluster-{self.number}"

    @property
    def run(self) -> Path:
        """Sockets and namespaces. Socket paths must be short (108 bytes)."""
        return Path("/run") / self.name

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def containerd_socket(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def network_namespace(self) -> Path:
        return self.run / "netns"

    @property
    def interface(self) -> str:
        """The host's end of the cable into the cluster's network namespace (15 characters at most)."""
        return f"ri{self.number}"

    @property
    def host_address(self) -> str:
        return f"10.77.{self.number}.1"

    @property
    def node_address(self) -> str:
        return f"10.77.{self.number}.2"

    @property
    def pod_range(self) -> str:
        return f"10.78.{self.number}.0/24"

    @property
    def service_range(self) -> str:
        return f"10.79.{self.number}.0/24"

    @property
    def first_service(self) -> str:
        """The address of ``kubernetes.default.svc``."""
        return f"10.79.{self.number}.1"

    @property
    def server(self) -> str:
        return f"https://{self.node_address}:6443"


NODE_NAME = "node1"
PAUSE_IMAGE = "report-import.test/pause:1"
"""No registry has this name, so a pull of it can only fail at once."""
