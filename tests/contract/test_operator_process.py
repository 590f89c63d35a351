"""The operator as a process, against a real Kubernetes API server and a real MinIO.

There is no node: ``Kubelet`` plays the controllers, and the tests play the processor.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.binaries import free_ports
from support.imports import a_final_record, an_import
from support.kubelet import Kubelet
from support.kubernetes import ApiServer
from support.processes import running, wait_until

from report_contract import objectkeys
from report_contract.base import utc_text
from report_contract.names import FIELD_MANAGER_PROCESSOR, resource_name
from report_contract.phases import Phase
from report_contract.requests import FinalRecord, ImportRequest, ProfileEntry
from report_contract.resource import ReportImport
from report_stores.imports_kubernetes import KubernetesImports
from report_stores.kubernetes_api import KubernetesApi
from report_stores.objects import ObjectStore
from report_stores.settings import StorageSettings

pytestmark = [pytest.mark.kubernetes, pytest.mark.minio]

LEAD_SECONDS = 3


class Installation:
    """One namespace and one bucket, and as many operators as the test starts."""

    def __init__(self, server: ApiServer, api: KubernetesApi, storage: StorageSettings, home: Path) -> None:
        self.server = server
        self.api = api
        self.home = home
        self.imports = KubernetesImports(api)
        self.storage = storage.model_copy(update={"bucket": f"test-{secrets.token_hex(4)}"})
        self.objects = ObjectStore(self.storage)
        self.kubelet = Kubelet(api)
        self.log = home / "operator.log"

    @contextmanager
    def operator(self, identity: str = "one", **settings: object) -> Iterator[subprocess.Popen]:
        health, metrics = free_ports(2)
        env = {
            **os.environ,
            "REPORT_IMPORT_KUBECONFIG": str(self.server.kubeconfig),
            "REPORT_IMPORT_NAMESPACE": self.api.namespace,
            "REPORT_IMPORT_S3_ENDPOINT": self.storage.endpoint,
            "REPORT_IMPORT_S3_BUCKET": self.storage.bucket,
            "REPORT_IMPORT_S3_ACCESS_KEY": self.storage.access_key.get_secret_value(),
            "REPORT_IMPORT_S3_SECRET_KEY": self.storage.secret_key.get_secret_value(),
            "REPORT_IMPORT_OPERATOR_IDENTITY": identity,
            "REPORT_IMPORT_LEAD_SECONDS": str(LEAD_SECONDS),
            "REPORT_IMPORT_HEALTH_PORT": str(health),
            "REPORT_IMPORT_METRICS_PORT": str(metrics),
            "REPORT_IMPORT_RETRY_DELAY_SECONDS": "0",
            **{f"REPORT_IMPORT_{name.upper()}": str(value) for name, value in settings.items()},
        }
        with running([sys.executable, "-m", "report_operator.main"], self.log, env) as process:
            yield process

    def wait(self, condition: Callable[[], Any], what: str, seconds: float = 20) -> Any:
        return wait_until(condition, seconds=seconds, what=what, log=self.log)

    def upload(self, report_id: int, **spec: Any) -> None:
        """What the API does: files, request.json, resource."""
        wait_until(lambda: self.objects.stat("x") is None, what="the bucket is there")
        key = objectkeys.upload(report_id, 1, "r.xml")
        self.objects.put_bytes(key, b"<testsuite/>")
        self.objects.put_bytes(objectkeys.request(report_id), b"{}")
        self.create(report_id, **spec)

    def create(self, report_id: int, **spec: Any) -> None:
        resource = an_import(report_id, **spec)
        source = resource.spec.source.model_copy(update={"bucket": self.storage.bucket})
        resource = resource.model_copy(
            update={
                "metadata": {"name": resource_name(report_id)},
                "spec": resource.spec.model_copy(update={"source": source}),
            }
        )
        self.imports.create(resource)

    def process(self, report_id: int, attempt: int = 1, phase: Phase = Phase.SUCCEEDED, *, tell: bool = True) -> None:
        """What a processor does at its end: storage, then the resource, then it exits."""
        record = a_final_record(report_id, phase)
        self.objects.put_bytes(objectkeys.status(report_id), record.model_dump_json(by_alias=True).encode())
        if tell:
            status = record.status.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
            self.imports.apply_status(report_id, status, manager=FIELD_MANAGER_PROCESSOR)
        self.kubelet.end(f"report-{report_id}-{attempt}")

    def see(self, report_id: int) -> ReportImport:
        found = self.imports.get(report_id)
        assert found is not None
        return found

    def phase(self, report_id: int) -> Phase | None:
        found = self.imports.get(report_id)
        return found.status.phase if found else None

    def runs(self, report_id: int, attempt: int = 1) -> bool:
        """Whether an attempt's Pod runs and the operator has seen it."""
        pod = self.kubelet.pods().get(f"report-{report_id}-{attempt}-abcde", {})
        return pod.get("status", {}).get("phase") == "Running" and self.phase(report_id) is Phase.RUNNING

    def record(self, report_id: int) -> FinalRecord:
        return FinalRecord.model_validate_json(self.objects.read_bytes(objectkeys.status(report_id), 10**6))

    def kubectl(self, *arguments: str) -> str:
        command = [str(self.server.kube), "kubectl", "-n", self.api.namespace, *arguments]
        env = {**os.environ, "KUBECONFIG": str(self.server.kubeconfig)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def here(
    kubernetes_api: ApiServer, kubernetes_namespace: KubernetesApi, minio_server: StorageSettings, tmp_path: Path
) -> Iterator[Installation]:
    made = Installation(kubernetes_api, kubernetes_namespace, minio_server, tmp_path)
    with made.kubelet:
        yield made
    made.objects.close()


def test_an_import_goes_from_its_creation_to_its_end(here: Installation) -> None:
    with here.operator():
        here.wait(lambda: _bucket(here), "the operator makes the bucket")
        here.upload(1)
        here.wait(lambda: here.see(1).status.reason == "Processing", "the Pod runs and is seen")
        here.imports.apply_status(1, {"progress": {"percent": 50, "tests": 4}}, manager=FIELD_MANAGER_PROCESSOR)
        here.process(1)
        here.wait(lambda: here.see(1).status.expires_at, "the operator completes the end")
        status = here.see(1).status
        assert (status.phase, status.reason, status.message) == (Phase.SUCCEEDED, "Imported", "8 tests.")
        assert status.counts is not None
        assert (status.counts.total, status.counts.failed) == (8, 1)
        assert status.attempts is not None
        assert (status.attempts.started, status.job) == (1, "report-1-1")
        assert {one.type: one.status for one in status.conditions} == {
            "Accepted": "True",
            "Processing": "False",
            "Complete": "True",
            "Ready": "True",
            "Stalled": "False",
        }
        assert "condition met" in here.kubectl("wait", "--for=condition=Complete", "ri/report-1", "--timeout=5s")
        entry = here.objects.read_bytes(objectkeys.profile_entry("web", 1), 10**4)
        assert ProfileEntry.model_validate_json(entry).counts.total == 8
        here.wait(lambda: _events(here, 1) == {"Queued", "Started", "Succeeded"}, "three events are told")
        assert "Job report-1-1 has been created." in here.kubectl("describe", "ri", "report-1")


def test_a_job_is_there_soon_after_the_resource(here: Installation) -> None:
    with here.operator(max_concurrent=100):
        here.wait(lambda: _leads(here), "the operator leads")
        here.wait(lambda: _bucket(here), "the bucket is there")
        delays = []
        for number in range(1, 11):
            key = objectkeys.request(number)
            here.objects.put_bytes(key, b"{}")
            start = time.monotonic()
            here.create(number)
            path = here.api.path("batch/v1", "jobs", f"report-{number}-1")
            here.wait(lambda p=path: _exists(here, p), "the Job is there")
            delays.append(time.monotonic() - start)
        delays.sort()
        print(f"from create() to the Job: median {delays[5] * 1000:.0f} ms, worst {delays[-1] * 1000:.0f} ms")
        assert delays[5] < 1


def test_never_more_pods_than_the_limit_live_at_once(here: Installation) -> None:
    with here.operator(max_concurrent=3):
        here.wait(lambda: _bucket(here), "the bucket is there")
        for number in range(1, 11):
            here.upload(number, profile=f"p{number % 2}")
        done = set()
        while len(done) < 10:
            here.wait(lambda: [n for n in range(1, 11) if n not in done and here.runs(n)], "somebody runs")
            for number in range(1, 11):
                if number not in done and here.runs(number):
                    here.process(number)
                    done.add(number)
        here.wait(lambda: all(here.see(n).status.expires_at for n in range(1, 11)), "all have ended")
        assert here.kubelet.peak <= 3
        assert sorted(here.kubelet.made) == sorted(f"report-{n}-1" for n in range(1, 11))


@pytest.mark.parametrize("moment", ["queued", "starting", "running", "told", "untold"])
def test_an_operator_killed_at_any_moment_loses_and_repeats_nothing(here: Installation, moment: str) -> None:
    with ExitStack() as first:
        process = first.enter_context(here.operator())
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.wait(lambda: _leads(here), "it leads")
        if moment == "queued":
            _kill(process)
            here.upload(1)
        else:
            here.upload(1)
            wanted = {"starting": lambda: here.kubelet.made}.get(moment, lambda: here.runs(1))
            here.wait(wanted, moment)
            _kill(process)
        if moment in {"told", "untold"}:
            here.process(1, tell=moment == "told")
    with here.operator():
        if moment not in {"told", "untold"}:
            here.wait(lambda: here.runs(1), "it runs")
            here.process(1)
        here.wait(lambda: here.see(1).status.expires_at, "it ends")
        assert here.phase(1) is Phase.SUCCEEDED
        assert here.kubelet.made == ["report-1-1"]


def test_a_cancelled_import_s_job_is_stopped_before_it_ends(here: Installation) -> None:
    with here.operator():
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        here.wait(lambda: here.runs(1), "it runs")
        here.kubelet.collects_garbage = False
        here.kubectl("patch", "ri", "report-1", "--type=merge", "-p", '{"spec":{"cancel":true}}')
        here.wait(lambda: here.kubelet.jobs()["report-1-1"]["metadata"].get("deletionTimestamp"), "the Job is stopped")
        assert here.see(1).status.reason == "Cancelling"
        assert here.phase(1) is Phase.RUNNING
        here.kubelet.collects_garbage = True
        here.wait(lambda: here.phase(1) is Phase.CANCELLED, "it ends")
        assert here.record(1).status.phase is Phase.CANCELLED
        assert not here.kubelet.pods()


def test_an_attempt_out_of_memory_gets_twice_as_much_and_then_fails_with_the_numbers(here: Installation) -> None:
    with here.operator(memory="64Mi", memory_cap="128Mi"):
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        for attempt, memory in ((1, 64), (2, 128)):
            here.wait(lambda a=attempt: here.runs(1, a), f"attempt {attempt} runs")
            pod = here.kubelet.pods()[f"report-1-{attempt}-abcde"]
            (container,) = pod["spec"]["containers"]
            assert container["resources"]["limits"]["memory"] == str(memory * 2**20)
            here.kubelet.end(f"report-1-{attempt}", 137, "OOMKilled")
        here.wait(lambda: here.phase(1) is Phase.FAILED, "it fails")
        status = here.see(1).status
        assert status.reason == "OutOfMemory"
        assert "at its limit of 128 MiB" in status.message
        here.wait(lambda: "Retried" in _events(here, 1), "the retry is told")


def test_an_image_that_cannot_be_pulled_is_told_at_once_and_fails_after_the_deadline(here: Installation) -> None:
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "no such image: nowhere/report-import:1"}}
    here.kubelet.first_state = lambda _: waiting
    with here.operator(start_deadline_seconds=2):
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        here.wait(lambda: here.see(1).status.reason == "ImagePullFailed", "it is told")
        assert "nowhere/report-import:1" in here.see(1).status.message
        here.wait(lambda: here.phase(1) is Phase.FAILED, "it fails")
        assert here.see(1).status.reason == "StartDeadlineExceeded"
        assert "nowhere/report-import:1" in here.see(1).status.message
        assert here.kubelet.made == ["report-1-1"]


