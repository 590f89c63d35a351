"""What the end-to-end tests share: kubectl, an installed release, reports to upload, and violence."""
