"""The two ends of an import in object storage: ``request.json``, written by the API before the
resource exists, and ``status.json``, the commit point, written last.
"""

from typing import Annotated

from pydantic import Field

from report_contract import names, objectkeys
from report_contract.base import OpenModel, Timestamp
from report_contract.options import ImportOptions
from report_contract.phases import Phase
from report_contract.resource import (
    MAX_LISTED_FILES,
    Counts,
    ProfileName,
    ReportImport,
    ReportImportSpec,
    ReportImportStatus,
    Source,
    SourceFile,
)


class ImportRequest(OpenModel):
    """``request.json``: everything the processor needs to know, and who asked for it."""

    report_id: Annotated[int, Field(ge=1)]
    """Number of the report."""
    profile: ProfileName
    """Id or key of the profile."""
    formatter: str = ""
    """Key of the format. Empty: detected from the content."""
    options: ImportOptions = ImportOptions()
    """Import options."""
    priority: int = 0
    """Priority in the queue."""
    files: list[SourceFile]
    """All uploaded files, in the order of the upload."""
    attachments: list[SourceFile] = []
    """All extra files, in the order of the upload."""
    requested_by: str = ""
    """Id of the API key (never the key itself); empty for a resource made by hand."""
    requested_at: Timestamp
    """When the upload was complete."""


def resource_of(request: ImportRequest, bucket: str) -> ReportImport:
    """The resource of an upload: references only, and no more than the first hundred files."""
    return ReportImport(
        metadata={
            "name": names.resource_name(request.report_id),
            "labels": {names.LABEL_REPORT_ID: str(request.report_id), names.LABEL_PROFILE: request.profile},
        },
        spec=ReportImportSpec(
            report_id=request.report_id,
            profile=request.profile,
            formatter=request.formatter,
            source=Source(
                bucket=bucket,
                prefix=objectkeys.import_prefix(request.report_id),
                files=request.files[:MAX_LISTED_FILES],
                file_count=len(request.files),
                bytes=sum(file.size for file in request.files),
            ),
            options=request.options,
            priority=request.priority,
        ),
    )


class FinalRecord(OpenModel):
    """``status.json``: how the import ended. The API answers from it once the resource is gone."""

    report_id: Annotated[int, Field(ge=1)]
    """Number of the report."""
    profile: ProfileName
    """Id or key of the profile."""
    status: ReportImportStatus
    """The final status; its phase is terminal."""
    requested_at: Timestamp | None = None
    """When the upload was complete."""


class ProfileEntry(OpenModel):
    """One line of a profile's index (``objectkeys.profile_entry``): enough for a list of its imports."""

    report_id: Annotated[int, Field(ge=1)]
    """Number of the report."""
    profile: ProfileName
    """Id or key of the profile."""
    phase: Phase
    """How it ended."""
    reason: str = ""
    """Why, as one CamelCase word."""
    counts: Counts = Counts()
    """Results by status."""
    requested_at: Timestamp | None = None
    """When the upload was complete."""
    completed_at: Timestamp | None = None
    """When it ended."""
    duration: str = ""
    """Time from the start to the end, such as 1m12s."""
