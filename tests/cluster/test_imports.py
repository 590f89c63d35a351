"""One import on a real cluster, from the upload to the time when its resource is gone."""

import io
import json

import pytest
from cluster.kit.reports import junit
from support.processes import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(300)]

BY_HAND = 900_001


def test_an_upload_moves_before_kubectls_eyes_until_its_results_are_there(release, api):
    with release.kubectl.watching("reportimports") as events:
        report_id = api.upload(junit(200, failed=3))
        resource = release.wait_for_end(report_id)
        wait_until(
            lambda: phases_of(report_id, events)[-1:] == ["Succeeded"], seconds=10, what="the watch sees the end"
        )

    order = ["", "Queued", "Running", "Succeeded"]
    seen = phases_of(report_id, events)
    assert seen == [phase for phase in order if phase in seen], "phases only move forward"
    assert {"Queued", "Running", "Succeeded"} <= set(seen)
    counts = resource["status"]["counts"]
    assert (counts["total"], counts["passed"], counts["failed"]) == (200, 197, 3)
    assert resource["status"]["attempts"]["started"] == 1
    report = api.report(report_id)
    assert (report["cached_total"], report["cached_passed"], report["cached_failed"]) == (200, 197, 3)
    assert report["origin"] == "junit_xml"
    assert api.status(report_id)["import_status"] == "success"


def phases_of(report_id: int, events: list[dict]) -> list[str]:
    """The phases that a watch saw, each once, in their order."""
    seen: list[str] = []
    for event in events:
        resource = event["object"]
        phase = resource.get("status", {}).get("phase", "")
        if resource["metadata"]["name"] == f"report-{report_id}" and phase not in seen[-1:]:
            seen.append(phase)
    return seen


def test_the_list_and_the_description_are_pleasant_to_read(release, api):
    report_id = api.upload(junit(10, failed=1), profile="some-profile")
    release.wait_for_end(report_id)
    header, line = release.kubectl.run("get", "ri", f"report-{report_id}").splitlines()
    assert header.split() == ["NAME", "PHASE", "PROGRESS", "TESTS", "FAILED", "PROFILE", "AGE"]
    assert line.split()[:-1] == [f"report-{report_id}", "Succeeded", "100", "10", "1", "some-profile"]
    wait_until(
        lambda: {"Queued", "Started"} <= set(events_of(release, report_id)), seconds=20, what="events tell the story"
    )
    assert "Why it is in this phase" in release.kubectl.run("explain", "reportimport.status.reason")


def events_of(release, report_id: int) -> list[str]:
    found = release.kubectl.json("get", "events", f"--field-selector=involvedObject.name=report-{report_id}")
    return [event["reason"] for event in found["items"]]


def test_a_file_that_is_no_report_ends_as_failed_and_is_not_tried_again(release, api):
    report_id = api.upload(b"this is no XML", name="notes.xml")
    resource = release.wait_for_end(report_id)
    assert resource["status"]["phase"] == "Failed"
    assert resource["status"]["reason"] == "NoUsableFile"
    assert resource["status"]["attempts"]["started"] == 1
    assert api.status(report_id)["import_status"] == "failed"


def test_a_resource_made_by_hand_is_a_full_way_in(release, api):
    content = junit(50, failed=2)
    prefix = f"imports/{BY_HAND}/"
    with release.storage() as (storage, bucket):
        storage.put_object(bucket, f"{prefix}upload/1/r.xml", io.BytesIO(content), len(content))
    resource = {
        "apiVersion": "reportimport.dev/v1",
        "kind": "ReportImport",
        "metadata": {"name": f"report-{BY_HAND}"},
        "spec": {
            "reportId": BY_HAND,
            "profile": "by-hand",
            "source": {
                "bucket": bucket,
                "prefix": prefix,
                "files": [{"key": f"{prefix}upload/1/r.xml", "name": "r.xml", "size": len(content)}],
                "fileCount": 1,
            },
        },
    }
    release.kubectl.run("create", "--filename=-", stdin=json.dumps(resource))
    ended = release.wait_for_end(BY_HAND)
    assert ended["status"]["phase"] == "Succeeded"
    assert ended["status"]["counts"]["failed"] == 2
    assert api.report(BY_HAND)["cached_total"] == 50


def test_a_finished_resource_is_deleted_in_time_and_the_api_still_answers(release, api):
    with release.operator_settings(finished_ttl_seconds="2"):
        report_id = api.upload(junit(30, failed=1))
        wait_until(lambda: api.status(report_id)["import_status"] == "success", seconds=60, what="it ends", pause=0.2)
        before = api.report(report_id)
        wait_until(lambda: release.resource(report_id) is None, seconds=60, what="the resource is deleted", pause=0.2)
    assert api.status(report_id)["import_status"] == "success"
    assert api.report(report_id) == before
    assert wait_until(lambda: not release.processor_pods(report_id), seconds=60, what="its Job goes with it")


def test_a_terminal_phase_is_final(release, api):
    report_id = api.upload(junit(5))
    release.wait_for_end(report_id)
    patch = json.dumps({"status": {"phase": "Running"}})
    with pytest.raises(AssertionError, match="a terminal phase is final"):
        release.kubectl.run(
            *(
                "patch",
                "reportimport",
                f"report-{report_id}",
                "--subresource=status",
                "--type=merge",
                f"--patch={patch}",
            )
        )
