"""Each part of the system is killed in the middle of an import, and one right result comes out."""

import threading

import httpx
import pytest
from cluster.kit.reports import junit, junit_parts
from cluster.kit.violence import delete_at_once, sigkill
from support.binaries import missing
from support.processes import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

TESTS, FAILED = 300_000, 40


@pytest.fixture(scope="module")
def large() -> bytes:
    """A report that takes the processor long enough to be in the middle of it."""
    return junit(TESTS, FAILED, padding=120)


def end(release, how: str, pod: dict, module: str) -> None:
    if how == "delete":
        delete_at_once(release.kubectl, pod)
    elif not sigkill(pod, module):
        missing("the pod's process is on another machine, and cannot be sent a signal from here")


def assert_one_right_result(release, api, report_id: int) -> dict:
    resource = release.wait_for_end(report_id, seconds=240)
    status = resource["status"]
    assert status["phase"] == "Succeeded", status
    assert (status["counts"]["total"], status["counts"]["failed"]) == (TESTS, FAILED)
    report = api.report(report_id)
    assert (report["cached_total"], report["cached_failed"]) == (TESTS, FAILED)
    with release.storage() as (storage, bucket):
        names = {each.object_name for each in storage.list_objects(bucket, f"imports/{report_id}/", recursive=True)}
    expected = {"request.json", "status.json", "results/report.json", "results/tests.parquet"}
    assert {f"imports/{report_id}/{name}" for name in expected} <= names
    assert len([name for name in names if "/upload/" in str(name)]) == 1
    return resource


@pytest.mark.parametrize("how", ["SIGKILL", "delete"])
def test_the_processor_is_killed_and_the_next_attempt_succeeds(release, api, large, how):
    report_id = api.upload(large)
    pod = release.wait_for_running(report_id)
    end(release, how, pod, "report_processor")
    resource = assert_one_right_result(release, api, report_id)
    assert resource["status"]["attempts"]["started"] == 2


@pytest.mark.parametrize("how", ["SIGKILL", "delete"])
def test_the_operator_is_killed_and_the_import_goes_on(release, api, large, how):
    report_id = api.upload(large)
    release.wait_for_running(report_id)
    end(release, how, release.pods("operator")[0], "report_operator")
    resource = assert_one_right_result(release, api, report_id)
    assert resource["status"]["attempts"]["started"] == 1
    release.wait_until_ready()


def test_the_operator_is_away_when_the_processor_ends(release, api, large):
    report_id = api.upload(large)
    release.wait_for_running(report_id)
    release.kubectl.run("scale", "deployment/report-import-operator", "--replicas=0")
    try:
        wait_until(
            lambda: release.phase(report_id) == "Succeeded", seconds=120, what="the processor writes the end", pause=0.2
        )
    finally:
        release.kubectl.run("scale", "deployment/report-import-operator", "--replicas=1")
        release.wait_until_ready()
    assert_one_right_result(release, api, report_id)


@pytest.mark.parametrize("how", ["SIGKILL", "delete"])
def test_all_replicas_of_the_api_are_killed_during_an_import(release, large, how):
    with release.api() as api:
        report_id = api.upload(large)
    release.wait_for_running(report_id)
    for pod in release.pods("api"):
        end(release, how, pod, "report_api")
    release.wait_until_ready()
    with release.api() as api:
        assert_one_right_result(release, api, report_id)


def test_the_api_is_killed_during_an_upload_and_the_client_tries_again(release):
    first, second = release.ready_pods("api")[:2]
    content = junit(1000, 7)
    begun = threading.Event()

    def slowly():
        middle = len(content) // 2
        yield content[:middle]
        begun.set()
        for position in range(middle, len(content)):
            threading.Event().wait(0.1)  # the pace of this client, until its connection breaks
            yield content[position : position + 1]

    def kill() -> None:
        begun.wait(60)
        delete_at_once(release.kubectl, release.kubectl.json("get", "pod", first))

    headers = {"Idempotency-Key": "the-same-upload", "Content-Type": "application/xml"}
    killer = threading.Thread(target=kill)
    with release.api(first) as api:
        killer.start()
        with pytest.raises(httpx.TransportError):
            api.client.post("/api/v2/profile/1/import/junit", content=slowly(), headers=headers)
        killer.join()
    with release.api(second) as api:
        answer = wait_until(
            lambda: accepted(api.client.post("/api/v2/profile/1/import/junit", content=content, headers=headers)),
            seconds=90,
            what="the second try is taken",
            pause=1,
        )
        assert isinstance(answer, dict)
        resource = release.wait_for_end(answer["report_id"])
        assert resource["status"]["counts"]["total"] == 1000
        again = api.client.post("/api/v2/profile/1/import/junit", content=content, headers=headers)
        assert again.json()["report_id"] == answer["report_id"]
    release.wait_until_ready()


def accepted(answer: httpx.Response) -> dict | None:
    """The answer's content, or None when the key is still held by the upload that died."""
    if answer.status_code in {409, 503}:
        return None
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_cancelled_import_stops(release, api, large):
    report_id = api.upload(large)
    release.wait_for_running(report_id)
    answer = api.client.post(f"/api/v2/reports/{report_id}/cancel")
    assert answer.status_code in {200, 202}, answer.text
    resource = release.wait_for_end(report_id, seconds=90)
    assert resource["status"]["phase"] == "Cancelled"
    assert api.status(report_id)["import_status"] == "cancelled"
    wait_until(
        lambda: not [pod for pod in release.processor_pods(report_id) if pod["status"]["phase"] == "Running"],
        seconds=60,
        what="its processor is gone",
    )


def test_a_cancelled_import_in_the_queue_never_starts(release, api):
    with release.operator_settings(max_concurrent="1"):
        running = api.upload(b"".join(junit_parts(100_000, 1, padding=120)))
        waiting = api.upload(junit(10))
        release.kubectl.run(
            *("patch", "reportimport", f"report-{waiting}", "--type=merge", '--patch={"spec":{"cancel":true}}')
        )
        assert release.wait_for_end(waiting)["status"]["phase"] == "Cancelled"
        assert release.processor_pods(waiting) == []
        assert release.wait_for_end(running)["status"]["phase"] == "Succeeded"
