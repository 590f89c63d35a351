"""Imports as ``ReportImport`` resources of one namespace. See ``imports`` for what each method promises."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from report_contract.names import API_VERSION, KIND, PLURAL, report_id_of, resource_name
from report_contract.resource import ReportImport
from report_stores.claims import Claims
from report_stores.errors import ImportExists, ImportMissing, InvalidResource, PhaseIsFinal, StoreError
from report_stores.imports import Claim
from report_stores.kubernetes_api import APPLY_PATCH, MERGE_PATCH, KubernetesApi, Refused
from report_stores.leases import Leases
from report_stores.reportids import ReportIds

_FINAL: Final = "a terminal phase is final"
"""The words of the rule in the CustomResourceDefinition (``report_contract.crd``)."""

log = logging.getLogger(__name__)


class KubernetesImports:
    """An ``ImportStore`` over the Kubernetes API."""

    def __init__(
        self,
        api: KubernetesApi,
        *,
        highest_known: Callable[[], int] = lambda: 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``highest_known`` is the highest report id in object storage, asked when the counter is new."""
        self._api = api
        self._highest_known = highest_known
        self._ids = ReportIds(api, self._highest_anywhere)
        self._claims = Claims(Leases(api), self.next_report_id, clock)

    def next_report_id(self) -> int:
        """See ``ImportStore``."""
        return self._ids.next()

    def create(self, resource: ReportImport) -> ReportImport:
        """See ``ImportStore``."""
        body = resource.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"status"})
        try:
            return parse_resource(
                self._api.request("POST", self._path(), body=body, query={"fieldValidation": "Strict"})
            )
        except Refused as refused:
            if refused.status == 409 and refused.reason == "AlreadyExists":
                raise ImportExists(f"{resource.metadata.get('name')} exists already") from refused
            raise _understood(refused) from refused

    def get(self, report_id: int) -> ReportImport | None:
        """See ``ImportStore``."""
        try:
            return parse_resource(self._api.request("GET", self._path(report_id)))
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def list(self) -> Iterator[ReportImport]:
        """See ``ImportStore``. A resource that cannot be read is left out and logged."""
        for item in self._api.pages(self._path()):
            try:
                yield parse_resource(item)
            except InvalidResource:
                log.exception("a resource is left out of the listing")

    def request_cancel(self, report_id: int) -> None:
        """See ``ImportStore``."""
        self._patch(self._path(report_id), {"spec": {"cancel": True}}, MERGE_PATCH, {})

    def apply_status(self, report_id: int, status: dict[str, Any], *, manager: str) -> None:
        """See ``ImportStore``."""
        body = {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "metadata": {"name": resource_name(report_id)},
            "status": status,
        }
        query = {"fieldManager": manager, "force": "true"}
        self._patch(self._path(report_id, "status"), body, APPLY_PATCH, query)

    def delete(self, report_id: int) -> None:
        """See ``ImportStore``."""
        try:
            self._api.request("DELETE", self._path(report_id), query={"propagationPolicy": "Background"})
        except Refused as refused:
            if refused.status != 404:
                raise

    def claim(self, token: str, *, holder: str, lease_seconds: float) -> Claim:
        """See ``ImportStore``."""
        return self._claims.claim(token, holder=holder, lease_seconds=lease_seconds)

    def renew(self, token: str, *, holder: str) -> bool:
        """See ``ImportStore``."""
        return self._claims.renew(token, holder=holder)

    def finish(self, token: str, *, holder: str, fingerprint: str) -> bool:
        """See ``ImportStore``."""
        return self._claims.finish(token, holder=holder, fingerprint=fingerprint)

    def release(self, token: str, *, holder: str) -> None:
        """See ``ImportStore``."""
        self._claims.release(token, holder=holder)

    def forget_claims(self, *, older_than_seconds: float) -> int:
        """See ``ImportStore``."""
        return self._claims.forget(older_than_seconds=older_than_seconds)

    def _patch(self, path: str, body: dict[str, Any], content_type: str, query: dict[str, str]) -> None:
        try:
            self._api.request("PATCH", path, body=body, content_type=content_type, query=query)
        except Refused as refused:
            raise _understood(refused) from refused

    def _highest_anywhere(self) -> int:
        names = (item["metadata"]["name"] for item in self._api.pages(self._path()))
        return max([self._highest_known(), *(report_id_of(name) or 0 for name in names)])

    def _path(self, report_id: int | None = None, subresource: str = "") -> str:
        name = resource_name(report_id) if report_id is not None else ""
        return self._api.path(API_VERSION, PLURAL, name, subresource)


def parse_resource(item: dict[str, Any]) -> ReportImport:
    """A resource from the API server's JSON. Raises ``InvalidResource``."""
    try:
        return ReportImport.model_validate(item)
    except ValidationError as error:
        raise InvalidResource(f"{item.get('metadata', {}).get('name')}: {error}") from error


def _understood(refused: Refused) -> StoreError:
    if refused.status == 404:
        return ImportMissing(str(refused))
    if refused.status == 422 and _FINAL in str(refused):
        return PhaseIsFinal(str(refused))
    if refused.status in {400, 422}:
        return InvalidResource(str(refused))
    return refused
