"""Fixtures that any test may use."""

from support.kubernetes import kubernetes_api, kubernetes_namespace
from support.minio import minio_objects, minio_server

__all__ = ["kubernetes_api", "kubernetes_namespace", "minio_objects", "minio_server"]
