"""Events of an import, for ``kubectl describe``: posted in the background, never in the way of the work."""

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any, Final

from report_contract.base import utc_text
from report_contract.names import API_VERSION, FIELD_MANAGER_OPERATOR, KIND
from report_contract.resource import ReportImport
from report_stores.errors import StoreError
from report_stores.workloads import Workloads

log = logging.getLogger(__name__)

_MAX_PENDING: Final = 10_000
_THREADS: Final = 2
_MAX_MESSAGE: Final = 1024


class EventAnnouncer:
    """Posts Kubernetes events. When the API server does not take them fast enough, they are left out."""

    def __init__(self, workloads: Workloads) -> None:
        self._workloads = workloads
        self._room = BoundedSemaphore(_MAX_PENDING)
        self._thread = ThreadPoolExecutor(_THREADS, thread_name_prefix="events")

    def announce(self, resource: ReportImport, reason: str, message: str, *, warning: bool = False) -> None:
        """See ``Announcer``."""
        if not self._room.acquire(blocking=False):
            log.debug("report-%s: event %s is left out: too many are waiting", resource.report_id, reason)
            return
        event = build_event(resource, self._workloads.namespace, reason, message, warning=warning)
        self._thread.submit(self._post, event)

    def close(self) -> None:
        """End. What is being posted is posted, what still waits is left out."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _post(self, event: dict[str, Any]) -> None:
        try:
            self._workloads.create_event(event)
        except StoreError as error:
            log.warning("event %s is left out: %s", event["reason"], error)
        finally:
            self._room.release()


def build_event(resource: ReportImport, namespace: str, reason: str, message: str, *, warning: bool) -> dict[str, Any]:
    """A ``v1`` Event about an import."""
    name = resource.metadata["name"]
    now = utc_text(datetime.now(UTC))
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{name}.{secrets.token_hex(8)}", "namespace": namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": name,
            "namespace": namespace,
            "uid": resource.metadata.get("uid", ""),
        },
        "type": "Warning" if warning else "Normal",
        "reason": reason,
        "message": message[:_MAX_MESSAGE],
        "source": {"component": FIELD_MANAGER_OPERATOR},
        "reportingComponent": FIELD_MANAGER_OPERATOR,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "count": 1,
    }
