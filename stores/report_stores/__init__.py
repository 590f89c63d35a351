"""Where things are kept: objects in S3-compatible storage, imports in Kubernetes or in memory."""
