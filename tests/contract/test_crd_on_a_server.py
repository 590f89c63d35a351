"""What the API server makes of the CustomResourceDefinition: its rules, its columns, its explanations."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.imports import an_import
from support.kubernetes import ApiServer

from report_contract.names import resource_name
from report_contract.phases import TERMINAL_PHASES, Phase
from report_stores.imports_kubernetes import KubernetesImports
from report_stores.kubernetes_api import MERGE_PATCH, KubernetesApi, Refused

pytestmark = pytest.mark.kubernetes

Kubectl = Callable[..., str]


@pytest.fixture
def store(kubernetes_namespace: KubernetesApi) -> KubernetesImports:
    return KubernetesImports(kubernetes_namespace)


@pytest.fixture
def kubectl(kubernetes_api: ApiServer, kubernetes_namespace: KubernetesApi) -> Kubectl:
    def run(*arguments: str, fails: bool = False) -> str:
        command = [str(kubernetes_api.kube), "kubectl", "-n", kubernetes_namespace.namespace, *arguments]
        env = {**os.environ, "KUBECONFIG": str(kubernetes_api.kubeconfig)}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    return run


def manifest(report_id: int = 41, name: str | None = None, **spec: Any) -> dict[str, Any]:
    resource = an_import(report_id, **spec).model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"status"}
    )
    return {**resource, "metadata": {"name": name or resource_name(report_id)}}


def patch(api: KubernetesApi, subresource: str = "", **body: Any) -> None:
    path = api.path("reportimport.dev/v1", "reportimports", "report-41", subresource)
    api.request("PATCH", path, body=body, content_type=MERGE_PATCH)


def create(api: KubernetesApi, body: dict[str, Any]) -> None:
    api.request("POST", api.path("reportimport.dev/v1", "reportimports"), body=body)


# Rules


@pytest.mark.parametrize(
    "name", ["report-42", "report-041", "report-", "report-4 1", "import-41", "report-41-1", "report--41"]
)
def test_the_name_must_be_the_report_s(kubernetes_namespace: KubernetesApi, name: str) -> None:
    with pytest.raises(Refused, match=r"metadata\.name"):
        create(kubernetes_namespace, manifest(name=name))


@pytest.mark.parametrize("report_id", [1, 41, 10**12, 10**17])
def test_small_and_large_numbers_are_names(kubernetes_namespace: KubernetesApi, report_id: int) -> None:
    create(kubernetes_namespace, manifest(report_id))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reportId", 42),
        ("profile", "other"),
        ("formatter", "junit"),
        ("source", {"bucket": "other-bucket"}),
        ("options", {"tags": ["new"]}),
        ("profile", None),
        ("source", {"files": None}),
    ],
)
def test_what_is_to_be_imported_cannot_change(kubernetes_namespace: KubernetesApi, field: str, value: Any) -> None:
    create(kubernetes_namespace, manifest())
    with pytest.raises(Refused, match=r"immutable|Required|required"):
        patch(kubernetes_namespace, spec={field: value})


def test_options_that_were_given_cannot_change_or_go(kubernetes_namespace: KubernetesApi) -> None:
    create(kubernetes_namespace, manifest(options={"tags": ["a"], "date": "now"}, formatter="junit"))
    for change in ({"options": {"tags": ["b"]}}, {"options": None}, {"options": {"date": None}}, {"formatter": None}):
        with pytest.raises(Refused, match="immutable"):
            patch(kubernetes_namespace, spec=change)


def test_the_priority_may_change_and_a_cancel_may_come_but_not_go(kubernetes_namespace: KubernetesApi) -> None:
    create(kubernetes_namespace, manifest())
    patch(kubernetes_namespace, spec={"priority": 5})
    patch(kubernetes_namespace, spec={"cancel": True})
    patch(kubernetes_namespace, spec={"priority": 6})
    for value in (False, None):
        with pytest.raises(Refused, match="cannot be taken back"):
            patch(kubernetes_namespace, spec={"cancel": value})


@pytest.mark.parametrize("phase", sorted(TERMINAL_PHASES))
@pytest.mark.parametrize("subresource", ["status", ""])
def test_a_terminal_phase_is_final_by_every_way(
    kubernetes_namespace: KubernetesApi, subresource: str, phase: Phase
) -> None:
    api = kubernetes_namespace
    create(api, manifest())
    patch(api, "status", status={"phase": phase.value})
    for change in ({"status": {"phase": "Running"}}, {"status": {"phase": None}}, {"status": None}):
        if subresource == "status":
            with pytest.raises(Refused, match="a terminal phase is final"):
                patch(api, "status", **change)
        else:
            patch(api, "", **change)  # the status is no part of the resource itself: nothing happens
    path = api.path("reportimport.dev/v1", "reportimports", "report-41")
    assert api.request("GET", path)["status"]["phase"] == phase.value


def test_a_terminal_phase_may_still_get_a_time_to_live(kubernetes_namespace: KubernetesApi) -> None:
    create(kubernetes_namespace, manifest())
    patch(kubernetes_namespace, "status", status={"phase": "Failed"})
    patch(kubernetes_namespace, "status", status={"expiresAt": "2026-03-02T12:00:00Z"})


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"priority": 5000}, "spec.priority"),
        ({"profile": "Upper Case"}, "spec.profile"),
        ({"reportId": 0}, "spec.reportId"),
        ({"formatter": "no spaces"}, "spec.formatter"),
        ({"profile": None}, "spec.profile"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(kubernetes_namespace: KubernetesApi, spec: Any, field: str) -> None:
    body = manifest()
    body["spec"] |= spec
    with pytest.raises(Refused, match=field.replace(".", r"\.")):
        create(kubernetes_namespace, body)


def test_the_largest_spec_that_the_schema_takes_is_taken_and_checked(kubernetes_namespace: KubernetesApi) -> None:
    files = [{"key": "k" * 1000 + str(n), "name": "n" * 1024, "size": 2**40, "sha256": "a" * 64} for n in range(100)]
    source = {"bucket": "report-import", "prefix": "imports/41/", "files": files, "fileCount": 100, "bytes": 2**50}
    options = {"tags": ["t" * 1000] * 100}
    create(kubernetes_namespace, manifest(source=source, options=options))
    patch(kubernetes_namespace, spec={"cancel": True})


# People


def test_the_columns_tell_how_it_is_going(store: KubernetesImports, kubectl: Kubectl) -> None:
    store.create(an_import())
    status = {
        "phase": "Running",
        "reason": "Processing",
        "job": "report-41-1",
        "queuedAt": "2026-03-01T12:00:00Z",
        "attempts": {"started": 1, "counted": 1, "memoryBytes": 1, "lastReason": ""},
    }
    store.apply_status(41, status, manager="report-import-operator")
    store.apply_status(41, {"progress": {"percent": 40, "tests": 12, "failed": 3}}, manager="report-import-processor")
    head, line = kubectl("get", "ri").splitlines()
    assert head.split() == ["NAME", "PHASE", "PROGRESS", "TESTS", "FAILED", "PROFILE", "AGE"]
    assert line.split()[:6] == ["report-41", "Running", "40", "12", "3", "web"]
    head, line = kubectl("get", "ri", "-o", "wide").splitlines()
    assert head.split()[7:] == ["REASON", "ATTEMPTS", "QUEUED", "DURATION", "JOB"]
    assert "report-41-1" in line
    assert "report-41" in kubectl("get", "reports", "-o", "name")


def test_a_new_import_is_shown_without_holes(store: KubernetesImports, kubectl: Kubectl) -> None:
    store.create(an_import())
    _, line = kubectl("get", "ri").splitlines()
    assert line.split()[0] == "report-41"


def test_kubectl_waits_for_the_end(store: KubernetesImports, kubectl: Kubectl) -> None:
    store.create(an_import())
    condition = {
        "type": "Complete",
        "status": "True",
        "reason": "Imported",
        "lastTransitionTime": "2026-03-01T12:00:00Z",
    }
    kubectl("wait", "--for=condition=Complete", "ri/report-41", "--timeout=0.2s", fails=True)
    store.apply_status(41, {"phase": "Succeeded", "conditions": [condition]}, manager="report-import-processor")
    assert "condition met" in kubectl("wait", "--for=condition=Complete", "ri/report-41", "--timeout=5s")
    assert "condition met" in kubectl(
        "wait", "--for=jsonpath={.status.phase}=Succeeded", "ri/report-41", "--timeout=5s"
    )


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("ri", ["One upload of test reports, and what becomes of it."]),
        (
            "ri.spec",
            ["What is to be imported.", "Higher runs earlier.", "Set to true to stop the import.", "-required-"],
        ),
        ("ri.spec.source.files", ["Object key in the bucket.", "lower-case hexadecimal"]),
        ("ri.status", ["Where the import is.", "The last four are final.", "Succeeded"]),
        ("ri.status.progress", ["Last sign of life of the processor."]),
    ],
)
def test_kubectl_explain_reads_like_documentation(kubectl: Kubectl, path: str, words: list[str]) -> None:
    text = " ".join(kubectl("explain", path).split())
    for word in words:
        assert word in text


def test_every_field_has_an_explanation(kubectl: Kubectl) -> None:
    text = kubectl("explain", "ri", "--recursive")
    assert "heartbeatAt" in text
    for path in ("ri.spec", "ri.spec.options", "ri.spec.source", "ri.status", "ri.status.attempts", "ri.status.counts"):
        assert "<no description>" not in kubectl("explain", path)


def test_kubectl_creates_and_cancels(kubectl: Kubectl, store: KubernetesImports, tmp_path: Path) -> None:
    file = tmp_path / "import.yaml"
    file.write_text(yaml.safe_dump(manifest()))
    assert "created" in kubectl("create", "-f", str(file))
    assert "unchanged" not in kubectl("patch", "ri", "report-41", "--type=merge", "-p", '{"spec":{"cancel":true}}')
    found = store.get(41)
    assert found is not None
    assert found.spec.cancel
    assert "unknown field" in kubectl("create", "-f", str(_misspelt(tmp_path)), fails=True)


def _misspelt(folder: Path) -> Path:
    file = folder / "misspelt.yaml"
    body = manifest(42)
    body["spec"]["prioriti"] = 5
    file.write_text(yaml.safe_dump(body))
    return file
