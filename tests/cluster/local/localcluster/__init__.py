"""A real Kubernetes of one node on this machine, without a container registry and without Docker.

Standard library only, so that it runs before anything of the project is installed.
"""
