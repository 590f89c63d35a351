"""``request.json`` of resources that were made by hand. Pure.

The API writes ``request.json`` before it creates the resource. A person who creates one with
``kubectl`` for objects that lie in the bucket already has none, so the operator writes it from the
spec, once it has seen that what the spec names is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from report_contract.formatters import FORMATTERS
from report_contract.objectkeys import import_prefix
from report_contract.requests import FinalRecord, ImportRequest
from report_contract.resource import ReportImport

_NAMED: Final = 3
"""Missing keys that a message names."""


@dataclass(frozen=True, slots=True)
class Storage:
    """What object storage has of one import."""

    bucket: str
    """The bucket that was looked into: ours."""
    requested: bool
    """Whether ``request.json`` is there."""
    final: FinalRecord | None = None
    """``status.json``."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Bytes of the objects that the spec names, as far as they exist. Only filled without a request."""


def trouble_with(resource: ReportImport, storage: Storage) -> str:
    """Why no request can be made of this spec, as a sentence; empty when one can."""
    spec = resource.spec
    source = spec.source
    prefix = import_prefix(resource.report_id)
    missing = [file.key for file in source.files if file.key not in storage.sizes]
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    troubles = (
        (
            source.bucket != storage.bucket,
            f"spec.source.bucket is {source.bucket}, but this installation uses the bucket {storage.bucket}.",
        ),
        (
            source.prefix != prefix,
            f"spec.source.prefix is {source.prefix}, but everything about this import lies under {prefix}.",
        ),
        (
            spec.formatter not in {"", *FORMATTERS},
            f"spec.formatter {spec.formatter} is not one of: {', '.join(FORMATTERS)}.",
        ),
        (not source.files, "spec.source.files is empty: there is nothing to import."),
        (
            source.file_count > len(source.files),
            f"spec.source.fileCount is {source.file_count}, but only {len(source.files)} files are named and "
            f"{prefix}request.json, which would name them all, does not exist.",
        ),
        (bool(missing), f"The bucket {storage.bucket} has no object {', '.join(missing[:_NAMED])}{more}."),
    )
    return next((text for applies, text in troubles if applies), "")


def request_of(resource: ReportImport, storage: Storage, requested_at: datetime) -> ImportRequest:
    """The request that the spec means, with the sizes that the objects really have."""
    spec = resource.spec
    return ImportRequest(
        report_id=resource.report_id,
        profile=spec.profile,
        formatter=spec.formatter,
        options=spec.options,
        priority=spec.priority,
        files=[file.model_copy(update={"size": storage.sizes[file.key]}) for file in spec.source.files],
        requested_at=requested_at,
    )
