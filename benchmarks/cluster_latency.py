"""A small import on a real cluster against an empty Job on the same cluster.

    make cluster && scripts/local-images && python benchmarks/cluster_latency.py

In turns: the time from the first byte of an upload of 20 tests until the API says that the report is
there, and the time from the creation of a Job whose container does nothing until it is Complete. Installs
the chart into a namespace of its own on the cluster of KUBECONFIG (default: the local one), and
takes it away. Prints one JSON object; exits with 1 when the ratio of the medians is over the limit.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

from kubernetes import client, config, watch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from cluster.kit.kubectl import Kubectl, find_kubectl
from cluster.kit.release import Api, Release, new_namespace
from cluster.kit.reports import junit
from cluster.local.localcluster.settings import Settings

MAX_RATIO = 1.1
LOOK_SECONDS = 0.02


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=10, help="pairs of runs (default: %(default)s)")
    runs = arguments.parse_args().runs
    kubeconfig = os.environ.get("KUBECONFIG") or str(Settings.from_environment().kubeconfig)
    kubectl = find_kubectl()
    if kubectl is None:
        sys.exit("kubectl is missing")
    config.load_kube_config(kubeconfig)
    release = Release(Kubectl(kubectl, kubeconfig, new_namespace()))
    try:
        release.install("minio.enabled=true", "minio.persistence.enabled=false", *images())
        with release.api() as api:
            imports, jobs = measure(release, api, runs)
    finally:
        release.uninstall()
    figures = {
        "import_seconds": round(statistics.median(imports), 3),
        "job_seconds": round(statistics.median(jobs), 3),
        "ratio": round(statistics.median(imports) / statistics.median(jobs), 3),
        "limit": MAX_RATIO,
        "imports": [round(each, 2) for each in imports],
        "jobs": [round(each, 2) for each in jobs],
    }
    print(json.dumps(figures))
    return int(figures["ratio"] > MAX_RATIO)


def images() -> list[str]:
    repository, _, tag = os.environ.get("REPORT_IMPORT_E2E_IMAGE", "report-import:dev").rpartition(":")
    minio = os.environ.get("REPORT_IMPORT_E2E_MINIO_IMAGE", "report-import.test/minio:1")
    return [f"image.repository={repository}", f"image.tag={tag}", f"minio.image={minio}"]


def measure(release: Release, api: Api, runs: int) -> tuple[list[float], list[float]]:
    """Seconds of imports and of Jobs, in turns. The first of each warms up and is left out."""
    imports, jobs = [], []
    for number in range(runs + 1):
        imports.append(seconds_of_import(api))
        jobs.append(seconds_of_job(release.kubectl.namespace, f"empty-{number}"))
    return imports[1:], jobs[1:]


def seconds_of_import(api: Api) -> float:
    start = time.perf_counter()
    report_id = api.upload(junit(20, failed=1))
    while (status := api.status(report_id)["import_status"]) in {"queued", "processing"}:
        time.sleep(LOOK_SECONDS)
    seconds = time.perf_counter() - start
    if status != "success":
        sys.exit(f"the import ended as {status}: {api.status(report_id)}")
    return seconds


def seconds_of_job(namespace: str, name: str) -> float:
    batch = client.BatchV1Api()
    container = {
        "name": "empty",
        "image": os.environ.get("REPORT_IMPORT_E2E_IMAGE", "report-import:dev"),
        "command": ["true"],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    start = time.perf_counter()
    batch.create_namespaced_job(
        namespace, {"metadata": {"name": name}, "spec": {"backoffLimit": 0, "template": {"spec": pod}}}
    )
    for event in watch.Watch().stream(
        batch.list_namespaced_job, namespace, field_selector=f"metadata.name={name}", timeout_seconds=60
    ):
        conditions = event["object"].status.conditions or []
        if any(condition.type == "Complete" and condition.status == "True" for condition in conditions):
            return time.perf_counter() - start
    sys.exit(f"Job {name} did not complete")


if __name__ == "__main__":
    sys.exit(main())
