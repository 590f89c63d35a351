"""Objects in S3-compatible storage. The only module that imports the minio client."""
