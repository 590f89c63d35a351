"""How long a text of the report may be, and how deep and how many. Characters, unless said otherwise.

These bound the memory of one result; what is cut is counted in a ``field_cut`` message and stays in
the original file. Limits of whole imports (files, bytes) are settings: see ``settings``.
"""

from typing import Final

TITLE: Final = 8_000
CLASSIFICATION: Final = 8_000
EXCEPTION_NAME: Final = 2_000
EXCEPTION_DESCRIPTION: Final = 64_000
DESCRIPTION: Final = 64_000
BACKTRACE: Final = 512_000
"""Of the backtraces of a result; of its captured output once more."""
ATTEMPT_TEXT: Final = 64_000
"""Of the backtrace and of the output of each attempt of a result that has several."""
CASE_TEXT: Final = 2_000_000
"""Of all texts of one result together, those of its attempts and its labels included."""
SUITE_TEXT: Final = 256_000
"""Of one container, those of its labels included."""
OPEN_TEXT: Final = 8_000_000
"""Of all containers and results together that have begun and not ended."""
LEAST_CASE_TEXT: Final = 100_000
"""Of a result in containers that took all of it."""
LEAST_TEXT: Final = 2_000
"""That a text may have even when those before it took all that there is."""
LABEL_NAME: Final = 1_000
LABEL_VALUE: Final = 16_000
LABELS: Final = 500
"""Labels of one result or container."""
ASSETS: Final = 500
"""Files that one result names."""
ATTEMPTS: Final = 100
"""Attempts of one result; of more, the first and the last are kept."""
DEPTH: Final = 100
"""Containers inside each other. Deeper ones are joined to the deepest that is allowed."""
CASES_DEEP: Final = 10
"""Test cases inside each other."""
NAMES: Final = 20_000
"""Different names of elements and attributes in a file: XML parsers never forget one."""
TAG: Final = 1 << 20
"""Of one XML tag with its attributes, before its long values are cut."""
KEPT_MESSAGES: Final = 5
"""Messages of one code and file that are kept as they are; the rest is counted."""
HEAD: Final = 1 << 20
"""Of the beginning of a file that detection may look at."""
VALUE: Final = 4_000_000
"""Of one JSON value (a test with all that belongs to it) or one line, before its long texts are cut."""
JSON_DEPTH: Final = 1_000
"""Objects and arrays inside each other that are walked through. Of values that are handed over, Python's own limit."""
TEXTS_DEEP: Final = 8
"""Elements with texts inside each other."""
HEAD_LEAST: Final = 1 << 16
"""Of the beginning of a file that detection sees, however small the pieces are in which it arrives."""
