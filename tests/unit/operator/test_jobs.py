"""The manifest of an attempt's Job."""

import json
from typing import Any

from support.imports import an_import

from report_operator.jobs import build_job
from report_operator.podstates import observe
from report_operator.ports import JobPlan
from report_operator.settings import JobSettings, Limits
from report_stores.settings import StorageSettings

PLAN = JobPlan(41, attempt=2, counted=1, memory_bytes=2**30, previous_reason="Disrupted")
SO_FAR = {"attempts": {"started": 2}, "job": "report-41-2", "startedAt": "2026-01-31T12:00:00Z"}
STORAGE = StorageSettings(endpoint="minio:9000", bucket="reports", access_key="AKIA-PUBLIC", secret_key="very-secret")


def build(settings: JobSettings | None = None, **limits: Any) -> dict[str, Any]:
    return build_job(
        an_import(),
        PLAN,
        SO_FAR,
        namespace="imports",
        settings=settings or JobSettings(job_image="registry/report-import:1"),
        limits=Limits(**limits),
        storage=STORAGE,
    )


def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    return manifest["spec"]["template"]["spec"]


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod(manifest)["containers"]
    return only


def environment(manifest: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container(manifest)["env"]}


def test_the_same_attempt_has_the_same_name_and_belongs_to_its_import():
    metadata = build()["metadata"]
    assert (metadata["name"], metadata["namespace"]) == ("report-41-2", "imports")
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"], owner["controller"]) == (
        "ReportImport",
        "report-41",
        "uid-41",
        True,
    )


def test_attempts_are_the_operator_s_and_not_the_job_s():
    spec = build()["spec"]
    assert (spec["backoffLimit"], spec["completions"], spec["parallelism"]) == (0, 1, 1)
    assert pod(build())["restartPolicy"] == "Never"


def test_the_job_s_deadline_lies_behind_the_operator_s():
    spec = build(start_deadline_seconds=100, run_deadline_seconds=1000)["spec"]
    assert spec["activeDeadlineSeconds"] > 1100


def test_the_observation_of_a_job_gives_the_plan_back():
    manifest = build()
    manifest["metadata"]["creationTimestamp"] = "2026-03-01T12:00:00Z"
    (seen,) = observe([manifest], [])
    assert JobPlan(41, seen.attempt, seen.counted, seen.memory_bytes, seen.previous_reason) == PLAN
    assert seen.name == PLAN.name


def test_memory_is_asked_for_in_full_and_cpu_is_not_limited():
    assert container(build())["resources"] == {
        "requests": {"cpu": "250m", "memory": str(2**30)},
        "limits": {"memory": str(2**30)},
    }
    limited = container(build(JobSettings(job_cpu_limit="2")))["resources"]["limits"]
    assert limited == {"memory": str(2**30), "cpu": "2"}


def test_the_pod_is_restricted():
    security = pod(build())["securityContext"]
    assert (security["runAsNonRoot"], security["seccompProfile"]) == (True, {"type": "RuntimeDefault"})
    assert container(build())["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_the_processor_learns_its_report_and_its_storage():
    env = environment(build(JobSettings(job_env={"REPORT_IMPORT_X": "1"})))
    assert (env["REPORT_IMPORT_REPORT_ID"], env["REPORT_IMPORT_NAMESPACE"]) == ("41", "imports")
    assert (env["REPORT_IMPORT_S3_ENDPOINT"], env["REPORT_IMPORT_S3_BUCKET"]) == ("minio:9000", "reports")
    assert env["REPORT_IMPORT_X"] == "1"


def test_secrets_are_named_and_never_written():
    manifest = build(JobSettings(job_storage_secret="storage"))
    env = environment(manifest)
    assert env["REPORT_IMPORT_S3_SECRET_KEY"] == {"secretKeyRef": {"name": "storage", "key": "secret-key"}}
    assert env["REPORT_IMPORT_S3_ACCESS_KEY"] == {"secretKeyRef": {"name": "storage", "key": "access-key"}}
    assert "very-secret" not in json.dumps(manifest)
    assert "AKIA-PUBLIC" not in json.dumps(manifest)


def test_temporary_files_have_a_place_with_a_limit():
    manifest = build(JobSettings(job_tmp_size="1Gi"))
    assert pod(manifest)["volumes"] == [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}]
    assert environment(manifest)["TMPDIR"] == "/tmp"


def test_placement_comes_from_the_settings_and_is_left_out_when_empty():
    plain = pod(build())
    assert not {"nodeSelector", "tolerations", "affinity", "priorityClassName", "imagePullSecrets"} & set(plain)
    settings = JobSettings(
        job_node_selector={"disk": "fast"},
        job_tolerations=[{"key": "batch", "operator": "Exists"}],
        job_priority_class="low",
        job_image_pull_secrets=["registry"],
    )
    placed = pod(build(settings))
    assert placed["nodeSelector"] == {"disk": "fast"}
    assert placed["imagePullSecrets"] == [{"name": "registry"}]


def test_with_kueue_the_job_waits_for_admission():
    manifest = build(JobSettings(kueue_queue="imports"))
    assert manifest["spec"]["suspend"] is True
    assert manifest["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "imports"
    assert build()["spec"]["suspend"] is False


def test_labels_of_the_settings_cannot_replace_ours():
    manifest = build(JobSettings(job_labels={"team": "qa", "reportimport.dev/report-id": "7"}))
    labels = manifest["spec"]["template"]["metadata"]["labels"]
    assert (labels["team"], labels["reportimport.dev/report-id"]) == ("qa", "41")