def test_a_crashed_attempt_is_repeated_with_the_end_of_its_log_in_the_message(here: Installation) -> None:
    with here.operator(retry_delay_seconds=0):
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        here.wait(lambda: here.runs(1), "it runs")
        here.kubelet.end("report-1-1", 1, message="Segmentation fault")
        here.wait(lambda: here.runs(1, 2), "attempt 2 runs")
        here.process(1, attempt=2)
        here.wait(lambda: here.see(1).status.expires_at, "it ends")
        assert here.see(1).status.attempts.started == 2
        assert here.see(1).status.attempts.last_reason == "ProcessorCrashed"


def test_an_attempt_without_a_heartbeat_is_stopped_and_the_last_one_says_so(here: Installation) -> None:
    with here.operator(heartbeat_timeout_seconds=2, max_attempts=2):
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        here.wait(lambda: here.see(1).status.reason == "Stalled", "attempt 1 is given up")
        assert here.see(1).status.message.startswith("Attempt 1 showed no progress for 2 s and was stopped.")
        here.wait(lambda: here.runs(1, 2), "attempt 2 runs")
        assert here.see(1).status.attempts.last_reason == "Stalled"
        here.wait(lambda: here.phase(1) is Phase.FAILED, "attempt 2 is given up too")
        status = here.see(1).status
        assert status.reason == here.record(1).status.reason == "Stalled"
        assert status.message.startswith("Attempt 2 showed no progress for 2 s and was stopped.")
        assert here.kubelet.made == ["report-1-1", "report-1-2"]
        here.wait(lambda: not here.kubelet.pods(), "no Pod is left at work")


