"""The whole system in one process, its processors beside it.

One event loop serves HTTP and runs the operator's controller; storage has a thread of its own. All
that outlives the process is in the data folder::

    objects/         the S3 server's files: uploads, reports, final statuses
    keys.json        salted hashes of the API keys
    api-key          the first key itself, readable by its owner only
    last-report-id   the highest report id that was given
    processors/      what the running processors print
    standalone.log   the log
"""

import asyncio
import fcntl
import logging
import logging.handlers
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx

from report_api.app import create_app
from report_api.keysource import FileKeys
from report_api.serving import Server, make_server
from report_api.settings import ApiSettings
from report_contract.resource import ReportImport
from report_operator.act import Actor
from report_operator.controller import Controller
from report_operator.settings import Limits, OperatorSettings
from report_operator.sweep import Sweeper, sweep_again_and_again
from report_standalone.firstkey import first_key
from report_standalone.imports import StandaloneImports, unfinished
from report_standalone.jobs import SubprocessJobs
from report_standalone.storage import StorageServer
from report_stores.objects import ObjectStore
from report_stores.settings import StorageSettings

log = logging.getLogger(__name__)

MAX_CONCURRENT: Final = max(1, (os.cpu_count() or 2) - 1)
"""Imports at once when ``REPORT_IMPORT_MAX_CONCURRENT`` does not say: one core is left for the server."""
_MEMORY_SECONDS: Final = 1.0
_READY_SECONDS: Final = 30.0
_LOG_BYTES: Final = 10 * 2**20

OnReady = Callable[[str, str], None]
"""Called with the address and the API key once the server answers."""


class DataInUse(OSError):  # noqa: N818  # names say what happened
    """Another server works in this folder."""


def serve(*, host: str, port: int, data: Path, base_url: str, on_ready: OnReady) -> None:
    """Serve until SIGINT or SIGTERM. Raises ``DataInUse`` when the folder has a server already."""
    data.mkdir(parents=True, exist_ok=True)
    with _sole_server(data), StorageServer(data / "objects") as storage:
        _log_to(data / "standalone.log")
        objects = ObjectStore(storage.settings)
        objects.ensure_bucket()
        imports = StandaloneImports(data / "last-report-id", objects)
        for resource in unfinished(objects, storage.settings.bucket):
            log.info("%s was not finished and is queued again", resource.metadata["name"])
            imports.create(resource)
        key = first_key(data)
        settings = ApiSettings(
            host=host,
            port=port,
            base_url=base_url or f"http://{host}:{port}",
            keys_file=data / "keys.json",
            anonymous_read=_is_loopback(host),
        )
        server = make_server(create_app(settings, objects, imports, FileKeys(settings.keys_file)), reuse_loop=True)
        threading.Thread(target=_tell_when_ready, args=(settings.base_url, key, on_ready), daemon=True).start()
        asyncio.run(_run(server, imports, objects, storage.settings, data))


async def _run(
    server: Server, imports: StandaloneImports, objects: ObjectStore, storage: StorageSettings, data: Path
) -> None:
    loop = asyncio.get_running_loop()

    def ended(report_id: int) -> None:
        loop.call_soon_threadsafe(controller.poke, report_id)

    jobs = SubprocessJobs(imports, _processor_environment(storage), data / "processors", on_change=ended)
    actor = Actor(imports, objects, jobs, _Announcements())
    limits = Limits() if "REPORT_IMPORT_MAX_CONCURRENT" in os.environ else Limits(max_concurrent=MAX_CONCURRENT)
    controller = Controller(imports, jobs, actor, limits)

    def changed(report_id: int, resource: ReportImport | None) -> None:
        if resource is None:
            jobs.import_gone(report_id)
            loop.call_soon_threadsafe(controller.gone, report_id)
        else:
            loop.call_soon_threadsafe(controller.saw, resource)

    imports.subscribe(changed)
    settings = OperatorSettings()
    sweeper = Sweeper(
        imports,
        objects,
        upload_max_age=timedelta(seconds=settings.upload_max_age_seconds),
        claim_max_age=timedelta(seconds=settings.claim_max_age_seconds),
    )
    work = (controller.run(), _watch_memory(jobs), sweep_again_and_again(sweeper, settings.sweep_seconds))
    working = [asyncio.create_task(each) for each in work]
    try:
        await server.serve()
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        jobs.close()


async def _watch_memory(jobs: SubprocessJobs) -> None:
    while True:
        await asyncio.sleep(_MEMORY_SECONDS)
        await asyncio.to_thread(jobs.watch_memory)


class _Announcements:
    """There is no ``kubectl describe`` here: announcements are in the log already."""

    def announce(self, resource: ReportImport, reason: str, message: str, *, warning: bool = False) -> None:
        """See ``Announcer``."""


def _processor_environment(storage: StorageSettings) -> dict[str, str]:
    return dict(os.environ) | {
        "REPORT_IMPORT_S3_ENDPOINT": storage.endpoint,
        "REPORT_IMPORT_S3_SECURE": "false",
        "REPORT_IMPORT_S3_BUCKET": storage.bucket,
        "REPORT_IMPORT_S3_ACCESS_KEY": storage.access_key.get_secret_value(),
        "REPORT_IMPORT_S3_SECRET_KEY": storage.secret_key.get_secret_value(),
        "REPORT_IMPORT_S3_REGION": storage.region,
    }


@contextmanager
def _sole_server(data: Path) -> Iterator[None]:
    """Hold the folder's lock; the system gives it back however this process ends."""
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataInUse(0, "another report-import standalone works in this folder", str(data)) from error
        yield


def _tell_when_ready(address: str, key: str, on_ready: OnReady) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz", timeout=_READY_SECONDS).is_success:
                on_ready(address, key)
                return
        except httpx.HTTPError:
            log.debug("not ready yet")
        time.sleep(0.1)
    log.error("the server did not become ready within %d seconds at %s", _READY_SECONDS, address)


def _log_to(path: Path) -> None:
    file = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1)
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", handlers=[file, terminal]
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _is_loopback(host: str) -> bool:
    return host in {"127.0.0.1", "::1", "localhost"}
