"""Images without a registry: archives made of static binaries, loaded straight into containerd."""

import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path

from .settings import Settings


def scratch_image(archive: Path, name: str, files: dict[str, Path], entrypoint: list[str]) -> None:
    """Write a Docker archive of an image that has these files (path in the image -> file) and nothing else."""
    layer = archive.with_suffix(".layer")
    with tarfile.open(layer, "w") as tar:
        for folder in ("tmp", "data"):
            member = tarfile.TarInfo(folder)
            member.type, member.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(member)
        for path, source in sorted(files.items()):
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size, member.mode = source.stat().st_size, 0o755
            with source.open("rb") as content:
                tar.addfile(member, content)
    with layer.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    configuration = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": entrypoint, "WorkingDir": "/", "User": "65532:65532"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
    ).encode()
    config_name = f"{hashlib.sha256(configuration).hexdigest()}.json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(archive, "w") as tar:
        for member_name, content_bytes in ((config_name, configuration), ("manifest.json", manifest)):
            member = tarfile.TarInfo(member_name)
            member.size = len(content_bytes)
            tar.addfile(member, io.BytesIO(content_bytes))
        tar.add(layer, "layer.tar")
    layer.unlink()


def load(settings: Settings, archive: Path) -> None:
    """Give an archive's images to the cluster's containerd."""
    subprocess.run(
        [
            "ctr",
            "--address",
            str(settings.containerd_socket),
            "--namespace",
            "k8s.io",
            "images",
            "import",
            str(archive),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
