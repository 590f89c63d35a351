"""The definition of one test in a TRX file while it is read."""

import re
from typing import Final

from report_processor import limits
from report_processor.events import Label
from report_processor.formats.trx.held import Definition
from report_processor.parsing.dotnet import file_title

_NO_CLASS: Final = frozenset({"none", "undefined"})
"""What node-trx writes for the class of a test that has none."""
_QUALIFIED: Final = re.compile(r",\s[^,\[\]]+,\sVersion=.*", re.DOTALL)
"""The part of a class name that names its assembly, as older versions of MSTest write it."""


class TestDefinition:
    """The test's file, its class, and what there is to say about it."""

    __slots__ = ("_key", "_kind", "_labels", "_storage", "id")

    def __init__(self, attributes: dict[str, str]) -> None:
        self.id: Final = attributes.get("id", "").lower()
        self._storage = attributes.get("storage", "")
        self._kind = ""
        self._labels: list[Label] = []
        self._key = ""
        if priority := attributes.get("priority"):
            self._label("Priority", priority)

    def element(self, name: str, attributes: dict[str, str]) -> None:
        """An element in it."""
        if name == "TestMethod":
            kind = _QUALIFIED.sub("", attributes.get("className", ""))
            self._kind = "" if kind in _NO_CLASS else kind[: limits.CLASSIFICATION]
            code = attributes.get("codeBase", "")
            if not self._storage and code != f"{kind}.{attributes.get('name')}":  # karma-trx-reporter knows no file
                self._storage = code
        elif name == "TestCategoryItem":
            self._label("TestCategory", attributes.get("TestCategory", ""))
        elif name == "Owner":
            self._label("Owner", attributes.get("name", ""))

    def text(self, name: str, text: str) -> None:
        """A text in it."""
        if name == "Key":
            self._key = text.strip()
        else:
            self._label(self._key if name == "Value" else name, text.strip())

    def complete(self) -> Definition:
        """All of it."""
        return file_title(self._storage)[: limits.TITLE], self._kind, tuple(self._labels)

    def _label(self, name: str, value: str) -> None:
        if len(self._labels) < limits.LABELS:
            self._labels.append((name[: limits.LABEL_NAME], value[: limits.LABEL_VALUE]))
