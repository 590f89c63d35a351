"""What the chart renders to: every branch of it, and that it agrees with the programs it starts."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from support.binaries import binary

from report_api.app import LAST_SECONDS
from report_api.settings import ApiSettings
from report_contract.accesskeys import KeyFile, Role, find_key
from report_operator.settings import JobSettings, Limits, OperatorSettings
from report_processor.settings import ProcessorSettings
from report_stores.settings import KubernetesSettings, StorageSettings

CHART = Path(__file__).resolve().parents[3] / "charts" / "report-import"
EVERY_VALUE = Path(__file__).with_name("every-value.yaml")


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(binary("helm", "Helm, which renders the chart,"))
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, env=dict(os.environ))


def render(*arguments: str) -> list[dict]:
    done = helm("template", "reports", str(CHART), "--namespace", "testing", *arguments)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


@pytest.fixture(scope="module")
def minimal() -> list[dict]:
    return render("--set", "minio.enabled=true")


@pytest.fixture(scope="module")
def full() -> list[dict]:
    return render("--values", str(EVERY_VALUE))


def one(documents: list[dict], kind: str, name: str) -> dict:
    found = [each for each in documents if each["kind"] == kind and each["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} of kind {kind} called {name}"
    return found[0]


def container(documents: list[dict], kind: str, name: str) -> dict:
    return one(documents, kind, name)["spec"]["template"]["spec"]["containers"][0]


def env(documents: list[dict], name: str) -> dict[str, str]:
    return {entry["name"]: entry.get("value", "") for entry in container(documents, "Deployment", name)["env"]}


def pod_specs(documents: list[dict]) -> list[dict]:
    return [each["spec"]["template"]["spec"] for each in documents if each["kind"] in {"Deployment", "StatefulSet"}]


def names(*classes: type) -> set[str]:
    return {f"{each.model_config['env_prefix']}{field}".upper() for each in classes for field in each.model_fields}


@pytest.mark.parametrize("values", [["--set", "minio.enabled=true"], ["--values", str(EVERY_VALUE)]])
def test_helm_finds_nothing_to_complain_about(values):
    done = helm("lint", str(CHART), "--strict", *values)
    assert done.returncode == 0, done.stdout


def test_a_value_that_the_chart_does_not_know_is_refused():
    done = helm("template", "reports", str(CHART), "--set", "minio.enabled=true", "--set", "api.replica=3")
    assert done.returncode != 0
    assert "replica" in done.stderr


def test_without_storage_the_error_says_what_to_set():
    done = helm("template", "reports", str(CHART))
    assert done.returncode != 0
    assert "storage.endpoint" in done.stderr


def test_every_value_of_the_chart_is_set_in_the_file_that_sets_every_value():
    def paths(values: dict, prefix: str = "") -> set[str]:
        found = set()
        for name, value in values.items():
            nested = isinstance(value, dict) and value
            found |= paths(value, f"{prefix}{name}.") if nested else {f"{prefix}{name}"}
        return found

    # Settings are rendered by one loop, whatever their names, and are held against the classes below.
    settings = re.compile(r"^(api|operator|processor)\.settings")
    wanted = {path for path in paths(yaml.safe_load((CHART / "values.yaml").read_text())) if not settings.match(path)}
    given = paths(yaml.safe_load(EVERY_VALUE.read_text()))
    assert {path for path in wanted if not any(each == path or each.startswith(f"{path}.") for each in given)} == set()


@pytest.mark.parametrize(
    ("deployment", "classes", "left_out"),
    [
        (
            "reports-report-import-api",
            (ApiSettings, KubernetesSettings, StorageSettings),
            {"REPORT_IMPORT_KUBECONFIG"},
        ),
        (
            "reports-report-import-operator",
            (Limits, JobSettings, OperatorSettings, KubernetesSettings, StorageSettings),
            # The host name, which is the Pod's, is the right identity.
            {"REPORT_IMPORT_KUBECONFIG", "REPORT_IMPORT_OPERATOR_IDENTITY"},
        ),
    ],
)
def test_a_deployment_sets_exactly_the_variables_that_its_program_reads(minimal, deployment, classes, left_out):
    given = {name for name in env(minimal, deployment) if name.startswith("REPORT_IMPORT_")}
    assert given == names(*classes) - left_out


def test_the_values_of_settings_are_the_defaults_of_the_programs(minimal, monkeypatch):
    differing = {}
    for deployment, classes in (
        ("reports-report-import-api", (ApiSettings, KubernetesSettings)),
        ("reports-report-import-operator", (Limits, OperatorSettings)),
    ):
        for name, value in env(minimal, deployment).items():
            monkeypatch.setenv(name, value)
        for each in classes:
            plain = {name: field.default for name, field in each.model_fields.items()}
            read = each().model_dump()
            differing |= {name: read[name] for name in plain if read[name] != plain[name]}
    expected = {"base_url", "host", "keys_file", "namespace"}
    assert set(differing) == expected


def test_settings_reach_the_programs_as_they_were_written(full, monkeypatch):
    for name, value in env(full, "reports-api").items():
        monkeypatch.setenv(name, value)
    settings = ApiSettings()
    assert settings.max_file_bytes == 1099511627776
    assert settings.poll_seconds == 0.5
    assert settings.anonymous_read
    assert settings.base_url == "https://reports.example.org"
    assert StorageSettings().part_size == 16777216


def test_the_shape_of_jobs_reaches_the_operator(full, monkeypatch):
    for name, value in env(full, "reports-operator").items():
        monkeypatch.setenv(name, value)
    jobs, limits = JobSettings(), Limits()
    assert jobs.job_image == "registry.example.org/report-import:1.2.3"
    assert jobs.job_image_pull_secrets == ["registry-login"]
    assert jobs.job_service_account == "own-processor"
    assert jobs.job_tolerations == [{"key": "batch", "operator": "Exists"}]
    assert jobs.job_node_selector == {"pool": "batch"}
    assert jobs.job_labels["app.kubernetes.io/component"] == "processor"
    assert jobs.job_labels["team"] == "c"
    assert limits.memory == 2**30
    assert limits.memory_cap == 8 * 2**30
    assert limits.max_concurrent == 7


def test_the_settings_of_the_processor_reach_its_pods_through_the_operator(minimal, monkeypatch):
    given = json.loads(env(minimal, "reports-report-import-operator")["REPORT_IMPORT_JOB_ENV"])
    # The operator itself says which import it is and what is known of it; the third is for the standalone mode.
    assert set(given) == names(ProcessorSettings) - {
        f"REPORT_IMPORT_{name}" for name in ("REPORT_ID", "SO_FAR", "TELL")
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert ProcessorSettings(report_id=1) == ProcessorSettings.model_construct(report_id=1)


def test_all_pods_keep_to_the_restricted_pod_security_standard(minimal, full):
    for spec in [*pod_specs(minimal), *pod_specs(full)]:
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for each in spec["containers"]:
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in each["resources"]["limits"]


def test_all_pods_are_probed(minimal):
    for spec in pod_specs(minimal):
        assert {"startupProbe", "livenessProbe"} <= set(spec["containers"][0])


def test_a_pod_of_the_api_is_given_time_to_drain_to_finish_uploads_and_to_clean_up():
    given = ("--set", "minio.enabled=true,api.drainSeconds=30,api.settings.shutdownSeconds=600")
    spec = one(render(*given), "Deployment", "reports-report-import-api")["spec"]["template"]["spec"]
    assert "time.sleep(30)" in str(spec["containers"][0]["lifecycle"]["preStop"])
    assert spec["terminationGracePeriodSeconds"] >= 30 + 600 + LAST_SECONDS + 5


def test_secrets_of_storage_come_from_a_secret_only(minimal):
    for name in ("reports-report-import-api", "reports-report-import-operator"):
        entries = {entry["name"]: entry for entry in container(minimal, "Deployment", name)["env"]}
        for key in ("REPORT_IMPORT_S3_ACCESS_KEY", "REPORT_IMPORT_S3_SECRET_KEY"):
            assert "value" not in entries[key]
            assert entries[key]["valueFrom"]["secretKeyRef"]["name"] == "reports-report-import-storage"


def test_nobody_may_read_secrets_or_do_anything_outside_the_namespace(minimal, full):
    for documents in (minimal, full):
        assert [each for each in documents if each["kind"] in {"ClusterRole", "ClusterRoleBinding"}] == []
        resources = {
            resource
            for each in documents
            if each["kind"] == "Role"
            for rule in each["rules"]
            for resource in rule["resources"]
        }
        assert "secrets" not in resources
        assert "*" not in resources


def test_a_processor_may_only_look_at_imports_and_patch_their_status(minimal):
    role = one(minimal, "Role", "reports-report-import-processor-status")
    rules = {(rule["resources"][0], tuple(rule["verbs"])) for rule in role["rules"]}
    assert rules == {("reportimports", ("get",)), ("reportimports/status", ("patch",))}


def test_every_role_is_bound_to_its_component(minimal):
    roles = {each["metadata"]["name"] for each in minimal if each["kind"] == "Role"}
    bound = {each["roleRef"]["name"] for each in minimal if each["kind"] == "RoleBinding"}
    assert roles == bound


def test_the_operator_runs_alone(minimal):
    spec = one(minimal, "Deployment", "reports-report-import-operator")["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}


def test_the_first_key_opens_what_the_key_file_knows(minimal):
    file = base64.b64decode(one(minimal, "Secret", "reports-report-import-keys")["data"]["keys.json"])
    key = base64.b64decode(one(minimal, "Secret", "reports-report-import-first-key")["data"]["key"]).decode()
    record = find_key(KeyFile.model_validate_json(file), key)
    assert record is not None
    assert record.role is Role.ADMINISTRATOR
    assert key.rpartition("_")[2] not in file.decode()


def test_links_begin_with_the_address_of_the_ingress():
    documents = render(
        *("--set", "minio.enabled=true,api.ingress.enabled=true,api.ingress.host=reports.example.org"),
        *("--set", "api.ingress.tlsSecret=tls"),
    )
    assert env(documents, "reports-report-import-api")["REPORT_IMPORT_BASE_URL"] == "https://reports.example.org"


def test_the_definition_of_the_resource_can_be_left_out_and_is_kept_by_default(minimal):
    definition = one(minimal, "CustomResourceDefinition", "reportimports.reportimport.dev")
    assert definition["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    without = render("--set", "minio.enabled=true,crds.enabled=false")
    assert [each for each in without if each["kind"] == "CustomResourceDefinition"] == []


def test_the_admission_policy_ties_a_processor_to_its_own_import(full):
    policy = one(full, "ValidatingAdmissionPolicy", "reports.testing.reportimport.dev")
    condition = policy["spec"]["matchConditions"][0]["expression"]
    assert condition == "request.userInfo.username == 'system:serviceaccount:testing:own-processor'"
    binding = one(full, "ValidatingAdmissionPolicyBinding", "reports.testing.reportimport.dev")
    assert binding["spec"]["policyName"] == policy["metadata"]["name"]


def test_every_value_has_a_description_or_a_name_that_says_it_all():
    schema = json.loads((CHART / "values.schema.json").read_text())
    settings = schema["properties"]["api"]["properties"]["settings"]["properties"]
    assert all(each["description"] for each in settings.values())
