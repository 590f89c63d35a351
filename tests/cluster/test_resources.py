"""Memory, images and room: what the cluster does not give, and what the import says about it."""

import pytest
from cluster.kit.reports import junit
from support.processes import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

MIB = 2**20


def test_an_import_that_runs_out_of_memory_succeeds_with_more(release, api):
    # Python and the Parquet writer alone are more than the first limit.
    with release.operator_settings(memory="40Mi", memory_cap="1Gi", max_attempts="5"):
        report_id = api.upload(junit(100, failed=1))
        status = release.wait_for_end(report_id, seconds=180)["status"]
    assert status["phase"] == "Succeeded", status
    assert status["attempts"]["started"] >= 2
    assert status["attempts"]["lastReason"] == "OutOfMemory"
    assert status["attempts"]["memoryBytes"] == 40 * MIB * 2 ** (status["attempts"]["started"] - 1)
    assert status["counts"]["total"] == 100


def test_an_import_that_exceeds_the_cap_fails_and_says_the_number(release, api):
    with release.operator_settings(memory="30Mi", memory_cap="40Mi", max_attempts="5"):
        report_id = api.upload(junit(100))
        status = release.wait_for_end(report_id, seconds=180)["status"]
    assert status["phase"] == "Failed"
    assert status["reason"] == "OutOfMemory"
    assert status["attempts"]["memoryBytes"] == 40 * MIB
    assert "40" in status["message"], status["message"]
    assert api.status(report_id)["import_progress"] == status["message"]


def test_an_image_that_cannot_be_pulled_is_told_at_once_and_ends_the_import(release, api):
    with release.operator_settings(job_image="report-import.test/nowhere:1", start_deadline_seconds="15"):
        report_id = api.upload(junit(10))

        def told() -> bool:
            status = release.kubectl.json("get", "reportimport", f"report-{report_id}").get("status", {})
            return status.get("reason") == "ImagePullFailed"

        wait_until(told, seconds=60, what="the status says that the image cannot be pulled", pause=0.2)
        assert "image" in api.status(report_id)["import_progress"].lower()
        status = release.wait_for_end(report_id, seconds=120)["status"]
    assert status["phase"] == "Failed"
    assert status["reason"] in {"ImagePullFailed", "StartDeadlineExceeded"}
    assert "image" in status["message"].lower(), status["message"]


def test_a_pod_that_no_node_has_room_for_is_told_and_ends_the_import(release, api):
    with release.operator_settings(memory="4000Gi", memory_cap="4000Gi", start_deadline_seconds="15"):
        report_id = api.upload(junit(10))
        status = release.wait_for_end(report_id, seconds=120)["status"]
    assert status["phase"] == "Failed"
    assert status["reason"] in {"Unschedulable", "StartDeadlineExceeded"}
    assert "memory" in status["message"].lower(), status["message"]
