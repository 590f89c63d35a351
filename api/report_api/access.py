"""Who is calling, and what that key may do.

A key comes in ``x-api-key`` or ``Authorization: Bearer``. Browsers that signed in send it in a
cookie, which counts for reading only: a page of another site can make a browser send requests,
but none that changes anything.
"""

import asyncio
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from report_api.errors import ApiError
from report_api.keysource import KeySource
from report_api.settings import ApiSettings
from report_contract.accesskeys import KeyRecord, Role

_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="report-import"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who made the request."""

    key: KeyRecord | None
    """None: nobody in particular, where ``anonymous_read`` allows that."""

    @property
    def id(self) -> str:
        """Public id of the key; empty without one."""
        return self.key.id if self.key else ""

    @property
    def role(self) -> Role:
        """What the caller may do."""
        return self.key.role if self.key else Role.READ_ONLY

    def sees(self, profile: str) -> bool:
        """Whether a profile is visible."""
        return self.key is None or self.key.sees(profile)

    def may(self, role: Role) -> bool:
        """Whether the caller has this role."""
        return self.role.allows(role)

    def require_profile(self, profile: str) -> None:
        """Raise 404 for a profile that is not visible: whether it exists is none of the caller's business."""
        if not self.sees(profile):
            raise ApiError(404, "profile_not_found", f"There is no profile {profile!r} that this API key can see.")


class Access:
    """Finds the caller of a request."""

    def __init__(self, settings: ApiSettings, keys: KeySource) -> None:
        self._keys = keys
        self._anonymous_read = settings.anonymous_read
        self._own_name = urlsplit(settings.base_url).hostname
        self.cookie = "__Host-report-import-key" if settings.secure else "report-import-key"
        """Name of the cookie of browsers that signed in."""

    async def find(self, presented: str) -> KeyRecord | None:
        """The record of a key. In a thread: it may read a file."""
        return await asyncio.to_thread(self._keys.find, presented) if presented else None

    async def caller(self, request: Request, needed: Role) -> Caller:
        """Who is calling. Raises 401 without a valid key, and 403 when its role is too low."""
        caller = await self.reader(request)
        if caller is None or (needed is not Role.READ_ONLY and caller.key is None):
            raise ApiError(
                401,
                "missing_api_key",
                "An API key is needed. Send it in the x-api-key header.",
                headers=_CHALLENGE,
            )
        if not caller.may(needed):
            raise ApiError(
                403, "role_too_low", f"This needs the role {needed.value}; the key {caller.id} has {caller.role.value}."
            )
        request.state.caller = caller.id
        return caller

    async def reader(self, request: Request) -> Caller | None:
        """Who is reading; None when a key is needed and there is none. Raises 401 for a wrong key in a header."""
        presented = _from_headers(request)
        if presented is None and request.method in _SAFE_METHODS:
            record = await self.find(request.cookies.get(self.cookie, ""))
            if record is not None:
                return Caller(record)
        if presented is None:
            return Caller(None) if self._anonymous_read and self._is_for_us(request) else None
        record = await self.find(presented)
        if record is None:
            raise ApiError(401, "invalid_api_key", "This API key is not valid.", headers=_CHALLENGE)
        return Caller(record)

    def _is_for_us(self, request: Request) -> bool:
        """Whether the browser knows that it talks to this server.

        A page of another site can have its own name resolve to 127.0.0.1 and would then read what
        everybody on this machine may read. Its requests carry that name.
        """
        try:
            name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
            return name in {self._own_name, "localhost"} or bool(ip_address(name))
        except ValueError:
            return False


def _from_headers(request: Request) -> str | None:
    key = request.headers.get("x-api-key")
    if key is not None:
        return key
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None
