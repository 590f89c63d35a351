"""The ``<property>`` elements of test cases and suites: with a value, with a text, or with Xray's items in them."""

from collections.abc import Callable
from typing import Final

from report_processor import limits
from report_processor.formats.junit.case import Case
from report_processor.formats.junit.suite import Suite
from report_processor.parsing.texts import LongText


class Properties:
    """Reads one after the other and gives it to its owner."""

    __slots__ = ("_collect", "_name", "_text", "owner")

    def __init__(self, collect: Callable[[Callable[[str], None] | None], None]) -> None:
        """``collect`` says who gets the text of the file from here on."""
        self.owner: Case | Suite | None = None
        """What the next ones belong to."""
        self._collect: Final = collect
        self._name = ""
        self._text: LongText | None = None
        """That of the one at hand, when its value is no attribute."""

    def open(self, attributes: dict[str, str]) -> None:
        """A ``<property>`` begins."""
        if "value" in attributes:
            self._keep(attributes.get("name", ""), attributes["value"])
            return
        self._name = attributes.get("name", "")[: limits.LABEL_NAME + 1]
        self._text = LongText(limits.LABEL_VALUE)
        self._collect(self._text.add)

    def close(self) -> None:
        """It ends."""
        text, self._text = self._text, None
        if text is not None:
            self._collect(None)
            self._keep(self._name, text.text().strip())

    def open_item(self, attributes: dict[str, str]) -> None:
        """Of Xray's properties, each item has a name; evidence is files in base64, of which only the name is told."""
        if self._text is None:
            return
        item = attributes.get("name", "")
        if self._name.endswith("evidence"):
            self._text.add(f"{item}\n")
            self._collect(None)
        else:
            self._text.add(f"\n{item}: ")

    def close_item(self) -> None:
        """It ends, and the text of the property goes on."""
        if self._text is not None:
            self._collect(self._text.add)

    def _keep(self, name: str, value: str) -> None:
        if self.owner is not None:
            self.owner.add_property(name, value)
