"""The body of ``main``: whom to tell, where to log, and what the exit code is."""

import logging
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from report_contract.resource import ReportImport
from report_processor.remote import Writer, WriterDied
from report_processor.run import run_import
from report_processor.settings import ProcessorSettings
from report_processor.tell import LinesSink, Nobody, NoSink, Sink, StoreSink, Teller
from report_stores.errors import StoreError
from report_stores.objects import ObjectStore
from report_stores.settings import StorageSettings

_AGAIN: Final = 1
_NOBODY: Final = 3
_KILLED: Final = 137
_LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(message)s"

log = logging.getLogger("report_processor")


def work(writer: Writer) -> int:
    """Run the import that the environment names; returns the exit code, see ``main``."""
    try:
        settings = ProcessorSettings()
        storage = StorageSettings()
    except ValidationError as error:
        print(f"report-processor: {error}", file=sys.stderr)  # noqa: T201  # before there is a log
        return 2
    with _logging() as log_file:
        try:
            sink, resource = _sink(settings)
            teller = Teller(
                sink,
                progress_seconds=settings.progress_seconds,
                heartbeat_seconds=settings.heartbeat_seconds,
            )
            teller.start()
            objects = ObjectStore(storage)
            return run_import(settings, objects, teller, writer=writer, resource=resource, log_file=log_file)
        except Nobody as nobody:
            log.warning("Nobody waits for this import any more: %s", nobody)
            return _NOBODY
        except WriterDied as died:
            log.error("%s", died)  # noqa: TRY400  # the writer has told its own story
            return _KILLED if died.returncode == -signal.SIGKILL else _AGAIN
        except StoreError as error:
            log.error("This attempt ends: %s", error)  # noqa: TRY400  # a stack says nothing about a service
            return _AGAIN


def _sink(settings: ProcessorSettings) -> tuple[Sink, Callable[[], ReportImport | None]]:
    """Whom to tell, and how to read the import's resource."""
    if settings.tell == "none":
        return NoSink(), lambda: None
    if settings.tell.startswith("fd:"):
        return LinesSink(int(settings.tell.removeprefix("fd:"))), lambda: None
    # Imported here: the standalone mode and the tests do without Kubernetes.
    from report_stores.imports_kubernetes import KubernetesImports  # noqa: PLC0415
    from report_stores.kubernetes_api import KubernetesApi  # noqa: PLC0415

    store = KubernetesImports(KubernetesApi())
    return StoreSink(store.apply_status, settings.report_id), lambda: store.get(settings.report_id)


@contextmanager
def _logging() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="log-") as folder:
        file = Path(folder) / "log.txt"
        formatter = logging.Formatter(_LOG_FORMAT)
        handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr), logging.FileHandler(file)]
        for handler in handlers:
            handler.setFormatter(formatter)
            log.addHandler(handler)
        log.setLevel(logging.INFO)
        try:
            yield file
        finally:
            for handler in handlers:
                log.removeHandler(handler)
                handler.close()
