"""Leases: who holds something for a while. Claims on idempotency keys and the operator's lead use them.

A Lease is taken over by replacing it with the resource version that was read: of two who try at
once, the API server lets one through.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from report_stores.kubernetes_api import KubernetesApi, Refused

_GROUP_VERSION: Final = "coordination.k8s.io/v1"
_MICRO_TIME: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class Lease:
    """One ``coordination.k8s.io`` Lease, as far as we use it."""

    name: str
    holder: str
    """Empty: released."""
    renewed_at: datetime
    seconds: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    """Resource version that was read; empty for a new one."""

    def expired(self, now: datetime) -> bool:
        """Whether its holder let it run out, or gave it up."""
        return not self.holder or now >= self.renewed_at + timedelta(seconds=self.seconds)


class Leases:
    """The Leases of the namespace."""

    def __init__(self, api: KubernetesApi) -> None:
        self._api = api

    def get(self, name: str) -> Lease | None:
        """The Lease, or None."""
        try:
            return _read(self._api.request("GET", self._path(name)))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def create(self, lease: Lease) -> bool:
        """Make it; False when one of this name exists."""
        try:
            self._api.request("POST", self._path(), body=_write(lease))
        except Refused as refused:
            if refused.status == 409:
                return False
            raise
        return True

    def replace(self, lease: Lease) -> bool:
        """Replace the one that was read; False when it changed meanwhile, or is gone."""
        try:
            self._api.request("PUT", self._path(lease.name), body=_write(lease))
        except Refused as refused:
            if refused.status in {404, 409}:
                return False
            raise
        return True

    def delete(self, lease: Lease) -> bool:
        """Delete the one that was read; False when it changed meanwhile, or is gone."""
        body = {"preconditions": {"resourceVersion": lease.version}}
        try:
            self._api.request("DELETE", self._path(lease.name), body=body)
        except Refused as refused:
            if refused.status in {404, 409}:
                return False
            raise
        return True

    def list(self, label_selector: str) -> Iterator[Lease]:
        """All with a label, page by page."""
        for item in self._api.pages(self._path(), label_selector=label_selector):
            yield _read(item)

    def _path(self, name: str = "") -> str:
        return self._api.path(_GROUP_VERSION, "leases", name)


def _read(item: Mapping[str, Any]) -> Lease:
    metadata, spec = item["metadata"], item.get("spec") or {}
    renewed = spec.get("renewTime") or metadata["creationTimestamp"]
    return Lease(
        name=metadata["name"],
        holder=spec.get("holderIdentity") or "",
        renewed_at=datetime.fromisoformat(renewed),
        seconds=int(spec.get("leaseDurationSeconds") or 0),
        annotations=metadata.get("annotations") or {},
        labels=metadata.get("labels") or {},
        version=metadata["resourceVersion"],
    )


def _write(lease: Lease) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "name": lease.name,
        "annotations": dict(lease.annotations),
        "labels": dict(lease.labels),
    }
    if lease.version:
        metadata["resourceVersion"] = lease.version
    return {
        "apiVersion": _GROUP_VERSION,
        "kind": "Lease",
        "metadata": metadata,
        "spec": {
            "holderIdentity": lease.holder,
            "leaseDurationSeconds": lease.seconds,
            "renewTime": lease.renewed_at.astimezone(UTC).strftime(_MICRO_TIME),
        },
    }
