"""Jobs, their Pods, and events: the raw objects of the Kubernetes API, for the operator."""

from collections.abc import Iterator
from typing import Any, Final

from report_stores.kubernetes_api import KubernetesApi, Refused

_BATCH: Final = "batch/v1"


class Workloads:
    """The Jobs, Pods and events of the namespace."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api

    @property
    def namespace(self) -> str:
        """The namespace."""
        return self._api.namespace

    def create_job(self, manifest: dict[str, Any]) -> bool:
        """Create a Job; False when one of its name exists already."""
        try:
            self._api.request("POST", self._api.path(_BATCH, "jobs"), body=manifest)
        except Refused as refused:
            if refused.status == 409 and refused.reason == "AlreadyExists":
                return False
            raise
        return True

    def delete_job(self, name: str) -> None:
        """Delete a Job; it stays, with its deletion time, until its Pods are gone. What is gone already is success."""
        try:
            self._api.request("DELETE", self._api.path(_BATCH, "jobs", name), query={"propagationPolicy": "Foreground"})
        except Refused as refused:
            if refused.status != 404:
                raise

    def jobs(self, label_selector: str) -> Iterator[dict[str, Any]]:
        """All Jobs with these labels."""
        return self._api.pages(self._api.path(_BATCH, "jobs"), label_selector=label_selector)

    def pods(self, label_selector: str) -> Iterator[dict[str, Any]]:
        """All Pods with these labels."""
        return self._api.pages(self._api.path("v1", "pods"), label_selector=label_selector)

    def create_event(self, event: dict[str, Any]) -> None:
        """Post a ``v1`` Event."""
        self._api.request("POST", self._api.path("v1", "events"), body=event)
