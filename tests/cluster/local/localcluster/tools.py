"""The programs of the cluster, built from pinned Go modules into the cache, once."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .settings import KUBERNETES_VERSION, ClusterError, Settings

GO_NEEDED = (1, 26)
"""What Helm needs; Kubernetes 1.34 needs 1.24. Go from 1.21 on fetches a newer toolchain by itself."""
SOURCES = Path(__file__).resolve().parent.parent / "kube"


@dataclass(frozen=True)
class Tool:
    """One program: a package of our module, or a module at a version."""

    name: str
    package: str
    flags: tuple[str, ...] = ()

    def recipe(self) -> str:
        """What the program is made of; another recipe means that it must be built again."""
        text = f"{self.package} {self.flags}"
        if self.package.startswith("."):
            for path in sorted(SOURCES.rglob("*")):
                if path.is_file():
                    text += hashlib.sha256(path.read_bytes()).hexdigest()
        return hashlib.sha256(text.encode()).hexdigest()


def _linked(values: dict[str, str]) -> tuple[str, ...]:
    """Flags that leave debugging data out and set variables: versions, which a release build would set."""
    return ("-ldflags", " ".join(["-s -w", *(f"-X {name}={value}" for name, value in values.items())]))


_MAJOR, _MINOR, _ = KUBERNETES_VERSION.split(".")
_KUBERNETES = _linked(
    {
        "k8s.io/component-base/version.gitVersion": f"v{KUBERNETES_VERSION}",
        "k8s.io/component-base/version.gitMajor": _MAJOR,
        "k8s.io/component-base/version.gitMinor": _MINOR,
    }
)
_HELM = _linked(
    {
        "helm.sh/helm/v3/internal/version.version": "v3.22.0",
        # Charts are rendered for this version when no server is asked.
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": _MAJOR,
        "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": _MINOR,
        "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor": _MAJOR,
        "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor": _MINOR,
    }
)

TOOLS = {
    tool.name: tool
    for tool in (
        Tool("kube", ".", _KUBERNETES),
        Tool("pause", "./pause", ("-ldflags", "-s -w")),
        Tool("minio", "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c", ("-ldflags", "-s -w")),
        Tool("helm", "helm.sh/helm/v3/cmd/helm@v3.22.0", _HELM),
        Tool("kind", "sigs.k8s.io/kind@v0.33.0", ("-ldflags", "-s -w")),
    )
}


NEEDED = ("kube", "pause", "minio", "helm")
"""What the tests use."""


def build(settings: Settings, names: Iterable[str]) -> None:
    """Build those that are missing or made by another recipe."""
    for name in names:
        if _is_fresh(settings, name):
            continue
        if reason := _go_trouble():
            raise ClusterError(f"{name} must be built. {reason}")
        print(f"Building {name} into {settings.binaries} (once; minutes when nothing is cached yet)", flush=True)
        settings.binaries.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.binaries) as folder:
            _compile(TOOLS[name], Path(folder))
            # In one step: others may be running the old one.
            (Path(folder) / name).replace(settings.binaries / name)
        _stamp(settings, name).write_text(TOOLS[name].recipe())


def obstacles(settings: Settings) -> list[str]:
    """Why the programs that the tests use cannot be built; empty when they can, or are there."""
    stale = [name for name in NEEDED if not _is_fresh(settings, name)]
    reason = _go_trouble()
    return [f"{', '.join(stale)}: {reason}"] if stale and reason else []


def _stamp(settings: Settings, name: str) -> Path:
    return settings.binaries / f"{name}.recipe"


def _is_fresh(settings: Settings, name: str) -> bool:
    stamp = _stamp(settings, name)
    return (settings.binaries / name).exists() and stamp.exists() and stamp.read_text() == TOOLS[name].recipe()


def _compile(tool: Tool, folder: Path) -> None:
    # Without cgo they are static, and run in an image that has nothing else.
    environment = {**os.environ, "CGO_ENABLED": "0", "GOBIN": str(folder), "GOWORK": "off"}
    if tool.package.startswith("."):
        command = [
            "go",
            "build",
            "-trimpath",
            "-buildvcs=false",
            *tool.flags,
            "-o",
            str(folder / tool.name),
            tool.package,
        ]
    else:
        command = ["go", "install", "-trimpath", *tool.flags, tool.package]
    done = subprocess.run(command, cwd=SOURCES, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise ClusterError(f"{tool.name} could not be built; what Go said is above")


def _go_trouble() -> str:
    """What is wrong with Go here; empty when it will do."""
    needed = ".".join(map(str, GO_NEEDED))
    advice = f"Go {needed} or newer is needed (Debian 12 has 1.19, which is too old): https://go.dev/dl/"
    if shutil.which("go") is None:
        return f"Go is not installed. {advice}"
    # Asked outside any module, so that the answer is about the installed one.
    text = subprocess.run(["go", "version"], cwd="/", capture_output=True, text=True, check=True).stdout
    found = re.search(r"go(\d+)\.(\d+)", text)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    switches = version >= (1, 21) and os.environ.get("GOTOOLCHAIN", "auto") != "local"
    if version >= GO_NEEDED or switches:
        return ""
    return f"The installed Go is {'.'.join(map(str, version))}. {advice}"
