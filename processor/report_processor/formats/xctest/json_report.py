"""JSON as ``xcresulttool get test-results tests`` writes it: the tests in an .xcresult of Xcode 16 and later.

The facts are from the JSON schema that the tool prints (``--schema``), and from published programs that read it.

* A test is a ``Test Case``. Below it are ``Arguments`` (Swift Testing), a ``Device`` and a ``Test Plan
  Configuration`` where there are several, and in the innermost of these a ``Repetition`` for each run where there are
  several. What has such nodes inside is a container then, what has not is a result.
* The last run does not always decide: with ``-test-iterations`` alone, a test with one failed run has failed. The
  node's own ``result`` says so.
* ``duration`` is for people, in the number format of the machine ("0,75s", "1m 2s"); Xcode 16.3 and later write
  ``durationInSeconds``, too. Xcode 27 and later write reasons for skipping and failures that were expected as nodes of
  their own, before that all are ``Failure Message``.
"""

from typing import Any, Final

from report_processor import limits
from report_processor.events import BROKEN, FAILED, PASSED, UNKNOWN, Details, Event
from report_processor.formats.xctest import json_skim
from report_processor.formats.xctest.node import (
    BAD,
    DESCRIPTION,
    FAILURE,
    LABEL,
    LAYERS,
    LINE,
    MESSAGE,
    OUTPUT,
    RUNS,
    STATUS,
    Node,
)
from report_processor.parsing.draft import Draft
from report_processor.parsing.durations import seconds
from report_processor.parsing.json_format import JsonFormat, dict_of, list_of, number_of, text_of
from report_processor.parsing.json_reader import SKIP
from report_processor.parsing.shapes import Run
from report_processor.parsing.texts import Budget

_TEXTS: Final = {
    "name": limits.EXCEPTION_DESCRIPTION,
    "details": limits.DESCRIPTION,
    "duration": 100,
    "nodeIdentifier": limits.TITLE,
    "nodeType": 100,
    "result": 100,
}
"""Members that are kept, and how long they may be."""
_GROUPS: Final = frozenset({"Test Plan", "Unit test bundle", "UI test bundle", "Test Suite"})
_ALWAYS: Final = frozenset({"Test Case", "Arguments", *RUNS})
"""Tests also when nothing says how they ended."""
_TOLD: Final = {
    "Failure Message": FAILURE,
    "Skip Message": MESSAGE,
    "Expected Failure": MESSAGE,
    "Runtime Warning": OUTPUT,
    "Attachment": LABEL,
    "Source Code Reference": LINE,
    "Expression": LINE,
    "Test Value": LINE,
}
"""What is no test and no group, and what kind of a part it is."""


