"""What a processor may do, should a hostile file take it over."""

import json

import pytest
from cluster.kit.kubectl import KubectlError
from cluster.kit.reports import junit
from support.processes import wait_until

from report_stores.kubernetes_api import MERGE_PATCH, KubernetesApi, Refused
from report_stores.settings import KubernetesSettings

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(300)]

ACCOUNT = "report-import-processor"


@pytest.fixture
def stranger(release, api):
    """kubectl with the token of a Pod that is named like a processor of another import."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "report-777-1-abcde"},
        "spec": {
            "serviceAccountName": ACCOUNT,
            # It need not run: the token only has to be bound to it.
            "nodeSelector": {"no": "where"},
            "securityContext": {"runAsNonRoot": True, "runAsUser": 1, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "none",
                    "image": "none",
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }
    release.kubectl.run("create", "--filename=-", stdin=json.dumps(pod))
    uid = release.kubectl.json("get", "pod", "report-777-1-abcde")["metadata"]["uid"]
    token = release.kubectl.run(
        *("create", "token", ACCOUNT, "--bound-object-kind=Pod", "--bound-object-name=report-777-1-abcde"),
        f"--bound-object-uid={uid}",
    ).strip()
    yield token
    release.kubectl.run("delete", "pod", "report-777-1-abcde", "--grace-period=0", "--force")


def test_a_processor_writes_the_status_of_its_own_import_only(release, api, stranger):
    report_id = api.upload(junit(3))
    release.wait_for_end(report_id)
    with release.kubectl.kubeconfig_of(stranger) as kubeconfig:
        cluster = KubernetesApi(KubernetesSettings(kubeconfig=kubeconfig, namespace=release.kubectl.namespace))

        path = cluster.path("reportimport.dev/v1", "reportimports", f"report-{report_id}", "status")

        def denial() -> str:
            try:
                cluster.request("PATCH", path, body={"status": {"message": "mine"}}, content_type=MERGE_PATCH)
            except Refused as refused:
                return str(refused)
            return ""

        # A policy is not in force the moment it is made.
        told = wait_until(denial, seconds=30, what="the policy is in force", pause=0.5)
        assert "a processor may write the status of its own import only" in str(told)
        cluster.close()


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("get", "secrets"),
        ("list", "pods"),
        ("create", "jobs"),
        ("create", "reportimports"),
        ("delete", "reportimports"),
        ("patch", "reportimports"),
        ("get", "configmaps"),
    ],
)
def test_a_processor_may_not(release, verb, resource):
    account = f"--as=system:serviceaccount:{release.kubectl.namespace}:{ACCOUNT}"
    with pytest.raises(KubectlError):
        release.kubectl.run("auth", "can-i", verb, resource, account)
