"""usage: local-cluster up | down | is-up | kubeconfig | can-build | can-run | build [TOOL...]
| load ARCHIVE | minio-image NAME ARCHIVE
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import images, leftovers, lifecycle, requirements, tools
from .settings import ClusterError, Settings


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Two calls at once would start everything twice."""
    settings.cache.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.cache, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _say(lines: list[str], title: str) -> None:
    if lines:
        raise ClusterError("\n  ".join([title, *lines]))


def _minio_image(settings: Settings, name: str, archive: Path) -> None:
    """Of the real server, for clusters that cannot pull its official image."""
    with _alone(settings):
        tools.build(settings, ("minio",))
    images.scratch_image(archive, name, {"/minio": settings.binaries / "minio"}, ["/minio"])


def main(arguments: list[str]) -> None:
    """Run one command."""
    settings = Settings.from_environment()
    match arguments:
        case ["up"]:
            with _alone(settings):
                lifecycle.up(settings)
            print(f"The cluster is up. KUBECONFIG={settings.kubeconfig}")
        case ["down"]:
            with _alone(settings):
                lifecycle.down(settings)
            _say(leftovers.of_cluster(settings), "The cluster left something behind:")
            print("The cluster is gone, and nothing of it is left.")
        case ["is-up"]:
            _say(lifecycle.missing(settings), "It is not up. These do not run:")
        case ["build", *names]:
            with _alone(settings):
                tools.build(settings, names or tools.NEEDED)
        case ["can-build"]:
            _say(tools.obstacles(settings), "The real servers of the tests cannot be built here:")
        case ["can-run"]:
            _say(requirements.missing(), "The local cluster cannot run here. Missing:")
        case ["load", archive]:
            images.load(settings, Path(archive))
        case ["minio-image", name, archive]:
            _minio_image(settings, name, Path(archive))
        case ["kubeconfig"]:
            print(settings.kubeconfig)
        case _:
            raise ClusterError(__doc__ or "")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ClusterError as error:
        sys.exit(f"cluster: {error}")
