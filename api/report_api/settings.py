"""Settings of the API. Every field is an environment variable with the prefix ``REPORT_IMPORT_``."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

PART_BYTES: Final = 8 * MIB
"""Bytes of one part of a large file in storage: S3 takes 10,000 parts, so a file has at most 78 GiB."""
HARD_MAX_FILES: Final = 10_000
"""Files of one import that no option lifts: request.json names each of them."""

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class ApiSettings(BaseSettings):
    """Addresses, keys and limits. A limit that is reached names itself in the answer."""

    model_config = SettingsConfigDict(env_prefix="REPORT_IMPORT_", extra="ignore", frozen=True)

    base_url: str = "http://127.0.0.1:8080"
    """Public address, without a final slash. All links are made from it, never from the Host header."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port to listen on."""
    keys_file: Path = Path("keys.json")
    """File of the API keys (``report-import keys`` writes it). It is read again when it changes."""
    anonymous_read: bool = False
    """Whether everybody may see pages, reports and files without a key. For loopback."""

    max_files: Annotated[int, Field(ge=1, le=HARD_MAX_FILES)] = 1000
    """Files and attachments of one import. ``ignore_max_files_limit=true`` lifts it up to 10,000."""
    max_file_bytes: Count = 10 * GIB
    """Bytes of one file."""
    max_request_bytes: Count = 20 * GIB
    """Bytes of one request."""
    max_fields: Count = 1000
    """Form fields of one request that are no files, and likewise query parameters."""
    max_field_bytes: Count = 16 * KIB
    """Bytes of one form field that is no file."""
    max_part_header_bytes: Count = 16 * KIB
    """Bytes of the header lines of one part."""
    upload_idle_seconds: Seconds = 60.0
    """Seconds without a byte after which an upload is given up."""
    upload_total_seconds: Seconds = 4 * 3600.0
    """Seconds that one upload may take."""
    max_uploads: Count = 32
    """Uploads at once in one process. Each holds about 2 MiB, and buffers when it has a large file. More wait."""
    upload_buffers: Count = 10
    """Buffers of 8 MiB for large files in one process: their memory is taken by all uploads together. Each large file
    needs one; a file that has three is as fast as storage. Raise it, with the memory limit, when many large
    files come at once."""
    upload_wait_seconds: Seconds = 10.0
    """Seconds that an upload waits for its turn, or for a buffer, before it is answered with 503."""

    sync_wait_seconds: Seconds = 55.0
    """Seconds that ``process_async=false`` waits for the result."""
    idempotency_wait_seconds: Seconds = 10.0
    """Seconds that a second request with the same Idempotency-Key waits for the first."""
    idempotency_lease_seconds: Seconds = 30.0
    """Seconds after which the upload of a process that died can be repeated with the same key."""
    delete_wait_seconds: Seconds = 25.0
    """Seconds that a deletion waits for a running import to stop."""

    poll_seconds: Seconds = 1.0
    """Seconds between two looks at a report that somebody watches."""
    max_listeners: Count = 1000
    """Event streams at once in one process."""
    listener_seconds: Seconds = 3600.0
    """Seconds after which an event stream is closed; clients open it again by themselves."""
    heartbeat_seconds: Seconds = 15.0
    """Seconds without an event after which a comment is sent, so that proxies keep the stream."""

    max_connections: Count = 2000
    """Connections at once in one process. More are answered with 503."""
    shutdown_seconds: Seconds = 60.0
    """Seconds that running requests have to end when the process is told to stop."""

    @field_validator("base_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("base_url must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether the public address is HTTPS."""
        return self.base_url.startswith("https://")