def test_a_heartbeat_keeps_an_attempt_until_its_deadline(here: Installation) -> None:
    with here.operator(heartbeat_timeout_seconds=2, run_deadline_seconds=6, max_attempts=1):
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        here.wait(lambda: here.runs(1), "it runs")
        started = time.monotonic()

        def beaten_until_failed() -> bool:
            if here.see(1).status.reason in {"Starting", "Processing"}:
                beat = {"progress": {"heartbeatAt": utc_text(datetime.now(UTC))}}
                here.imports.apply_status(1, beat, manager=FIELD_MANAGER_PROCESSOR)
            return here.phase(1) is Phase.FAILED

        here.wait(beaten_until_failed, "it fails")
        assert time.monotonic() - started > 3
        status = here.see(1).status
        assert status.reason == here.record(1).status.reason == "DeadlineExceeded"
        assert status.message == "Attempt 1 ran longer than 6 s and was stopped. It was the only attempt."
        assert here.kubelet.made == ["report-1-1"]


def test_a_finished_resource_is_deleted_after_its_time(here: Installation) -> None:
    with here.operator(finished_ttl_seconds=1):
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        here.wait(lambda: here.runs(1), "it runs")
        here.process(1)
        here.wait(lambda: here.imports.get(1) is None, "it is deleted")
        assert here.record(1).status.phase is Phase.SUCCEEDED


