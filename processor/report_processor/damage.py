"""Why a file cannot be read any further."""

from typing import Final


class Damage(Exception):  # noqa: N818  # it is the file's damage, not an error of ours
    """The file cannot be read any further; what was read before stands.

    ``code`` is one of ``report_contract.codes``; line and column count from 1, 0 is none.
    """

    def __init__(self, code: str, text: str, line: int = 0, column: int = 0) -> None:
        super().__init__(text)
        self.code: Final = code
        self.text: Final = text
        self.line: Final = line
        self.column: Final = column
