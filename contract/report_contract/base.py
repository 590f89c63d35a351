"""The base of every model that crosses a boundary: camelCase outside, immutable inside."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """A value: frozen, unknown fields refused, camelCase in JSON, docstrings as descriptions."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        use_attribute_docstrings=True,
    )


class OpenModel(Model):
    """A value that a newer version may have given more fields; they are ignored when read."""

    model_config = ConfigDict(extra="ignore")


def utc_text(moment: datetime) -> str:
    """RFC 3339 in UTC with whole seconds, the form that Kubernetes uses: ``2026-01-31T12:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Timestamp = Annotated[datetime, PlainSerializer(utc_text, when_used="json")]
"""A moment, written as RFC 3339 UTC with whole seconds."""
