"""Node ids of pytest: ``folder/test_file.py::TestClass::test_name[parameters]``."""

from typing import Final

SEPARATOR: Final = "::"


def parts_of(nodeid: str) -> list[str]:
    """File, classes and test. Parameters stay with the test, whatever stands in them."""
    file, separator, rest = nodeid.partition(SEPARATOR)
    if not separator:
        return [file]
    names, bracket, parameters = rest.partition("[")
    parts = [file, *names.split(SEPARATOR)]
    parts[-1] += bracket + parameters
    return parts
