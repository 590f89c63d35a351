"""JSON as Newman's ``json`` reporter writes it: the collection, and each execution of a request with its assertions.

The facts are from Newman 6 itself. An execution has its request, the response with its body as an array of numbers
(which is walked past), the assertions, and errors of the request and of the scripts. Where a request lies in the
collection is told by the collection only, which stands before the run.
"""

from typing import Any, Final

from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED
from report_processor.formats.newman.folders import Folders
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP
from report_processor.parsing.nest import Nest

_SCRIPTS: Final = (("prerequestScript", "prerequest-script"), ("testScript", "test-script"))
_MILLISECOND: Final = 0.001
_KEPT: Final = frozenset({"assertions", "cursor", "item", "requestError", "prerequestScript", "testScript"})


class NewmanParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"collection": "collection", "run": "run", "environment": SKIP, "globals": SKIP},
        "collection": {"item": "item", "event": SKIP, "variable": SKIP, "auth": SKIP},
        "item": {"item": "item", "event": SKIP, "request": SKIP, "response": SKIP, "variable": SKIP},
        "run": {"executions": "execution", "failures": SKIP},
        "execution": {"request": SKIP, "response": "response"},
        "response": {"stream": SKIP, "body": SKIP, "header": SKIP, "cookie": SKIP},
    }

    def __init__(self) -> None:
        super().__init__()
        self._folders: Final = Folders()
        self._execution: dict[str, Any] = {}
        self._response: dict[str, Any] = {}
        self._nest: Final = Nest(self.recorder)
        self._line = 0
        self._assertions = 0
        self._stated: float | None = None
        self._ended = False

    def begin(self, name: str) -> None:
        """An item of the collection or an execution begins."""
        if name == "item":
            self._folders.enter()
        elif name == "execution":
            self._execution, self._response = {}, {}
            self._line = self.line

    def member(self, name: str, key: str, value: Any) -> None:
        """What belongs to the item, the execution, its response or the run."""
        if name == "item" and key in {"id", "name"}:
            self._folders.tell(key, text_of(value))
        elif name == "execution" and key in _KEPT:
            self._execution[key] = value
        elif name == "response":
            self._response[key] = value
        elif name == "run":
            self._run(key, value)

    def item(self, name: str, value: Any) -> None:
        """Something that is no object where one should be."""
        if value is not None:
            self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)

    def end(self, name: str) -> None:
        """An item, an execution or the run ends."""
        if name == "item":
            self._folders.leave()
        elif name == "execution":
            self._tell()
            self._execution, self._response = {}, {}
        elif name == "run":
            self._ended = True

    def finish(self) -> None:
        """See ``JsonFormat``."""
        if self._execution:  # the file is damaged inside of it
            self._tell()
        self._nest.leave()
        if self._ended and self._stated is not None and self._stated != self._assertions:
            text = f'"total": {self._stated:g} of the assertions, but there are {self._assertions}'
            self.recorder.note("suite_count_differs", text)

    def _run(self, key: str, value: Any) -> None:
        if key == "timings":
            self.date(dict_of(value).get("started"))
        elif key == "stats":
            self._stated = number_of(dict_of(dict_of(value).get("assertions")).get("total"))
        elif key == "error" and value:
            self._nest.leave()
            draft = Draft("run", "", BROKEN, self.line)
            _fail(draft, value, BROKEN)
            draft.record(self.recorder)

    # Executions

    def _tell(self) -> None:
        execution = self._execution
        item, cursor = dict_of(execution.get("item")), dict_of(execution.get("cursor"))
        name = text_of(item.get("name"))
        place: list[tuple[str, str]] = []
        iteration, cycles = number_of(cursor.get("iteration")), number_of(cursor.get("cycles"))
        if iteration is not None and cycles is not None and cycles > 1:
            place.append((f"iteration {iteration + 1:g}", "iteration"))
        place += [(folder, "folder") for folder in self._folders.of(text_of(item.get("id")))]
        self._nest.enter(place, self._line)
        self.recorder.open(name, "request", self._line)
        drafts = [self._assertion(one) for one in dicts_of(execution.get("assertions"))]
        self._assertions += len(drafts)
        error = execution.get("requestError")
        if error or not drafts:
            request = Draft("request", "request", PASSED, self._line)
            if error:
                _fail(request, error, BROKEN)
            drafts.insert(0, request)
        for key, title in _SCRIPTS:
            for script in dicts_of(execution.get(key)):
                if script.get("error"):
                    draft = Draft(title, "script", PASSED, self._line)
                    _fail(draft, script["error"], BROKEN)
                    drafts.append(draft)
        drafts[0].duration = self.seconds(self._response.get("responseTime"), _MILLISECOND)
        for draft in drafts:
            draft.record(self.recorder)
        self.recorder.close(self._described())

    def _assertion(self, assertion: dict[str, Any]) -> Draft:
        draft = Draft(text_of(assertion.get("assertion")), "", PASSED, self._line)
        if assertion.get("skipped"):
            draft.status = SKIPPED
        elif assertion.get("error"):
            _fail(draft, assertion["error"], FAILED)
        return draft

    def _described(self) -> str:
        """The response in one line."""
        code, status = text_of(self._response.get("code")), text_of(self._response.get("status"))
        if not code:
            return ""
        size = text_of(self._response.get("responseSize"))
        return f"{code} {status}".rstrip()[:200] + (f", {size[:20]} bytes" if size else "")


