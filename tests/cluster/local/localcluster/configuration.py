"""The configuration files of the parts."""

import base64
import json
from pathlib import Path
from typing import Any

from .requirements import cni_folder
from .settings import NODE_NAME, PAUSE_IMAGE, Settings

KUBECONFIGS = ("admin", "controller-manager", "scheduler", "kubelet", "proxy")


def write(settings: Settings) -> None:
    """Write every file that a part reads at its start."""
    folder = settings.state / "etc"
    (folder / "cni").mkdir(parents=True, exist_ok=True)
    for name in KUBECONFIGS:
        _json(folder / f"{name}.kubeconfig", _kubeconfig(settings, name))
    _json(settings.kubeconfig, _kubeconfig(settings, "admin"))
    settings.kubeconfig.chmod(0o600)
    _text(folder / "containerd.toml", _containerd(settings))
    _json(folder / "cni" / "10-pods.conflist", _pod_network(settings))
    _json(folder / "kubelet.yaml", _kubelet(settings))
    _json(folder / "proxy.yaml", _proxy(settings))
    _text(folder / "Corefile", _corefile(settings))
    # Pods ask the cluster's DNS only: names outside it do not exist for them.
    _text(folder / "resolv.conf", "")


def _json(path: Path, value: Any) -> None:
    _text(path, json.dumps(value, indent=1))  # JSON is YAML


def _text(path: Path, text: str) -> None:
    # kube-proxy ends when its file is written, even with the same content.
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _kubeconfig(settings: Settings, name: str) -> dict[str, Any]:
    pki = settings.state / "pki"

    def data(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    cluster = {"server": settings.server, "certificate-authority-data": data("ca.crt")}
    user = {"client-certificate-data": data(f"{name}.crt"), "client-key-data": data(f"{name}.key")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": settings.name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": settings.name, "context": {"cluster": settings.name, "user": name}}],
        "current-context": settings.name,
    }


def _containerd(settings: Settings) -> str:
    # Overlays cannot lie on an overlay, which is what the disk of a container is.
    snapshotter = "native" if _file_system(settings.state) == "overlay" else "overlayfs"
    return f"""\
version = 2
root = "{settings.state}/containerd"
state = "{settings.run}/containerd"

[grpc]
address = "{settings.containerd_socket}"

[plugins."io.containerd.internal.v1.opt"]
path = "{settings.state}/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE_IMAGE}"
# Without CAP_SYS_RESOURCE a score below our own is refused, and no sandbox starts.
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true
stream_server_address = "127.0.0.1"

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "{snapshotter}"
default_runtime_name = "runc"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
Root = "{settings.run}/runc"

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{cni_folder()}"
conf_dir = "{settings.state}/etc/cni"
"""


def _file_system(path: Path) -> str:
    place, kind = "", ""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, name, *_ = line.split()
        if len(mount) >= len(place) and path.is_relative_to(mount):
            place, kind = mount, name
    return kind


def _pod_network(settings: Settings) -> dict[str, Any]:
    # "ptp" routes between pods. On a bridge, an answer within it would pass by the rules of Services
    # unless the kernel has br_netfilter.
    addresses = {
        "type": "host-local",
        "dataDir": str(settings.state / "cni"),
        "ranges": [[{"subnet": settings.pod_range}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    return {"cniVersion": "0.4.0", "name": settings.name, "plugins": [{"type": "ptp", "ipam": addresses}]}


def _kubelet(settings: Settings) -> dict[str, Any]:
    pki = settings.state / "pki"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": settings.node_address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki / "kubelet.crt"),
        "tlsPrivateKeyFile": str(pki / "kubelet.key"),
        "containerRuntimeEndpoint": f"unix://{settings.containerd_socket}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{settings.name}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,
        "clusterDNS": [settings.node_address],
        "clusterDomain": "cluster.local",
        "resolvConf": str(settings.state / "etc" / "resolv.conf"),
        "podLogsDir": str(settings.state / "pod-logs"),
        "healthzBindAddress": "127.0.0.1",
        # The disk is the machine's own: how full it is says nothing about the cluster.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "runtimeRequestTimeout": "2m",
    }


def _proxy(settings: Settings) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(settings.state / "etc" / "proxy.kubeconfig")},
        "clusterCIDR": settings.pod_range,
        "hostnameOverride": NODE_NAME,
        "nodePortAddresses": ["primary"],
        # These limits are the machine's, and cannot be set from a network namespace.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    }


def _corefile(settings: Settings) -> str:
    return f"""\
.:53 {{
    bind {settings.node_address}
    errors
    health 127.0.0.1:8080
    ready 127.0.0.1:8181
    cache 5 {{
        denial 0
    }}
    kubernetes cluster.local {{
        kubeconfig {settings.state}/etc/admin.kubeconfig
        pods insecure
        ttl 5
    }}
}}
"""
