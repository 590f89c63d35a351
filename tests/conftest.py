"""Fixtures that any test may use."""

from hypothesis import settings
from support.kubernetes import kubernetes_api, kubernetes_namespace
from support.minio import minio_objects, minio_server

settings.register_profile("anywhere", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("anywhere")

__all__ = ["kubernetes_api", "kubernetes_namespace", "minio_objects", "minio_server"]
