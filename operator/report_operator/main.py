"""The operator as a process: kopf watches, the controller works, a Lease keeps it alone.

``python3 -m report_operator.main``. The handlers only say that something happened; the framework
writes nothing to our resources (no finalizers, no annotations), and asks for nothing cluster-wide.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import kopf
import prometheus_client

from report_contract import names
from report_operator.act import Actor
from report_operator.announcing import EventAnnouncer
from report_operator.controller import Controller
from report_operator.jobs_kubernetes import KubernetesJobs
from report_operator.leader import Lead
from report_operator.metrics import Metrics
from report_operator.podstates import report_id_of
from report_operator.settings import JobSettings, Limits, OperatorSettings
from report_operator.sweep import Sweeper, sweep_again_and_again
from report_stores.errors import InvalidResource, StoreError
from report_stores.imports_kubernetes import KubernetesImports, parse_resource
from report_stores.kubernetes_api import KubernetesApi
from report_stores.leases import Leases
from report_stores.objects import ObjectStore
from report_stores.settings import KubernetesSettings, StorageSettings
from report_stores.workloads import Workloads

log = logging.getLogger(__name__)


class LeadLost(Exception):  # noqa: N818
    """Another operator may have taken over: this one must not act any more."""


class Operator:
    """Everything that lives as long as the process."""

    def __init__(self) -> None:
        self.settings = OperatorSettings()
        self.api = KubernetesApi()
        storage, limits = StorageSettings(), Limits()
        workloads = Workloads(self.api)
        self.objects = ObjectStore(storage)
        self.announcer = EventAnnouncer(workloads)
        imports = KubernetesImports(self.api)
        jobs = KubernetesJobs(workloads, JobSettings(), limits, storage)
        identity = self.settings.operator_identity or socket.gethostname()
        self.lead = Lead(Leases(self.api), identity, self.settings.lead_seconds)
        self.metrics = Metrics()
        self.controller = Controller(
            imports,
            jobs,
            Actor(imports, self.objects, jobs, self.announcer, may_start=self.lead.held),
            limits,
            workers=self.settings.workers,
            resync_seconds=self.settings.resync_seconds,
            metrics=self.metrics,
        )
        self.sweeper = Sweeper(
            imports,
            self.objects,
            upload_max_age=timedelta(seconds=self.settings.upload_max_age_seconds),
            claim_max_age=timedelta(seconds=self.settings.claim_max_age_seconds),
        )

    async def work(self) -> None:
        """Wait for the lead, then work while it is held."""
        await self._prepare_storage()
        while not await self._take():  # noqa: ASYNC110  # nobody tells that a lead has run out
            await asyncio.sleep(self.settings.lead_seconds / 10)
        log.info("this operator leads")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_the_lead())
                group.create_task(self.controller.run())
                group.create_task(sweep_again_and_again(self.sweeper, self.settings.sweep_seconds))
        finally:
            await asyncio.shield(asyncio.to_thread(self._farewell))

    async def _take(self) -> bool:
        try:
            return await asyncio.to_thread(self.lead.take)
        except StoreError as error:
            log.warning("the lead cannot be asked for: %s", error)
            return False

    async def _keep_the_lead(self) -> None:
        while True:
            await asyncio.sleep(self.settings.lead_seconds / 5)
            if not await self._take() and not self.lead.held():
                raise LeadLost("the lead was lost to another operator, or could not be renewed in time")

    async def _prepare_storage(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.objects.ensure_bucket)
            except StoreError as error:
                log.warning("object storage is not ready: %s", error)
                await asyncio.sleep(1)
            else:
                return

    def _farewell(self) -> None:
        self.announcer.close()
        try:
            self.lead.release()
        except StoreError as error:
            log.warning("the lead is not given up but runs out: %s", error)


def build_registry(operator: Operator) -> kopf.OperatorRegistry:
    """The handlers. Events of Jobs and Pods are hints; what they say is read afresh."""
    registry = kopf.OperatorRegistry()
    ours = {names.LABEL_REPORT_ID: kopf.PRESENT}

    @kopf.on.login(registry=registry)
    def login(**kwargs: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_service_account(**kwargs) or kopf.login_with_kubeconfig(**kwargs)

    @kopf.on.event(names.GROUP, names.VERSION, names.PLURAL, registry=registry)
    async def import_changed(event: Mapping[str, Any], name: str, **_: Any) -> None:
        report_id = names.report_id_of(name)
        if report_id is None:
            return
        if event["type"] == "DELETED":
            operator.controller.gone(report_id)
            return
        try:
            operator.controller.saw(parse_resource(dict(event["object"])))
        except InvalidResource:
            log.exception("%s cannot be read", name)

    @kopf.on.event("batch", "v1", "jobs", labels=ours, registry=registry)
    @kopf.on.event("v1", "pods", labels=ours, registry=registry)
    async def attempt_changed(event: Mapping[str, Any], **_: Any) -> None:
        report_id = report_id_of(event["object"])
        if report_id is not None:
            operator.controller.poke(report_id)

    return registry


def framework_settings() -> kopf.OperatorSettings:
    """How kopf runs."""
    settings = kopf.OperatorSettings()
    settings.peering.standalone = True
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.persistence.finalizer = f"{names.GROUP}/operator"
    settings.networking.request_timeout = 45
    settings.networking.connect_timeout = 5
    settings.watching.connect_timeout = 5
    settings.watching.chunk_size = 500
    # Watches of Jobs and Pods are filtered by the server; there may be many others in the namespace.
    settings.watching.label_selectors["batch", "v1", "jobs"] = names.LABEL_REPORT_ID
    settings.watching.label_selectors["v1", "pods"] = names.LABEL_REPORT_ID
    # Workers of objects that nothing happens to end soon; their number is not limited.
    settings.queueing.idle_timeout = 1.0
    settings.queueing.exit_timeout = 0.2
    return settings


async def serve(operator: Operator) -> int:
    """Run until a signal; the exit code is 1 when the operator ended by itself."""
    stop = asyncio.Event()
    work = asyncio.create_task(operator.work())
    work.add_done_callback(lambda _: stop.set())
    ended_by_itself = False

    async def end_the_work(**_: object) -> None:
        # Before the framework looks for tasks that hang, and would take ours for such.
        nonlocal ended_by_itself
        ended_by_itself = work.done()
        work.cancel()
        await asyncio.wait([work])

    registry = build_registry(operator)
    kopf.on.cleanup(registry=registry)(end_the_work)
    await kopf.operator(
        registry=registry,
        settings=framework_settings(),
        standalone=True,
        namespaces=[operator.api.namespace],
        liveness_endpoint=f"http://0.0.0.0:{operator.settings.health_port}/healthz",
        stop_flag=stop,
    )
    if ended_by_itself:
        log.error("the operator ended by itself", exc_info=work.exception())
    return int(ended_by_itself)


def main() -> None:
    """Entry point of the container."""
    logging.basicConfig(
        level=os.environ.get("REPORT_IMPORT_LOG_LEVEL", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("kopf").setLevel(logging.WARNING)
    kubeconfig = KubernetesSettings().kubeconfig
    if kubeconfig:
        os.environ["KUBECONFIG"] = kubeconfig  # where kopf looks
    operator = Operator()
    if operator.settings.metrics_port:
        prometheus_client.start_http_server(operator.settings.metrics_port, registry=operator.metrics.registry)
    sys.exit(asyncio.run(serve(operator)))


if __name__ == "__main__":
    main()
