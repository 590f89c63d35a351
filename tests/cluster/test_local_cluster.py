"""The local cluster itself: what it brings up works, and taking it away leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cluster.kit.kubectl import Kubectl, find_kubectl
from cluster.local.localcluster import leftovers, lifecycle, processes, requirements
from cluster.local.localcluster.settings import PAUSE_IMAGE, Settings
from support.binaries import missing
from support.processes import wait_until

LOCAL = Path(__file__).parent / "local"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def settings(monkeypatch):
    """A cluster of its own number, beside one that may be up."""
    if lacking := requirements.missing():
        missing(f"the local cluster cannot run here: {'; '.join(lacking)}")
    monkeypatch.setenv("REPORT_IMPORT_CLUSTER", "199")
    return Settings.from_environment()


def call(command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "localcluster", command],
        env={**os.environ, "PYTHONPATH": str(LOCAL)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_cluster_runs_pods_and_leaves_nothing_behind(settings):
    before = leftovers.machine()
    try:
        assert str(settings.kubeconfig) in call("up")
        assert "is up" in call("up"), "bringing it up twice is bringing it up once"
        run_a_pod(settings)
    finally:
        call("down")
    assert sorted(leftovers.machine()) == sorted(before)
    assert leftovers.of_cluster(settings) == []


def test_a_cluster_that_was_cut_off_is_brought_up_anew(settings):
    try:
        call("up")
        os.kill(processes.pid_of(settings, "etcd"), signal.SIGKILL)
        wait_until(lambda: lifecycle.missing(settings) == ["etcd"], seconds=10, what="etcd is gone")
        assert "did not end well" in call("up")
        run_a_pod(settings)
    finally:
        call("down")
    assert leftovers.of_cluster(settings) == []


def run_a_pod(settings):
    kubectl = Kubectl(find_kubectl(), str(settings.kubeconfig), "default")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pause"},
        "spec": {"containers": [{"name": "pause", "image": PAUSE_IMAGE}]},
    }
    kubectl.run("apply", "--filename=-", stdin=json.dumps(pod))
    wait_until(
        lambda: kubectl.json("get", "pod", "pause")["status"]["phase"] == "Running", seconds=60, what="the pod runs"
    )
