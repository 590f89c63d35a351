"""Report ids: integers that increase and are never given twice, by any replica, after any restart.

The last id lies in a ConfigMap and is replaced with the resource version that was read, so of two
replicas that count at once one reads again. The archive in object storage outlives the namespace:
when the ConfigMap is absent, counting starts behind the highest id that is found anywhere.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from report_stores.errors import Unavailable
from report_stores.kubernetes_api import KubernetesApi, Refused

CONFIG_MAP: Final = "report-import-ids"
_KEY: Final = "last"
_PATIENCE_SECONDS: Final = 20.0


class ReportIds:
    """The counter of the namespace."""

    def __init__(self, api: KubernetesApi, highest_known: Callable[[], int]) -> None:
        """``highest_known`` looks for the highest id in use; asked only when the ConfigMap is absent."""
        self._api = api
        self._highest_known = highest_known
        self._lock = threading.Lock()
        self._read: dict[str, Any] | None = None

    def next(self) -> int:
        """A fresh id. Raises ``Unavailable`` when too many others count at once."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        # Threads of one process take turns, and go on from the version that the last one wrote:
        # one request an id unless another replica counted meanwhile.
        with self._lock:
            while time.monotonic() < deadline:
                current = self._read or self._get()
                given = self._create() if current is None else self._increase(current)
                if given is not None:
                    return given
                self._read = None
                time.sleep(random.uniform(0.001, 0.02))  # noqa: S311  # spreads replicas, guards nothing
        raise Unavailable(f"no report id could be taken within {_PATIENCE_SECONDS:.0f} s: others were always faster")

    def _get(self) -> dict[str, Any] | None:
        try:
            return self._api.request("GET", self._api.path("v1", "configmaps", CONFIG_MAP))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def _create(self) -> int | None:
        given = self._highest_known() + 1
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": CONFIG_MAP},
            "data": {_KEY: str(given)},
        }
        return self._send("POST", self._api.path("v1", "configmaps"), body, given)

    def _increase(self, current: dict[str, Any]) -> int | None:
        last = (current.get("data") or {}).get(_KEY, "")
        # A text that is no number was edited by hand: count on from what is really there.
        given = (int(last) if last.isascii() and last.isdigit() else self._highest_known()) + 1
        body = {**current, "data": {**(current.get("data") or {}), _KEY: str(given)}}
        return self._send("PUT", self._api.path("v1", "configmaps", CONFIG_MAP), body, given)

    def _send(self, method: str, path: str, body: dict[str, Any], given: int) -> int | None:
        try:
            self._read = self._api.request(method, path, body=body)
        except Refused as refused:
            if refused.status in {404, 409}:
                return None
            raise
        return given
