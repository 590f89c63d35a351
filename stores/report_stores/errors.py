"""The errors of the stores, one tree.

::

    StoreError
    ├── Unavailable        the service did not answer; try again later
    ├── ObjectMissing      no object under this key
    ├── ObjectTooLarge     the object is larger than the caller's limit
    ├── ImportMissing      the resource is gone
    ├── ImportExists       a resource of this name exists already
    ├── PhaseIsFinal       the import has ended; its phase cannot change
    └── InvalidResource    the API server refused the resource; the text says which field
"""


class StoreError(Exception):
    """Any failure of a store."""


class Unavailable(StoreError):  # noqa: N818  # names say what happened
    """The service behind the store did not answer; the same call may succeed later."""


class ObjectMissing(StoreError):  # noqa: N818
    """There is no object under this key."""


class ObjectTooLarge(StoreError):  # noqa: N818
    """The object is larger than the caller is ready to read."""


class ImportMissing(StoreError):  # noqa: N818
    """There is no such import; it was deleted, or never existed."""


class ImportExists(StoreError):  # noqa: N818
    """An import of this name exists already."""


class PhaseIsFinal(StoreError):  # noqa: N818
    """The import has ended, and its phase cannot change."""


class InvalidResource(StoreError):  # noqa: N818
    """The resource was refused; the text says which field and why."""
