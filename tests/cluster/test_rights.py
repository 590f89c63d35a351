"""What a processor may do, should a hostile file take it over."""

import json

import pytest
from cluster.kit.kubectl import KubectlError
from cluster.kit.reports import junit
from support.processes import wait_until

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
    patch = json.dumps({"status": {"message": "mine now"}})
    arguments = ("patch", "reportimport", f"report-{report_id}", "--subresource=status", "--type=merge")

    def denied() -> bool:
        # A policy is not in force the moment it is made.
        with pytest.raises(KubectlError) as caught:
            release.kubectl.run_as(stranger, *arguments, f"--patch={patch}")
        return "status of its own import only" in str(caught.value)

    assert wait_until(denied, seconds=30, what="the policy is in force", pause=0.5)


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