def test_a_resource_made_by_hand_is_a_full_way_in(here: Installation) -> None:
    with here.operator():
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.objects.put_bytes("imports/7/upload/1/r.xml", b"<testsuite/>")
        manifest = here.home / "import.yaml"
        manifest.write_text(
            f"""
apiVersion: reportimport.dev/v1
kind: ReportImport
metadata: {{name: report-7}}
spec:
  reportId: 7
  profile: web
  source:
    bucket: {here.storage.bucket}
    prefix: imports/7/
    files: [{{key: imports/7/upload/1/r.xml, name: r.xml, size: 0}}]
"""
        )
        here.kubectl("create", "-f", str(manifest))
        here.wait(lambda: here.runs(7), "it runs")
        request = ImportRequest.model_validate_json(here.objects.read_bytes(objectkeys.request(7), 10**5))
        assert (request.profile, request.files[0].size) == ("web", 12)
        here.kubectl("create", "-f", str(_without_file(manifest)))
        here.wait(lambda: here.phase(8) is Phase.FAILED, "the other fails")
        assert here.see(8).status.reason == "InvalidRequest"


def test_of_two_operators_one_waits_and_takes_over(here: Installation) -> None:
    with here.operator("one", max_concurrent=1) as one:
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.wait(lambda: _leads(here) == "one", "one leads")
        with here.operator("two", max_concurrent=1):
            here.upload(1)
            here.wait(lambda: here.runs(1), "the first runs")
            here.upload(2)
            _kill(one)
            here.wait(lambda: _leads(here) == "two", "two leads")
            here.process(1)
            here.wait(lambda: here.runs(2), "the second runs")
            here.process(2)
            here.wait(lambda: here.see(2).status.expires_at, "it ends")
            assert here.kubelet.peak == 1
            assert here.kubelet.made == ["report-1-1", "report-2-1"]


def test_an_operator_that_is_told_to_end_gives_up_the_lead_and_ends_well(here: Installation) -> None:
    with here.operator() as process:
        here.wait(lambda: _leads(here) == "one", "it leads")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert _leads(here) == ""


def test_a_deleted_import_s_slot_is_free_again(here: Installation) -> None:
    with here.operator(max_concurrent=1):
        here.wait(lambda: _bucket(here), "the bucket is there")
        here.upload(1)
        here.wait(lambda: here.runs(1), "the first runs")
        here.upload(2)
        here.imports.delete(1)
        here.wait(lambda: here.runs(2), "the second runs")
        assert here.kubelet.peak == 1


def _bucket(here: Installation) -> bool:
    try:
        here.objects.check()
    except Exception:
        return False
    return True


def _leads(here: Installation) -> str:
    leases = here.api.request("GET", here.api.path("coordination.k8s.io/v1", "leases"))["items"]
    return next((one["spec"].get("holderIdentity") or "" for one in leases), "")


def _events(here: Installation, report_id: int) -> set[str]:
    events = here.api.request("GET", here.api.path("v1", "events"))["items"]
    return {one["reason"] for one in events if one["involvedObject"]["name"] == f"report-{report_id}"}


def _exists(here: Installation, path: str) -> bool:
    try:
        here.api.request("GET", path)
    except Exception:
        return False
    return True


def _kill(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def _without_file(manifest: Path) -> Path:
    other = manifest.with_name("other.yaml")
    other.write_text(
        manifest.read_text().replace("report-7", "report-8").replace("/7/", "/8/").replace("reportId: 7", "reportId: 8")
    )
    return other
