"""One release of the chart for all end-to-end tests, on the cluster that ``scripts/e2e`` names."""

import os
from collections.abc import Iterator

import pytest
from cluster.kit.kubectl import Kubectl, find_kubectl
from cluster.kit.release import Api, Release, find_helm, new_namespace
from cluster.local.localcluster import requirements
from cluster.local.localcluster.settings import Settings
from support.binaries import missing

# Small enough that tests can reach every limit, and quick to give up.
VALUES = (
    "minio.enabled=true",
    "minio.persistence.enabled=false",
    "operator.settings.maxConcurrent=5",
    "operator.settings.startDeadlineSeconds=20",
    "operator.settings.retryDelaySeconds=1",
    "operator.settings.leadSeconds=5",
    "operator.resources.requests.cpu=10m",
    "api.resources.requests.cpu=10m",
    "api.settings.idempotencyLeaseSeconds=5",
    "minio.resources.requests.cpu=10m",
    "processor.cpuRequest=10m",
)


@pytest.fixture(scope="session")
def release() -> Iterator[Release]:
    """The chart, installed into a namespace of its own and taken away at the end."""
    # Not KUBECONFIG itself: whoever runs all tests did not mean the cluster that they work with.
    kubeconfig = os.environ.get("REPORT_IMPORT_E2E_KUBECONFIG")
    kubectl = find_kubectl()
    if not kubeconfig:
        lacking = requirements.missing()
        local = (
            f"; the local one cannot run here: {'; '.join(lacking)}" if lacking else " (`make cluster` brings one up)"
        )
        missing(f"no cluster was named: `make e2e KUBECONFIG=...`{local}")
    if kubectl is None or find_helm() is None:
        missing("kubectl and helm are needed, on the PATH or in the cache of programs")
    image = os.environ.get("REPORT_IMPORT_E2E_IMAGE", "report-import:dev")
    repository, _, tag = image.rpartition(":")
    is_local = kubeconfig == str(Settings.from_environment().kubeconfig)
    minio = os.environ.get("REPORT_IMPORT_E2E_MINIO_IMAGE", "report-import.test/minio:1" if is_local else "")
    release = Release(Kubectl(kubectl, kubeconfig, new_namespace()))
    images = [f"image.repository={repository}", f"image.tag={tag}", *([f"minio.image={minio}"] if minio else [])]
    try:
        release.install(*VALUES, *images)
        yield release
    finally:
        release.uninstall()


@pytest.fixture
def api(release: Release) -> Iterator[Api]:
    """The HTTP API of any replica."""
    with release.api() as api:
        yield api
