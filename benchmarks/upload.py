"""The upload against the bare S3 client, and the memory of the API.

    python benchmarks/upload.py

Two figures: the time from the first byte of a 64 MB upload to its 201, over the time that
``minio.put_object`` takes for the same bytes with the same part size on the same server, in turns; and
the largest resident memory of the API process with four uploads of 1 GB at once. Needs a MinIO
server in the cache of tools. Prints one JSON object; exits with 1 when a limit is missed.
"""

import argparse
import io
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minio import Minio
from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.binaries import cache, free_ports
from support.processes import running, wait_until

from report_api.app import create_app
from report_api.keysource import FixedKeys
from report_api.serving import run
from report_api.settings import ApiSettings
from report_contract.accesskeys import KeyFile, Role, new_key
from report_stores.imports_memory import MemoryImports
from report_stores.objects import ObjectStore
from report_stores.settings import StorageSettings

MB = 1_000_000
PART = 8 * 1024 * 1024
MAX_RATIO = 1.15
MAX_RSS = 200 * MB
BOUNDARY = "benchmark-boundary"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file[]"; filename="r.xml"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=15, help="pairs of runs (default: %(default)s)")
    arguments.add_argument("--large", type=int, default=1000, help="MB of each of the four uploads; 0 leaves them out")
    arguments.add_argument("--serve", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.serve:
        serve(json.loads(chosen.serve))
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        minio(Path(folder)) as storage,
        api(Path(folder), storage) as (
            port,
            key,
            process,
        ),
    ):
        figures = ratio(storage, port, key, chosen.runs)
        figures["rss_idle_mb"] = round(rss(process.pid, "VmRSS") / MB, 1)
        if chosen.large:
            figures |= memory(port, key, process.pid, chosen.large * MB)
    print(json.dumps(figures, indent=2))
    missed = figures["ratio"] > MAX_RATIO or figures.get("rss_peak_mb", 0) * MB > MAX_RSS
    return 1 if missed else 0


def ratio(storage: StorageSettings, port: int, key: str, runs: int) -> dict[str, float]:
    """Median times of both, run in turns so that a busy machine hits them alike."""
    data = secrets.token_bytes(64 * MB)
    client = Minio(
        storage.endpoint,
        storage.access_key.get_secret_value(),
        storage.secret_key.get_secret_value(),
        secure=False,
        region=storage.region,
    )
    bare, through, pairs = [], [], []
    for number in range(-1, runs):  # the first pair warms both up
        start = time.perf_counter()
        client.put_object(storage.bucket, f"bare/{number}", io.BytesIO(data), len(data), part_size=PART)
        middle = time.perf_counter()
        upload(port, key, [memoryview(data)], len(data))
        end = time.perf_counter()
        if number >= 0:
            bare.append(middle - start)
            through.append(end - middle)
            pairs.append((end - middle) / (middle - start))
        client.remove_object(storage.bucket, f"bare/{number}")
    return {
        "ratio": round(statistics.median(through) / statistics.median(bare), 3),
        "ratio_of_pairs": round(statistics.median(pairs), 3),
        "bare_seconds": round(statistics.median(bare), 3),
        "through_seconds": round(statistics.median(through), 3),
    }


def memory(port: int, key: str, pid: int, size: int) -> dict[str, float]:
    """Peak memory of the API with four uploads at once."""
    block = secrets.token_bytes(MB)
    threads = [
        threading.Thread(target=upload, args=(port, key, [memoryview(block)] * (size // MB), size)) for _ in range(4)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "rss_peak_mb": round(rss(pid, "VmHWM") / MB, 1),
        "four_large_seconds": round(time.perf_counter() - start, 1),
    }


def upload(port: int, key: str, blocks: list[memoryview], size: int) -> None:
    """One multipart upload over a bare socket, so that the client costs next to nothing."""
    with socket.create_connection(("127.0.0.1", port), timeout=600) as connection:
        connection.sendall(
            f"POST /api/v2/profile/1/import/junit HTTP/1.1\r\nHost: x\r\nx-api-key: {key}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
            f"Content-Length: {len(HEAD) + size + len(TAIL)}\r\n\r\n".encode()
            + HEAD
        )
        for block in blocks:
            connection.sendall(block)
        connection.sendall(TAIL)
        status = connection.recv(65536).split(b"\r\n")[0]
        if b"201" not in status:
            raise RuntimeError(f"the upload was answered with {status!r}")


def rss(pid: int, field: str) -> int:
    """A memory figure of a process in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {field} of process {pid}")


@contextmanager
def minio(folder: Path) -> Iterator[StorageSettings]:
    (port,) = free_ports(1)
    secret = secrets.token_hex(16)
    storage = StorageSettings(endpoint=f"127.0.0.1:{port}", access_key=SecretStr("bench"), secret_key=SecretStr(secret))
    env = {**os.environ, "MINIO_ROOT_USER": "bench", "MINIO_ROOT_PASSWORD": secret, "MINIO_BROWSER": "off"}
    command = [cache() / "bin" / "minio", "server", "--quiet", "--address", storage.endpoint, folder / "data"]
    with running(command, folder / "minio.log", env):
        store = ObjectStore(storage.model_copy(update={"retries": 8}))
        wait_until(lambda: made(store), seconds=60, what="MinIO answers", log=folder / "minio.log")
        store.close()
        yield storage


def made(store: ObjectStore) -> bool:
    store.ensure_bucket()
    return True


@contextmanager
def api(folder: Path, storage: StorageSettings) -> Iterator[tuple[int, str, "subprocess.Popen[bytes]"]]:
    (port,) = free_ports(1)
    key, record = new_key("bench", Role.USER)
    wanted = {
        "port": port,
        "keys": KeyFile(keys=[record]).model_dump(mode="json"),
        "storage": {
            **storage.model_dump(mode="json"),
            "access_key": storage.access_key.get_secret_value(),
            "secret_key": storage.secret_key.get_secret_value(),
        },
    }
    with running([sys.executable, __file__, "--serve", json.dumps(wanted)], folder / "api.log") as process:
        wait_until(lambda: listens(port), seconds=60, what="the API listens", log=folder / "api.log")
        yield port, key, process


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def serve(wanted: dict[str, object]) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The real process also holds the Kubernetes client.
    import report_api.main  # noqa: F401, PLC0415

    objects = ObjectStore(StorageSettings.model_validate(wanted["storage"]))
    keys = FixedKeys(KeyFile.model_validate(wanted["keys"]))
    run(create_app(ApiSettings(port=wanted["port"]), objects, MemoryImports(), keys))


if __name__ == "__main__":
    sys.exit(main())
