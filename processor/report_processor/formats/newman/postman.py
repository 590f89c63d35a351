"""Runs as the Postman app exports them, and as Newman 1 and 2 wrote them: a list of requests with their tests.

Each test is a name with true or false, once for each iteration. Nothing tells why one failed.
"""

from collections.abc import Iterator
from typing import Any

from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import dict_of, list_of, text_of


def is_export(document: dict[str, Any]) -> bool:
    """Whether a document, or its beginning, is such an export."""
    first = dict_of(next(iter(list_of(document.get("results"))), None))
    return "collection_id" in document and ("allTests" in first or "tests" in first or "totalPass" in document)


def iterations_of(request: dict[str, Any], line: int) -> Iterator[tuple[list[Draft], Any]]:
    """The tests of each iteration, and how many milliseconds it took."""
    times = list_of(request.get("times")) or [request.get("time")]
    runs = list_of(request.get("allTests")) or [request.get("tests")]
    for number, run in enumerate(runs):
        drafts = [_test(name, outcome, line) for name, outcome in dict_of(run).items()]
        yield drafts or [_answer(request, line)], times[number] if number < len(times) else None


def described(request: dict[str, Any]) -> str:
    """The response and the address in one line; what stands behind ``?`` may be a secret."""
    response = dict_of(request.get("responseCode"))
    code = f"{text_of(response.get('code'))} {text_of(response.get('name'))}".strip()
    return ", ".join(filter(None, (code, text_of(request.get("url")).partition("?")[0][:1000])))


def _test(name: str, outcome: Any, line: int) -> Draft:
    return Draft(name, "", SKIPPED if outcome is None else PASSED if outcome else FAILED, line)


def _answer(request: dict[str, Any], line: int) -> Draft:
    """The result of a request without tests."""
    draft = Draft("request", "request", PASSED, line)
    if not dict_of(request.get("responseCode")).get("code"):
        draft.fail(BROKEN, "", "There was no response.")
    return draft
