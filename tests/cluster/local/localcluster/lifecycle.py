"""Bring the cluster up, and take it away."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable

from . import certificates, cgroups, configuration, images, mounts, network, processes, requirements, strays, tools
from .settings import NODE_NAME, PAUSE_IMAGE, ClusterError, Settings

PARTS = ("containerd", "etcd", "apiserver", "controller-manager", "scheduler", "kubelet", "proxy", "coredns")


def up(settings: Settings) -> None:
    """Start what does not run yet, and return when pods can be run.

    Of a cluster that was cut off (its machine was restarted, one of its programs was killed) nothing is kept.
    """
    if lines := requirements.missing():
        raise ClusterError("\n  ".join(["The local cluster cannot run here. Missing:", *lines]))
    if settings.state.exists() and missing(settings):
        print("A cluster was here and did not end well. It is taken away first.", flush=True)
        down(settings)
    tools.build(settings, ("kube", "pause"))
    settings.state.mkdir(parents=True, exist_ok=True)
    settings.run.mkdir(exist_ok=True, mode=0o700)
    cgroups.create(settings)
    network.create(settings)
    certificates.create(settings)
    configuration.write(settings)

    _start_containerd(settings)
    _start_control_plane(settings)
    _wait(settings, "the API server", lambda: kubectl(settings, "get", "--raw", "/readyz") is not None)
    _start_node(settings)
    _wait(settings, "the node", lambda: _node_is_ready(settings))
    _wait(settings, "DNS", lambda: _answers_inside(settings, "http://127.0.0.1:8181/ready"))
    _wait(
        settings,
        "the default service account",
        lambda: kubectl(settings, "--namespace", "default", "get", "serviceaccount", "default") is not None,
    )
    processes.check(settings)


def missing(settings: Settings) -> list[str]:
    """Programs of the cluster that do not run; none when it is up."""
    return [part for part in PARTS if not processes.running(settings, part)]


def down(settings: Settings) -> None:
    """End every process and remove every trace outside the cache of binaries."""
    if os.geteuid() != 0:
        raise ClusterError("taking the cluster away needs root rights, as bringing it up did")
    pods = strays.sandboxes(settings)
    # The kubelet first, so that it does not start anew what ends.
    for part in reversed(PARTS):
        processes.terminate(settings, part, signal.SIGTERM if part == "etcd" else signal.SIGKILL)
    cgroups.end_processes(settings)
    mounts.unmount_below(settings.state, settings.run / "containerd")
    network.remove(settings)
    cgroups.remove(settings)
    strays.remove(settings, pods)
    for folder in (settings.run, settings.state):
        if folder.exists():
            shutil.rmtree(folder)


def kubectl(settings: Settings, *arguments: str) -> str | None:
    """Output of kubectl as administrator, or None when it fails."""
    done = subprocess.run(
        [str(settings.binaries / "kube"), "kubectl", "--kubeconfig", str(settings.kubeconfig), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else None


def _start_containerd(settings: Settings) -> None:
    processes.start(settings, "containerd", "containerd", "--config", str(settings.state / "etc" / "containerd.toml"))
    ctr = ["ctr", "--address", str(settings.containerd_socket), "--namespace", "k8s.io", "images", "list", "--quiet"]

    def answer() -> str | None:
        done = subprocess.run(ctr, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None

    _wait(settings, "containerd", lambda: answer() is not None)
    if PAUSE_IMAGE not in (answer() or ""):
        archive = settings.state / "pause.tar"
        images.scratch_image(archive, PAUSE_IMAGE, {"/pause": settings.binaries / "pause"}, ["/pause"])
        images.load(settings, archive)
        archive.unlink()


def _start_control_plane(settings: Settings) -> None:
    kube, pki, etc = str(settings.binaries / "kube"), settings.state / "pki", settings.state / "etc"
    processes.start(
        *(settings, "etcd", kube, "etcd"),
        f"--data-dir={settings.state}/etcd",
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        "--unsafe-no-fsync",
    )
    processes.start(
        *(settings, "apiserver", kube, "apiserver"),
        "--etcd-servers=http://127.0.0.1:2379",
        f"--bind-address={settings.node_address}",
        f"--advertise-address={settings.node_address}",
        f"--service-cluster-ip-range={settings.service_range}",
        f"--cert-dir={settings.state}/apiserver",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--client-ca-file={pki}/ca.crt",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-signing-key-file={pki}/service-accounts.key",
        f"--service-account-key-file={pki}/service-accounts.key",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--kubelet-preferred-address-types=InternalIP",
        f"--kubelet-certificate-authority={pki}/ca.crt",
        f"--kubelet-client-certificate={pki}/kubelet-client.crt",
        f"--kubelet-client-key={pki}/kubelet-client.key",
        "--allow-privileged=true",
    )
    processes.start(
        *(settings, "controller-manager", kube, "controller-manager"),
        f"--kubeconfig={etc}/controller-manager.kubeconfig",
        f"--service-account-private-key-file={pki}/service-accounts.key",
        f"--root-ca-file={pki}/ca.crt",
        f"--cluster-signing-cert-file={pki}/ca.crt",
        f"--cluster-signing-key-file={pki}/ca.key",
        f"--cert-dir={settings.state}/controller-manager",
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
    )
    processes.start(
        *(settings, "scheduler", kube, "scheduler"),
        f"--kubeconfig={etc}/scheduler.kubeconfig",
        f"--cert-dir={settings.state}/scheduler",
        "--leader-elect=false",
        "--bind-address=127.0.0.1",
    )


def _start_node(settings: Settings) -> None:
    kube, etc = str(settings.binaries / "kube"), settings.state / "etc"
    processes.start(
        *(settings, "kubelet", kube, "kubelet"),
        f"--config={etc}/kubelet.yaml",
        f"--kubeconfig={etc}/kubelet.kubeconfig",
        f"--root-dir={settings.state}/kubelet",
        f"--cert-dir={settings.state}/kubelet/pki",
        f"--hostname-override={NODE_NAME}",
        f"--node-ip={settings.node_address}",
    )
    processes.start(settings, "proxy", kube, "proxy", f"--config={etc}/proxy.yaml")
    processes.start(settings, "coredns", kube, "coredns", f"-conf={etc}/Corefile")


def _node_is_ready(settings: Settings) -> bool:
    text = kubectl(settings, "get", "node", NODE_NAME, "--output=json")
    conditions = json.loads(text)["status"].get("conditions", []) if text else []
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _answers_inside(settings: Settings, url: str) -> bool:
    program = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=2)"
    command = [*network.enter(settings), "python3", "-c", program, url]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _wait(settings: Settings, what: str, ready: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        processes.check(settings)
        if time.monotonic() > deadline:
            raise ClusterError(f"{what} is not ready after {seconds:.0f} s. Logs: {settings.logs}")
        time.sleep(0.2)
