"""What can be set from outside: environment variables with the prefix ``REPORT_IMPORT_``."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from report_contract.resource import ReportImportStatus
from report_processor.unpack import UnpackLimits


class ProcessorSettings(BaseSettings):
    """One run of the processor."""

    model_config = SettingsConfigDict(env_prefix="REPORT_IMPORT_", extra="ignore", frozen=True)

    report_id: Annotated[int, Field(ge=1)]
    """The import to work on."""
    so_far: ReportImportStatus = ReportImportStatus()
    """What the operator knows of the import when this attempt starts, as JSON: attempts, job, times. It is
    kept in the final status."""
    tell: str = "kubernetes"
    """Whom to tell of the progress: ``kubernetes`` (the resource's status), ``fd:N`` (one JSON object
    a line on that file descriptor, for the standalone mode), or ``none``."""
    max_archive_files: Annotated[int, Field(ge=1)] = 10_000
    """Files in all archives of one import together. Raise it when whole result folders are sent."""
    max_archive_files_lifted: Annotated[int, Field(ge=1)] = 100_000
    """The same for imports that ask with ``ignore_max_files_limit``."""
    max_unpacked_bytes: Annotated[int, Field(ge=1)] = 32 << 30
    """Bytes that may come out of all files of an import. Bounds the time, not the memory."""
    max_unpack_ratio: Annotated[int, Field(ge=1)] = 500
    """Bytes out for each byte in. Lower it when the installation takes files from strangers."""
    progress_seconds: Annotated[float, Field(gt=0)] = 1.0
    """Seconds between two tellings of progress while there is some."""
    heartbeat_seconds: Annotated[float, Field(gt=0)] = 10.0
    """Seconds between two tellings while there is none. Keep it well below the operator's watchdog."""

    def unpack_limits(self, *, lifted: bool) -> UnpackLimits:
        """The limits on archives; ``lifted`` when the import asks for more files."""
        entries = self.max_archive_files_lifted if lifted else self.max_archive_files
        return UnpackLimits(entries, self.max_unpacked_bytes, self.max_unpack_ratio)