class XCResultParser(JsonFormat):
    """See ``base.Parser``."""

    SHAPE = {
        "": {"testNodes": "node", "devices": "device", "testPlanConfigurations": SKIP},
        "node": {"children": "node"},
    }

    def __init__(self) -> None:
        super().__init__()
        self._nodes: list[Node] = []
        """Those around the place at hand, from the top."""
        self._open = 0
        """How many of them are open containers: the outermost."""
        self._room: Final = Budget(limits.OPEN_TEXT)
        self._devices = 0
        self._device: dict[str, Any] = {}
        self._damaged = False
        self.reader.skimmers["node"] = json_skim.NodeSkimmer(json_skim.RULES, lambda: True, json_skim.plan, self._take)

    def begin(self, name: str) -> None:
        """A node begins."""
        if name == "node":
            self._nodes.append(Node(self.line))

    def member(self, name: str, key: str, value: Any) -> None:
        """A value of a node."""
        if name != "node" or value is None:
            return
        node = self._nodes[-1]
        if (limit := _TEXTS.get(key)) is not None:
            node.field(key, text_of(value), limit, self._room)
        elif key == "durationInSeconds":
            node.seconds = value if isinstance(value, (int, float)) else text_of(value)[:100]
        elif key == "tags":
            for tag in list_of(value):
                node.part(LABEL, "tag", text_of(tag)[: limits.LABEL_VALUE], self._room)
        elif key == "sourceLocation":
            place = dict_of(value)
            text = ":".join(filter(None, (text_of(place.get("filePath")), text_of(place.get("lineNumber")))))
            node.field(key, text, limits.TITLE, self._room)

    def item(self, name: str, value: Any) -> None:
        """A device, or a value that is no node."""
        if name == "device" and isinstance(value, dict):
            self._devices += 1
            self._device = value if self._devices == 1 else {}
        elif value is not None:
            self.recorder.note("unknown_element", f"no {name or 'report'}: {text_of(value)[:100]}", self.line)

    def end(self, name: str) -> None:
        """A node or the report ends."""
        if name == "node":
            self._end_node()
        elif not name:
            self._tell_device()

    def finish(self) -> None:
        """See ``JsonFormat``."""
        while self._nodes:
            if self._open < len(self._nodes) and not (self._nodes[-1].name and self._nodes[-1].kind):
                self._room.give(self._nodes.pop().held)  # nobody knows what it would have been
            else:
                self._end_node()
        self._tell_device()

    def salvage(self) -> list[Event]:
        """See ``base.Parser``."""
        self._damaged = True
        return super().salvage()

    # Nodes

    def _end_node(self) -> None:
        node = self._nodes.pop()
        kind = node.kind
        self._room.give(node.held)  # what it tells is charged to the node around it
        if self._open > len(self._nodes):
            self._close(node)
        elif kind in _GROUPS:
            self._nodes.append(node)
            self._open_all()
            self._nodes.pop()
            self._close(node)
        elif kind in RUNS and self._nodes:
            self._run(node)
        elif kind in _TOLD:
            self._tell(node, _TOLD[kind])
        elif kind in _ALWAYS or "result" in node.fields or (kind in LAYERS and node):
            self._test(node)
        else:
            self._tell(node, LABEL if kind in LAYERS else DESCRIPTION)

    def _open_all(self) -> None:
        """What is recorded next lies in these nodes, so they are containers."""
        for node in self._nodes[self._open :]:
            if node.name and node.kind:
                node.named = True
                self.recorder.open(node.name, node.kind, node.line)
            else:
                self.recorder.open_unnamed(node.line)
        self._open = len(self._nodes)

    def _close(self, node: Node) -> None:
        """A container ends. When it failed although nothing in it did, it is a broken result, too."""
        self._open -= 1
        fields, draft = node.fields, node.draft()
        told: list[str] = []
        if (fields.get("result") == "Failed" or draft.status in BAD) and not node.bad and not self._damaged:
            draft.title, draft.status, node.bad = node.name or node.kind, BROKEN, True
            draft.record(self.recorder)
        else:
            told = [text for kind, *texts in node.parts if kind != LABEL for text in texts]
            if node.runs:
                self.recorder.note("unknown_element", f"runs of {node.name[:100]}, which has tests", node.line)
        if not node.named:
            self.recorder.name(node.name or f"{node.kind or 'node'} at line {node.line}", node.kind)
        identifier = node.identifier
        described = ["" if identifier == node.name else identifier, fields.get("details", ""), *told]
        labels = [(name, text) for kind, name, text in node.parts if kind == LABEL][: limits.LABELS]
        self.recorder.close("\n".join(filter(None, described))[: limits.DESCRIPTION], labels)
        if self._nodes and node.bad:
            self._nodes[-1].bad = True

    def _test(self, node: Node) -> None:
        """A result."""
        self._open_all()
        fields = node.fields
        title, identifier = node.name, node.identifier
        plain = fields.get("result") == "Passed" and not node and not fields.get("details")
        if plain and title.strip() and len(title) <= limits.TITLE:
            details: Details | None = (identifier, "", "", "", False, (), (), ()) if identifier else None
            self.recorder.rows.append((title, "", PASSED, self._duration(node), node.line, details))
            return
        draft = node.draft()
        if draft.duration is None:
            draft.duration = self._duration(node)
        self._check(node, draft)
        draft.record(self.recorder)
        if self._nodes and draft.status in BAD:
            self._nodes[-1].bad = True

    def _take(self, run: Run[json_skim.Plan]) -> None:
        """Tests that passed, as ``_test`` reads them."""
        self._open_all()
        plan = run.plan
        title, identifier, *_ = plan
        for row, line in zip(run.rows, run.lines(), strict=False):
            told = row[identifier] if identifier >= 0 else ""
            details: Details | None = (told, "", "", "", False, (), (), ()) if told else None
            self.recorder.rows.append((row[title], "", PASSED, json_skim.duration(row, plan), line, details))

    def _check(self, node: Node, draft: Draft) -> None:
        """Note what was cut, and a status that nobody knows."""
        word = node.fields.get("result", "").strip()
        if draft.status == UNKNOWN and word not in STATUS and not self._damaged:
            self.recorder.note("unknown_status", f'"result": {(word or "none")[:100]}', node.line)
        if node.lost:
            self.recorder.note("field_cut", f"{node.lost} characters and parts of a test were cut", node.line)

    def _run(self, node: Node) -> None:
        """One of several runs of the node around it."""
        outer, draft = self._nodes[-1], node.draft()
        draft.duration = self._duration(node)
        self._check(node, draft)
        if node.kind == "Test Case Run" and node.runs:
            for run in node.runs:
                outer.run(run, self._room)
        else:
            if draft.status in BAD and not draft.exception and node.kind == "Test Case Run":
                draft.message(node.name)
            outer.run(draft.as_attempt(), self._room)
        for kind, name, text in node.parts:
            if kind in {LABEL, OUTPUT}:
                outer.part(kind, name, text, self._room)

    def _tell(self, node: Node, kind: int) -> None:
        """What is no test belongs to the node around it."""
        if (not self._nodes or (node.kind not in _TOLD and node.kind not in LAYERS)) and not self._damaged:
            text = f'"nodeType": {node.kind or "none"}: {node.name}'
            self.recorder.note("unknown_element", text[:200], node.line)
        if not self._nodes:
            return
        outer, room = self._nodes[-1], self._room
        if kind == FAILURE:
            message, text = node.failure()
            if STATUS.get(node.fields.get("result", ""), FAILED) == FAILED:
                outer.part(FAILURE, message, text, room)
            else:
                outer.part(MESSAGE, "", f"{message}\n{text}".rstrip(), room)
        else:
            name = node.kind.lower() if kind == LABEL else ""
            text = node.told or node.fields.get("sourceLocation", "")
            outer.part(kind, name, f"{node.kind}: {text}" if kind in {OUTPUT, DESCRIPTION} else text, room)
        for inner in node.parts:
            if inner[0] == LINE == kind:
                outer.part(LINE, "", f"  {inner[2]}", room)
            else:
                outer.part(*inner, room)
        for run in node.runs:
            outer.run(run, room)

    def _duration(self, node: Node) -> float | None:
        if node.seconds is not None:
            return self.seconds(node.seconds)
        text = node.fields.get("duration", "")
        if not text:
            return None
        found = seconds(text) if number_of(text) is None else self.seconds(text)
        if found is None:
            self.recorder.note("invalid_duration", text, node.line)
        return found

    def _tell_device(self) -> None:
        """What was tested, when it was one device."""
        device, self._device, self._devices = self._device, {}, 0
        if device:
            os = f"{text_of(device.get('platform'))} {text_of(device.get('osVersion'))}".strip()
            model = text_of(device.get("modelName")) or text_of(device.get("deviceName"))
            self.recorder.system(os=os, platform=model, build=text_of(device.get("osBuildNumber")))
