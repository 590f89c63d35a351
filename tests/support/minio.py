"""A real MinIO server on loopback for one test session, and nanio in process for comparison."""

import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from report_stores.objects import ObjectStore
from report_stores.settings import StorageSettings
from support.binaries import binary, free_ports
from support.processes import running, wait_until


@pytest.fixture(scope="session")
def minio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageSettings]:
    """A MinIO server; the bucket of the settings does not exist yet."""
    minio = binary("minio", "the MinIO server for tests")
    home = tmp_path_factory.mktemp("minio")
    (port,) = free_ports(1)
    settings = StorageSettings(
        endpoint=f"127.0.0.1:{port}",
        access_key=SecretStr("tests"),
        secret_key=SecretStr(secrets.token_hex(16)),
    )
    env = {
        **os.environ,
        "MINIO_ROOT_USER": settings.access_key.get_secret_value(),
        "MINIO_ROOT_PASSWORD": settings.secret_key.get_secret_value(),
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    command = [minio, "server", "--quiet", "--address", settings.endpoint, home / "data"]
    with running(command, home / "minio.log", env):
        wait_until(lambda: _live(settings.endpoint), seconds=60, what="MinIO is live", log=home / "minio.log")
        yield settings


@pytest.fixture
def minio_objects(minio_server: StorageSettings) -> Iterator[ObjectStore]:
    """A bucket of its own in the MinIO server."""
    store = ObjectStore(minio_server.model_copy(update={"bucket": f"test-{secrets.token_hex(4)}"}))
    store.ensure_bucket()
    yield store
    store.close()


def _live(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{endpoint}/minio/health/ready", timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