def _fail(draft: Draft, error: Any, status: int) -> None:
    found = dict_of(error)
    if not found:
        draft.fail(status, "", text_of(error))
        return
    message = text_of(found.get("message"))
    if not message:  # a network's error has members instead
        message = " ".join(filter(None, (text_of(found.get(key)) for key in ("syscall", "code", "address", "port"))))
    draft.fail(status, text_of(found.get("name")), message, text_of(found.get("stack")))
    if code := text_of(found.get("code")):
        draft.label("code", code)


def recognise(head: Head) -> str | None:
    """A collection of Postman's before anything else, or a run with its executions."""
    for value in head.json[:1]:
        found = dict_of(value)
        collection, run = dict_of(found.get("collection")), dict_of(found.get("run"))
        if run.keys() & {"executions", "stats", "transfers"} and "results" not in found:
            return f"key run with {', '.join(sorted(run.keys() & {'executions', 'stats', 'transfers'}))}"
        if "item" in collection and found.keys() <= {"collection", "environment", "globals", "run"}:
            return "key collection with item"
    return None


FORMAT: Final = Format(
    key="newman",
    origin="newman_json",
    title="Newman JSON",
    expects="JSON as the json reporter of Newman writes it for collections of Postman (newman run --reporters json, "
    "versions 4 to 6): an object with collection, environment, globals and run, and in run stats, timings, executions "
    "and failures.",
    example="""{"collection": {"info": {"name": "shop"}, "item": [{"id": "1", "name": "signs in", "request": {}}]},
 "run": {
  "stats": {"assertions": {"total": 2, "pending": 0, "failed": 1}},
  "timings": {"started": 1795532733640, "completed": 1795532734179},
  "executions": [
   {"cursor": {"position": 0, "iteration": 0, "length": 1, "cycles": 1},
    "item": {"id": "1", "name": "signs in"},
    "response": {"status": "OK", "code": 200, "responseTime": 78, "responseSize": 22},
    "assertions": [
     {"assertion": "status is 200", "skipped": false},
     {"assertion": "greets", "skipped": false, "error": {"name": "AssertionError",
      "message": "expected 'hi' to equal 'hello'", "stack": "AssertionError: expected 'hi' to equal 'hello'"}}]}
  ],
  "failures": []
 }}
""",
    mapping="The folders of the collection are containers, each execution of a request one in them, and with several "
    "iterations each of those is one around all. Each assertion is a result: failed with an error, else skipped or "
    "passed. A request without assertions, or one that got no answer, has a result called request, which is broken "
    "with an error. A script that threw is a broken result called prerequest-script or test-script. The time of the "
    "response is the duration of the first result; its status and size are the description of the container.",
    kinds=(JSON,),
    recognise=recognise,
    parser=NewmanParser,
    limits="Bodies and headers of requests and responses, the environment and global variables are not read: they "
    "may hold secrets. Of a collection with more than 50,000 requests the later ones lie in no folder.",
)
