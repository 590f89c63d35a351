"""Metrics of the API in the Prometheus format, in a registry of their own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


@dataclass
class Measured:
    """One upload."""

    outcome: str = "refused"
    """accepted, replayed, refused or broken_off."""
    bytes: int = 0
    """Bytes of its body."""


class Metrics:
    """All metrics of one app."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "report_import_http_requests_total",
            "Requests by route, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "report_import_http_request_seconds",
            "Seconds from the request to the end of its answer.",
            ["route"],
            buckets=(0.005, 0.02, 0.1, 0.5, 1, 5, 15, 60, 300),
            registry=self._registry,
        )
        self._uploads = Counter(
            "report_import_uploads_total",
            "Uploads by outcome: accepted, replayed, refused, broken_off.",
            ["outcome"],
            registry=self._registry,
        )
        self._bytes = Counter("report_import_upload_bytes_total", "Bytes of accepted uploads.", registry=self._registry)
        self._active = Gauge("report_import_uploads_active", "Uploads under way.", registry=self._registry)
        self._listeners = Gauge("report_import_listeners", "Open event streams.", registry=self._registry)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request. ``route`` is the template, so that ids make no new series."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    @contextmanager
    def upload(self) -> Iterator[Measured]:
        """Count one upload by what the block makes of it."""
        measured = Measured()
        with self._active.track_inprogress():
            try:
                yield measured
            finally:
                self._uploads.labels(measured.outcome).inc()
                if measured.outcome == "accepted":
                    self._bytes.inc(measured.bytes)

    def exposition(self, listeners: int) -> bytes:
        """The text that Prometheus reads."""
        self._listeners.set(listeners)
        return generate_latest(self._registry)


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since then."""
        return time.perf_counter() - self._start
