"""The attempts of all imports as Kubernetes Jobs."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from report_contract.names import LABEL_REPORT_ID
from report_contract.resource import ReportImport
from report_operator.jobs import build_job
from report_operator.observed import JobObservation
from report_operator.podstates import observe, report_id_of
from report_operator.ports import JobPlan
from report_operator.settings import JobSettings, Limits
from report_stores.settings import StorageSettings
from report_stores.workloads import Workloads


class KubernetesJobs:
    """Implements ``Jobs``."""

    def __init__(self, workloads: Workloads, settings: JobSettings, limits: Limits, storage: StorageSettings) -> None:
        self._workloads = workloads
        self._settings = settings
        self._limits = limits
        self._storage = storage

    def start(self, resource: ReportImport, plan: JobPlan, so_far: Mapping[str, Any]) -> None:
        """See ``Jobs``."""
        self._workloads.create_job(
            build_job(
                resource,
                plan,
                so_far,
                namespace=self._workloads.namespace,
                settings=self._settings,
                limits=self._limits,
                storage=self._storage,
            )
        )

    def observe(self, report_id: int) -> tuple[JobObservation, ...]:
        """See ``Jobs``. Jobs are read before Pods: a Job that was just removed may still have its Pod."""
        selector = f"{LABEL_REPORT_ID}={report_id}"
        jobs = list(self._workloads.jobs(selector))
        return observe(jobs, self._workloads.pods(selector))

    def stop(self, report_id: int, name: str) -> None:  # noqa: ARG002  # the name says it all here
        """See ``Jobs``."""
        self._workloads.delete_job(name)

    def live(self) -> frozenset[int]:
        """See ``Jobs``."""
        found: dict[int, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = defaultdict(lambda: ([], []))
        for job in self._workloads.jobs(LABEL_REPORT_ID):
            found[report_id_of(job) or 0][0].append(job)
        for pod in self._workloads.pods(LABEL_REPORT_ID):
            found[report_id_of(pod) or 0][1].append(pod)
        return frozenset(
            report_id
            for report_id, (jobs, pods) in found.items()
            if report_id and any(one.alive for one in observe(jobs, pods))
        )
