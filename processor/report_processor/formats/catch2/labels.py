"""What the attributes of a Catch2 test case say, as labels: its tags, and where it stands in the source."""

from collections.abc import Mapping
from typing import Final

from report_processor.events import Label

PLACE: Final = (("filename", "file"), ("line", "line"))
"""Attributes, and the labels that they become."""


def labels_of(attributes: Mapping[str, str]) -> list[Label]:
    """All of them; tags stand in brackets, one behind the other."""
    labels = [("tag", tag) for part in attributes.get("tags", "").split("]") if (tag := part.strip("[ "))]
    labels.extend((label, attributes[name]) for name, label in PLACE if name in attributes)
    return labels
