"""API keys: their form, their salted hashes, and the roles they carry.

A key reads ``ri_<id>_<secret>``. The id is public (it is shown in ``request.json`` and in lists)
and finds the record; the secret is 32 random bytes. Because it is random and long, one salted
SHA-256 is enough: a slow hash protects guessable passwords, and would cost every request.
"""

import hashlib
import hmac
import secrets
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from report_contract.base import OpenModel, Timestamp
from report_contract.resource import ProfileName

_PREFIX: Final = "ri"
ALL_PROFILES: Final = "*"


class Role(StrEnum):
    """What a key may do. Each role may do all that the ones before it may."""

    READ_ONLY = "read_only"
    """See reports."""
    USER = "user"
    """Import, and cancel imports."""
    MODERATOR = "moderator"
    """Delete reports."""
    ADMINISTRATOR = "administrator"
    """Everything."""

    def allows(self, needed: "Role") -> bool:
        """Whether this role includes what ``needed`` allows."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class KeyRecord(OpenModel):
    """One key as it is kept: enough to recognise it, not enough to use it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]{8}$")]
    """Public id of the key."""
    name: Annotated[str, Field(min_length=1, max_length=200)]
    """What the key is for, in the words of its maker."""
    role: Role
    """What it may do."""
    profiles: list[ProfileName | str] = [ALL_PROFILES]
    """The profiles it can see; `*` for all."""
    salt: str
    """Random, in hexadecimal."""
    hash: str
    """SHA-256 over salt and secret, in hexadecimal."""
    created_at: Timestamp | None = None
    """When it was made."""

    def sees(self, profile: str) -> bool:
        """Whether the profile is visible to this key."""
        return ALL_PROFILES in self.profiles or profile in self.profiles


class KeyFile(OpenModel):
    """The content of ``keys.json`` in the Secret."""

    keys: list[KeyRecord] = []
    """All keys that are valid."""


def new_key(name: str, role: Role, profiles: list[str] | None = None) -> tuple[str, KeyRecord]:
    """A fresh key and its record. The key itself is shown once and kept nowhere."""
    identity = secrets.token_hex(4)
    secret = secrets.token_urlsafe(32)
    salt = secrets.token_hex(16)
    record = KeyRecord(
        id=identity,
        name=name,
        role=role,
        profiles=list(profiles or [ALL_PROFILES]),
        salt=salt,
        hash=_digest(salt, secret),
    )
    return f"{_PREFIX}_{identity}_{secret}", record


def find_key(keys: KeyFile, presented: str) -> KeyRecord | None:
    """The record of the key that was presented, or None. The comparison takes constant time."""
    prefix, _, rest = presented.strip().partition("_")
    identity, _, secret = rest.partition("_")
    if prefix != _PREFIX:
        return None
    for record in keys.keys:
        if record.id == identity:
            matches = hmac.compare_digest(_digest(record.salt, secret), record.hash)
            return record if matches else None
    return None


def _digest(salt: str, secret: str) -> str:
    return hashlib.sha256(bytes.fromhex(salt) + secret.encode()).hexdigest()
