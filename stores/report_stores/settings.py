"""How to reach object storage. Every process reads the same ``REPORT_IMPORT_S3_*`` variables."""

from typing import Annotated, Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB: Final = 1024 * 1024


class StorageSettings(BaseSettings):
    """One bucket of an S3-compatible service."""

    model_config = SettingsConfigDict(env_prefix="REPORT_IMPORT_S3_", extra="ignore", frozen=True)

    endpoint: str = "127.0.0.1:9000"
    """Host and port, without a scheme."""
    secure: bool = False
    """Whether to speak TLS. ``SSL_CERT_FILE`` names a private certificate authority."""
    bucket: Annotated[str, Field(min_length=3, max_length=63)] = "report-import"
    """The bucket that holds everything."""
    access_key: SecretStr = SecretStr("")
    """Access key id."""
    secret_key: SecretStr = SecretStr("")
    """Secret access key."""
    region: str = "us-east-1"
    """Region of the bucket. Set, so that no request is spent on asking for it."""
    part_size: Annotated[int, Field(ge=5 * MIB)] = 8 * MIB
    """Bytes of one part of an upload whose length is not known. S3 takes no part below 5 MiB and no
    more than 10,000 of them, so 8 MiB allows objects of 78 GiB. Memory of an upload is a few parts."""
    connect_timeout: Annotated[float, Field(gt=0)] = 5.0
    """Seconds to wait for a connection."""
    read_timeout: Annotated[float, Field(gt=0)] = 60.0
    """Seconds to wait for the next bytes of an answer."""
    retries: Annotated[int, Field(ge=0)] = 3
    """Repetitions of a request that is safe to repeat, with growing pauses from 0.2 seconds."""
    connections: Annotated[int, Field(ge=1)] = 32
    """Connections that are kept open for reuse; more are opened when needed and then closed."""


class KubernetesSettings(BaseSettings):
    """How to reach the Kubernetes API."""

    model_config = SettingsConfigDict(env_prefix="REPORT_IMPORT_", extra="ignore", frozen=True)

    namespace: str = ""
    """Namespace of everything. Empty: that of the ServiceAccount, else ``default``."""
    kubeconfig: str = ""
    """File to read. Empty: the ServiceAccount when there is one, else ``KUBECONFIG`` or ``~/.kube/config``."""
    kubernetes_connect_timeout: Annotated[float, Field(gt=0)] = 5.0
    """Seconds to wait for a connection."""
    kubernetes_read_timeout: Annotated[float, Field(gt=0)] = 30.0
    """Seconds to wait for an answer."""
    kubernetes_retries: Annotated[int, Field(ge=0)] = 3
    """Repetitions of a request that is safe to repeat; the server's ``Retry-After`` is kept."""
    kubernetes_connections: Annotated[int, Field(ge=1)] = 16
    """Connections that are kept open for reuse."""
