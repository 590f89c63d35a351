"""What Prometheus is told about the queue and the imports."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from report_contract.phases import TERMINAL_PHASES
from report_contract.resource import ReportImport
from report_operator.actions import Action, Announce, ApplyStatus, StartJob
from report_operator.index import Index

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14400)
_ENDS = frozenset(phase.value for phase in TERMINAL_PHASES)


class Metrics:
    """The operator's own metrics, in a registry."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._queued = Gauge("report_import_queued", "Imports that wait in the queue", registry=self.registry)
        self._running = Gauge("report_import_running", "Slots that are taken", registry=self.registry)
        self._attempts = Counter("report_import_attempts", "Attempts started", registry=self.registry)
        self._retries = Counter(
            "report_import_retries", "Attempts started because one before ended", ["reason"], registry=self.registry
        )
        self._finished = Counter("report_import_finished", "Imports that ended", ["phase"], registry=self.registry)
        self._errors = Counter(
            "report_import_reconcile_errors", "Looks at an import that failed and are repeated", registry=self.registry
        )
        self._waited = Histogram(
            "report_import_queue_seconds", "From the queue to the first Job", buckets=_SECONDS, registry=self.registry
        )
        self._took = Histogram(
            "report_import_duration_seconds", "From the first Job to the end", buckets=_SECONDS, registry=self.registry
        )

    def index(self, index: Index) -> None:
        """The queue as it is now."""
        self._queued.set(index.waiting)
        self._running.set(index.slots)

    def failed(self) -> None:
        """A look at an import failed."""
        self._errors.inc()

    def performed(self, resource: ReportImport, actions: Iterable[Action], now: datetime) -> None:
        """Actions were performed."""
        for action in actions:
            match action:
                case StartJob(plan):
                    self._attempts.inc()
                    if plan.previous_reason:
                        self._retries.labels(plan.previous_reason).inc()
                    if plan.attempt == 1 and resource.status.queued_at:
                        self._waited.observe(max(0.0, (now - resource.status.queued_at).total_seconds()))
                case Announce(reason) if reason in _ENDS:
                    self._finished.labels(reason).inc()
                    self._ended(resource, actions, now)
                case _:
                    pass

    def _ended(self, resource: ReportImport, actions: Iterable[Action], now: datetime) -> None:
        started = resource.status.started_at
        applied = next((action.status for action in actions if isinstance(action, ApplyStatus)), {})
        text = applied.get("completedAt")
        ended = datetime.fromisoformat(text) if text else resource.status.completed_at or now
        if started is not None:
            self._took.observe(max(0.0, (ended - started).total_seconds()))
