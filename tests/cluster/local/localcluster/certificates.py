"""Certificates of the cluster: one authority, and a pair for each part. They live as long as it does."""

import subprocess
from pathlib import Path

from .settings import NODE_NAME, Settings

_DAYS = "365"


def create(settings: Settings) -> None:
    """Make what is missing."""
    folder = settings.state / "pki"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / "ca.crt").exists():
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt"), "-subj", f"/CN={settings.name}"),
            *("-days", _DAYS),
        )
    if not (folder / "service-accounts.key").exists():
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(folder / "service-accounts.key"))
    server_names = [
        *(f"IP:{address}" for address in ("127.0.0.1", settings.node_address, settings.first_service)),
        *("DNS:localhost", "DNS:kubernetes", "DNS:kubernetes.default", "DNS:kubernetes.default.svc"),
    ]
    _pair(folder, "apiserver", "/CN=kube-apiserver", server_names)
    _pair(folder, "kubelet-client", "/O=system:masters/CN=kube-apiserver-kubelet-client")
    _pair(folder, "admin", "/O=system:masters/CN=admin")
    _pair(folder, "controller-manager", "/CN=system:kube-controller-manager")
    _pair(folder, "scheduler", "/CN=system:kube-scheduler")
    _pair(folder, "proxy", "/CN=system:kube-proxy")
    _pair(
        folder,
        "kubelet",
        f"/O=system:nodes/CN=system:node:{NODE_NAME}",
        [f"DNS:{NODE_NAME}", f"IP:{settings.node_address}"],
    )


def _pair(folder: Path, name: str, subject: str, alternative_names: list[str] | None = None) -> None:
    certificate, key, request = (folder / f"{name}.{kind}" for kind in ("crt", "key", "csr"))
    if certificate.exists():
        return
    _openssl(
        *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-keyout", str(key), "-out", str(request), "-subj", subject),
    )
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName={','.join(alternative_names or [f'DNS:{name}'])}\n")
    _openssl(
        *("x509", "-req", "-in", str(request), "-CA", str(folder / "ca.crt"), "-CAkey", str(folder / "ca.key")),
        *("-CAcreateserial", "-days", _DAYS, "-extfile", str(extensions), "-out", str(certificate)),
    )
    request.unlink()
    extensions.unlink()


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL)
