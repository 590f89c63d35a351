"""Requests to the Kubernetes API as plain JSON, over the official client.

The official client brings what is hard: kubeconfig files, rotating ServiceAccount tokens, TLS. Its
generated models are left aside: our own models are the definition of our resource, and of Jobs,
Pods, Leases and ConfigMaps only a few fields are used.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import urllib3
from kubernetes import config
from kubernetes.client import ApiClient, ApiException, Configuration

from report_stores.errors import StoreError, Unavailable
from report_stores.settings import KubernetesSettings

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"

_SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_PAGE: Final = 500
_UNTYPED: Final = "failed to create typed patch object"
"""An apply with a field that the schema does not have is answered with 500, though it is the caller's mistake."""


class Refused(StoreError):  # noqa: N818
    """The API server refused a request. The text is its own message."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status: Final = status
        """HTTP status."""
        self.reason: Final = reason
        """Kubernetes' word for it, such as AlreadyExists or Conflict."""


class KubernetesApi:
    """The API server, and the namespace that everything lies in. Safe to use from several threads."""

    def __init__(self, settings: KubernetesSettings | None = None) -> None:
        settings = settings or KubernetesSettings()
        self.namespace: Final = settings.namespace or _own_namespace()
        self._timeout: Final = (settings.kubernetes_connect_timeout, settings.kubernetes_read_timeout)
        self._client = ApiClient(_configuration(settings))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def path(self, group_version: str, plural: str, name: str = "", subresource: str = "") -> str:
        """The path of a namespaced kind or object; ``group_version`` is ``v1`` or such as ``batch/v1``."""
        root = "/api/v1" if group_version == "v1" else f"/apis/{group_version}"
        parts = [root, "namespaces", self.namespace, plural, name, subresource]
        return "/".join(part for part in parts if part)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = JSON,
    ) -> dict[str, Any]:
        """Send a request and return the JSON of the answer.

        Raises ``Unavailable`` when no server answers or it is overloaded, and ``Refused`` for 4xx.
        """
        headers = {"Accept": JSON}
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            answer = self._client.call_api(
                *self._client.param_serialize(
                    method,
                    path,
                    query_params=list((query or {}).items()),
                    header_params=headers,
                    body=body,
                    auth_settings=["BearerToken"],
                ),
                _request_timeout=self._timeout,
            )
            data: bytes = answer.read() or b"{}"  # type: ignore[no-untyped-call]
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable(f"the Kubernetes API does not answer: {error}") from error
        except ApiException as error:  # raised below HTTP, for instance when TLS fails
            raise Unavailable(f"the Kubernetes API does not answer: {error.reason}") from error
        if 200 <= answer.status < 300:
            result: dict[str, Any] = json.loads(data)
            return result
        raise _refusal(answer.status, data)

    def pages(self, path: str, *, label_selector: str = "") -> Iterator[dict[str, Any]]:
        """All items of a listing, a page of 500 at a time."""
        query = {"limit": str(_PAGE)}
        if label_selector:
            query["labelSelector"] = label_selector
        while True:
            page = self.request("GET", path, query=query)
            yield from page.get("items") or ()
            token = page.get("metadata", {}).get("continue")
            if not token:
                return
            query["continue"] = token


def _refusal(status: int, data: bytes) -> StoreError:
    try:
        parsed = json.loads(data)
    except ValueError:
        parsed = {}
    answer = parsed if isinstance(parsed, dict) else {}
    message = str(answer.get("message") or data[:500].decode(errors="replace") or f"HTTP status {status}")
    if _UNTYPED in message:
        return Refused(422, "Invalid", message)
    if status >= 500 or status == 429:
        return Unavailable(f"the Kubernetes API is not ready: {message}")
    return Refused(status, str(answer.get("reason") or ""), message)


def _configuration(settings: KubernetesSettings) -> Configuration:
    configuration = Configuration()
    if settings.kubeconfig or not (_SERVICE_ACCOUNT / "token").exists():
        config.load_kube_config(  # type: ignore[no-untyped-call]
            settings.kubeconfig or None, client_configuration=configuration
        )
    else:
        config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    configuration.connection_pool_maxsize = settings.kubernetes_connections
    configuration.retries = urllib3.Retry(
        total=settings.kubernetes_retries,
        backoff_factor=0.2,
        status_forcelist=(429, 502, 503, 504),
        # Each of our writes but the creation may be repeated: applies say the same twice, and
        # replacements carry the resource version.
        allowed_methods=("GET", "PATCH", "PUT", "DELETE"),
        raise_on_status=False,
    )
    return configuration


def _own_namespace() -> str:
    file = _SERVICE_ACCOUNT / "namespace"
    return file.read_text().strip() if file.exists() else "default"
