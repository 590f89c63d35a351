"""JSON as Newman's ``json`` reporter writes it: the collection, and each execution of a request with its assertions.

The facts are from Newman 3 to 6 itself. An execution has its request, the response with its body as an array of
numbers (which is walked past), the assertions, and errors of the request and of the scripts. Where a request lies in
the collection is told by the collection only, which stands before the run. The Postman CLI has other names for the
same: ``requestExecuted``, ``tests`` with a status, ``errors``. What the Postman app exports is in ``postman``.
"""

from typing import Any, Final

from report_processor.detect import Head
from report_processor.events import BROKEN, FAILED, PASSED, SKIPPED, UNKNOWN
from report_processor.formats.newman import postman
from report_processor.formats.newman.folders import Folders
from report_processor.parsing.base import JSON, Format
from report_processor.parsing.draft import Draft
from report_processor.parsing.json_format import JsonFormat, dict_of, dicts_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP
from report_processor.parsing.nest import Nest

_SCRIPTS: Final = (("prerequestScript", "prerequest-script"), ("testScript", "test-script"))
_MILLISECOND: Final = 0.001
_KEPT: Final = frozenset(
    {"assertions", "cursor", "item", "requestError", "prerequestScript", "testScript"}
    | {"errors", "requestExecuted", "tests"}
)
_STATUS: Final = {"passed": PASSED, "failed": FAILED, "skipped": SKIPPED}


class NewmanParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"collection": "collection", "run": "run", "environment": SKIP, "globals": SKIP} | {"results": "result"},
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
        elif not name:
            self._export(key, value)

    def item(self, name: str, value: Any) -> None:
        """A request of an export, or something that is no object where one should be."""
        if name == "result" and isinstance(value, dict):
            self._request(value)
        elif value is not None:
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
        if key in {"timings", "meta"}:
            self.date(dict_of(value).get("started"))
        elif key == "stats":
            self._stated = number_of(dict_of(dict_of(value).get("assertions")).get("total"))
        elif key == "summary":
            self._stated = number_of(dict_of(dict_of(value).get("tests")).get("executed"))
        elif key in {"error", "runError"} and value:
            self._nest.leave()
            draft = Draft("run", "", BROKEN, self.line)
            _fail(draft, value, BROKEN)
            draft.record(self.recorder)

    # Exports of the Postman app

    def _export(self, key: str, value: Any) -> None:
        if key in {"startedAt", "timestamp"}:
            self.date(value)
        elif key in {"totalPass", "totalFail"} and (count := number_of(value)) is not None:
            self._stated = (self._stated or 0) + count
            self._ended = True

    def _request(self, request: dict[str, Any]) -> None:
        self.recorder.open(text_of(request.get("name")), "request", self.line)
        iterations = list(postman.iterations_of(request, self.line))
        for number, (drafts, time) in enumerate(iterations, 1):
            if len(iterations) > 1:
                self.recorder.open(f"iteration {number}", "iteration", self.line)
            self._assertions += sum(not draft.classification for draft in drafts)
            drafts[0].duration = self.seconds(time, _MILLISECOND)
            for draft in drafts:
                draft.record(self.recorder)
            if len(iterations) > 1:
                self.recorder.close()
        self.recorder.close(postman.described(request))

    # Executions

    def _tell(self) -> None:
        execution = self._execution
        item = dict_of(execution.get("item") or execution.get("requestExecuted"))
        cursor = dict_of(execution.get("cursor"))
        name = text_of(item.get("name"))
        place: list[tuple[str, str]] = []
        iteration, cycles = number_of(cursor.get("iteration")), number_of(cursor.get("cycles"))
        if iteration is not None and cycles is not None and cycles > 1:
            place.append((f"iteration {iteration + 1:g}", "iteration"))
        place += [(folder, "folder") for folder in self._folders.of(text_of(item.get("id")))]
        self._nest.enter(place, self._line)
        self.recorder.open(name, "request", self._line)
        drafts = [self._assertion(one) for one in dicts_of(execution.get("assertions"))]
        drafts += [self._test(one) for one in dicts_of(execution.get("tests"))]
        self._assertions += len(drafts)
        error = execution.get("requestError") or next(iter(dicts_of(execution.get("errors"))), None)
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

    def _test(self, test: dict[str, Any]) -> Draft:
        """What the Postman CLI makes of an assertion."""
        word = text_of(test.get("status"))
        draft = Draft(text_of(test.get("name")), "", _STATUS.get(word, UNKNOWN), self._line)
        if word not in _STATUS:
            self.recorder.note("unknown_status", word[:100], self._line)
        if test.get("error"):
            _fail(draft, test["error"], draft.status)
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
    """A collection of Postman's before anything else, a run with its executions, or what the Postman app exports."""
    for value in head.json[:1]:
        found = dict_of(value)
        collection, run = dict_of(found.get("collection")), dict_of(found.get("run"))
        if postman.is_export(found):
            return "keys collection_id, results"
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
    "versions 3 to 6): an object with collection, environment, globals and run, and in run stats, timings, executions "
    "and failures. Also the JSON of the Postman CLI (postman collection run --reporters json), and the runs that the "
    "Postman app exports and Newman 1 and 2 wrote: an object with collection_id, results, totalPass and totalFail.",
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
    "response is the duration of the first result; its status and size are the description of the container. In an "
    "export of the Postman app, each request is a container, and each of its iterations one in it.",
    kinds=(JSON,),
    recognise=recognise,
    parser=NewmanParser,
    limits="Bodies and headers of requests and responses, the environment and global variables are not read: they "
    "may hold secrets. Of a collection with more than 50,000 requests the later ones lie in no folder.",
)
