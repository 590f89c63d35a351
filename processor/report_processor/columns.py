"""What the columns of a COLUMNS event are: see ``events``."""

from collections.abc import Iterator, Sequence

from report_processor.events import PASSED, Column, Row


def numbers(durations: list[float | None] | list[str]) -> list[float | None]:
    """Durations, which may be the texts of numbers."""
    if isinstance(durations[0], str):
        return list(map(float, durations))
    return durations


def one_by_one(  # noqa: PLR0917  # mirrors the event
    titles: list[str],
    classifications: Column,
    durations: list[float | None],
    lines: Sequence[int],
    label_names: list[str],
    label_values: list[Column],
) -> Iterator[Row]:
    """The results of a COLUMNS event."""

    def at(column: Column, index: int) -> str:
        return column if isinstance(column, str) else column[index]

    for index, title in enumerate(titles):
        labels = [(name, at(column, index)) for name, column in zip(label_names, label_values, strict=True)]
        details = ("", "", "", "", False, (), labels, ()) if labels else None
        yield title, at(classifications, index), PASSED, durations[index], lines[index], details
