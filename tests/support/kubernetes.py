"""A real Kubernetes API server with its etcd, on loopback, for one test session.

No controllers and no nodes: tests that need a Job to run play the kubelet themselves.
"""

import json
import secrets
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from Crypto.PublicKey import RSA

from report_contract.crd import custom_resource_definition
from report_stores.errors import Unavailable
from report_stores.kubernetes_api import APPLY_PATCH, KubernetesApi, Refused
from report_stores.settings import KubernetesSettings
from support.binaries import binary, free_ports
from support.processes import running, wait_until


@dataclass(frozen=True)
class ApiServer:
    """An API server that answers, with our CustomResourceDefinition in it."""

    kubeconfig: Path
    kube: Path
    """The executable: ``kube kubectl ...``."""

    def api(self, namespace: str) -> KubernetesApi:
        return KubernetesApi(KubernetesSettings(kubeconfig=str(self.kubeconfig), namespace=namespace))


@pytest.fixture(scope="session")
def kubernetes_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The API server, with the CustomResourceDefinition established."""
    kube = binary("kube", "the Kubernetes binary for tests")
    home = tmp_path_factory.mktemp("kubernetes")
    client_port, peer_port, port = free_ports(3)
    token = secrets.token_hex(16)
    (home / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n")
    key = RSA.generate(2048)
    (home / "sa.key").write_bytes(key.export_key())
    etcd = f"http://127.0.0.1:{client_port}"
    peer = f"http://127.0.0.1:{peer_port}"
    with ExitStack() as stack:
        stack.enter_context(
            running(
                [
                    kube,
                    "etcd",
                    f"--data-dir={home / 'etcd'}",
                    f"--listen-client-urls={etcd}",
                    f"--advertise-client-urls={etcd}",
                    f"--listen-peer-urls={peer}",
                    f"--initial-advertise-peer-urls={peer}",
                    f"--initial-cluster=default={peer}",
                    "--unsafe-no-fsync",
                ],
                home / "etcd.log",
            )
        )
        stack.enter_context(
            running(
                [
                    kube,
                    "apiserver",
                    f"--etcd-servers={etcd}",
                    f"--secure-port={port}",
                    "--bind-address=127.0.0.1",
                    f"--cert-dir={home / 'certs'}",
                    f"--token-auth-file={home / 'tokens.csv'}",
                    "--authorization-mode=RBAC",
                    "--service-account-issuer=https://kubernetes.default.svc",
                    f"--service-account-key-file={home / 'sa.key'}",
                    f"--service-account-signing-key-file={home / 'sa.key'}",
                    "--service-cluster-ip-range=10.98.0.0/24",
                    # No controller makes the default ServiceAccount that this one asks for.
                    "--disable-admission-plugins=ServiceAccount",
                ],
                home / "apiserver.log",
            )
        )
        certificate = home / "certs" / "apiserver.crt"
        wait_until(certificate.exists, seconds=60, what="certificate of the API server", log=home / "apiserver.log")
        wait_until(
            lambda: _ready(f"https://127.0.0.1:{port}", certificate, token),
            seconds=60,
            what="API server is ready",
            log=home / "apiserver.log",
        )
        kubeconfig = home / "kubeconfig"
        kubeconfig.write_text(_kubeconfig(f"https://127.0.0.1:{port}", certificate, token))
        server = ApiServer(kubeconfig, kube)
        _establish(server)
        yield server


@pytest.fixture
def kubernetes_namespace(kubernetes_api: ApiServer) -> Iterator[KubernetesApi]:
    """A namespace of its own for one test, that enforces restricted Pods."""
    name = f"test-{secrets.token_hex(4)}"
    api = kubernetes_api.api(name)
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    api.request("POST", "/api/v1/namespaces", body={"metadata": {"name": name, "labels": labels}})
    yield api
    api.close()


def _establish(server: ApiServer) -> None:
    api = server.api("default")
    definition = custom_resource_definition()
    name = definition["metadata"]["name"]
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"
    query = {"fieldManager": "tests", "force": "true", "fieldValidation": "Strict"}

    def apply() -> bool:
        # The first seconds the server answers, but forbids, until its own roles are made.
        try:
            api.request("PATCH", path, body=definition, content_type=APPLY_PATCH, query=query)
        except Unavailable:
            return False
        except Refused as refused:
            if refused.status == 403:
                return False
            raise
        return True

    def established() -> bool:
        conditions = api.request("GET", path).get("status", {}).get("conditions") or []
        return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)

    def served() -> bool:
        try:
            api.request("GET", api.path(f"{definition['spec']['group']}/v1", definition["spec"]["names"]["plural"]))
        except Refused:
            return False
        return True

    wait_until(apply, what="the CustomResourceDefinition is taken")
    wait_until(established, what="the CustomResourceDefinition is established")
    wait_until(served, what="the resource is served")
    api.close()


def _ready(address: str, certificate: Path, token: str) -> bool:
    request = urllib.request.Request(f"{address}/readyz", headers={"Authorization": f"Bearer {token}"})
    try:
        context = ssl.create_default_context(cafile=str(certificate))
        with urllib.request.urlopen(request, timeout=2, context=context) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _kubeconfig(address: str, certificate: Path, token: str) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": address, "certificate-authority": str(certificate)}}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )


def pretty(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True)
