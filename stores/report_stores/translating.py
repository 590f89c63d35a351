"""Turns the errors of the S3 client into ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import urllib3
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from report_stores.errors import ObjectMissing, StoreError, Unavailable

MISSING: Final = frozenset({"NoSuchKey", "NoSuchObject"})
"""Errors that mean that there is no such object."""
_TRANSIENT: Final = frozenset(
    {
        "InternalError",
        "NoSuchBucket",  # made at start-up by ensure_bucket(), perhaps by another process
        "OperationAborted",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "SlowDownRead",
        "SlowDownWrite",
        "XMinioServerNotInitialized",
    }
)
"""Errors after which the same request may succeed."""


class BehindTheEnd(StoreError):  # noqa: N818
    """The range starts behind the last byte."""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn the client's errors into ours; ``what`` names the key or bucket in their text."""
    try:
        yield
    except S3Error as error:
        text = f"{what}: {error.code}: {error.message}"
        if error.code in MISSING:
            raise ObjectMissing(f"{what} does not exist") from error
        if error.code == "InvalidRange":
            raise BehindTheEnd(text) from error
        if error.code in _TRANSIENT or error.response.status >= 500:
            raise Unavailable(text) from error
        raise StoreError(text) from error
    except (ServerError, InvalidResponseError) as error:
        raise Unavailable(f"{what}: {error}") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise Unavailable(f"{what}: object storage does not answer: {error}") from error
    except MinioException as error:
        raise StoreError(f"{what}: {error}") from error
