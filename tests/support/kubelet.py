"""Plays the Job controller, the kubelet and the garbage collector for tests that have only an API server.

Every Job gets a Pod that runs until the test says how it ends; what is deleted goes away.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from report_contract.base import utc_text
from report_contract.names import LABEL_REPORT_ID
from report_stores.errors import StoreError
from report_stores.kubernetes_api import MERGE_PATCH, KubernetesApi, Refused

Json = dict[str, Any]


class Kubelet:
    """Works in a thread of its own while ``with`` lasts."""

    def __init__(self, api: KubernetesApi) -> None:
        self.api = api
        self.first_state: Callable[[Json], Json] = lambda _: {"running": {"startedAt": utc_text(datetime.now(UTC))}}
        """The container's state that a new Pod begins with."""
        self.collects_garbage = True
        self.peak = 0
        """Most Pods that ever were alive at once."""
        self.made: list[str] = []
        """Names of all Jobs that were seen, in their order."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Kubelet":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def jobs(self) -> dict[str, Json]:
        return {one["metadata"]["name"]: one for one in self.api.pages(self._path("batch/v1", "jobs"))}

    def pods(self) -> dict[str, Json]:
        found = self.api.pages(self._path("v1", "pods"), label_selector=LABEL_REPORT_ID)
        return {one["metadata"]["name"]: one for one in found}

    def end(self, job: str, exit_code: int = 0, reason: str = "", message: str = "") -> None:
        """The container of a Job's Pod ends, and with it the Pod."""
        now = utc_text(datetime.now(UTC))
        terminated = {"exitCode": exit_code, "startedAt": now, "finishedAt": now, "message": message}
        terminated["reason"] = reason or ("Completed" if exit_code == 0 else "Error")
        phase = "Succeeded" if exit_code == 0 else "Failed"
        self.set_status(job, {"phase": phase, **container({"terminated": terminated})})

    def set_status(self, job: str, status: Json) -> None:
        """Change the status of a Job's Pod."""
        path = self._path("v1", "pods", f"{job}-abcde", "status")
        self.api.request("PATCH", path, body={"status": status}, content_type=MERGE_PATCH)

    def _work(self) -> None:
        while not self._stop.wait(0.02):
            try:
                self._round()
            except StoreError:
                continue  # something was deleted between two looks; the next round sees it

    def _round(self) -> None:
        jobs, pods = self.jobs(), self.pods()
        alive = [one for one in pods.values() if one.get("status", {}).get("phase") not in {"Succeeded", "Failed"}]
        self.peak = max(self.peak, len(alive))
        for name, job in jobs.items():
            if name not in self.made:
                self.made.append(name)
            if job["metadata"].get("deletionTimestamp"):
                self._collect(name, job, pods)
            elif self._orphaned(job):
                self._delete(self._path("batch/v1", "jobs", name), "Foreground")
            elif f"{name}-abcde" not in pods and not job["spec"].get("suspend"):
                self._make_pod(name, job)

    def _collect(self, name: str, job: Json, pods: dict[str, Json]) -> None:
        if not self.collects_garbage:
            return
        if f"{name}-abcde" in pods:
            self._delete(self._path("v1", "pods", f"{name}-abcde"), "Background")
        elif job["metadata"].get("finalizers"):
            body = {"metadata": {"finalizers": None}}
            self.api.request("PATCH", self._path("batch/v1", "jobs", name), body=body, content_type=MERGE_PATCH)

    def _orphaned(self, job: Json) -> bool:
        (owner,) = job["metadata"]["ownerReferences"]
        try:
            found = self.api.request("GET", self._path("reportimport.dev/v1", "reportimports", owner["name"]))
        except Refused:
            return True
        return found["metadata"]["uid"] != owner["uid"]

    def _make_pod(self, name: str, job: Json) -> None:
        template = job["spec"]["template"]
        pod = {
            "metadata": {**template["metadata"], "name": f"{name}-abcde"},
            "spec": {**template["spec"], "terminationGracePeriodSeconds": 0},
        }
        self.api.request("POST", self._path("v1", "pods"), body=pod)
        state = self.first_state(job)
        phase = "Running" if "running" in state else "Pending"
        self.set_status(name, {"phase": phase, **container(state)})

    def _delete(self, path: str, policy: str) -> None:
        self.api.request("DELETE", path, query={"gracePeriodSeconds": "0", "propagationPolicy": policy})

    def _path(self, group: str, plural: str, name: str = "", subresource: str = "") -> str:
        return self.api.path(group, plural, name, subresource)


def container(state: Json) -> Json:
    """The part of a Pod's status that tells of its container."""
    status = {"name": "processor", "image": "i", "imageID": "", "ready": False, "restartCount": 0, "state": state}
    return {"containerStatuses": [status]}
