"""Telling progress: at once, on change, as a heartbeat; and never in the way of the import."""

import json
import os
import threading

import pytest

from report_processor.tell import LinesSink, Nobody, Teller
from report_stores.errors import ImportMissing, PhaseIsFinal, Unavailable


class Sink:
    """Keeps what it is told; ``wait`` waits for a number of tellings."""

    def __init__(self, *errors):
        self.told = []
        self._errors = list(errors)
        self._changed = threading.Condition()

    def send(self, status):
        with self._changed:
            error = self._errors.pop(0) if self._errors else None
            self.told.append(error or status)
            self._changed.notify()
        if error is not None:
            raise error

    def wait(self, number):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.told) >= number, timeout=10)


def start(sink, **seconds):
    teller = Teller(sink, **{"progress_seconds": 0.01, "heartbeat_seconds": 0.03, **seconds})
    teller.start()
    return teller


def test_the_first_progress_is_told_at_once():
    sink = Sink()
    teller = start(sink, progress_seconds=60, heartbeat_seconds=600)
    sink.wait(1)
    teller.stop()
    assert sink.told[0]["progress"]["percent"] == 0
    assert "heartbeatAt" in sink.told[0]["progress"]


def test_a_heartbeat_is_told_when_nothing_changes():
    sink = Sink()
    teller = start(sink)
    sink.wait(4)
    teller.stop()


def test_without_change_nothing_but_the_heartbeat_is_told():
    sink = Sink()
    teller = start(sink, heartbeat_seconds=600)
    sink.wait(1)
    teller.counted(5, 2)
    teller.read(100)
    teller.bytes_total = 200
    sink.wait(2)
    teller.stop()
    last = sink.told[-1]["progress"]
    assert (last["tests"], last["failed"], last["percent"]) == (5, 2, 50)


def test_a_failure_to_tell_is_tried_again():
    sink = Sink(Unavailable("away"), Unavailable("away"))
    teller = start(sink)
    sink.wait(3)
    teller.stop()
    teller.check()


@pytest.mark.parametrize("error", [ImportMissing("gone"), PhaseIsFinal("ended")])
def test_an_import_that_is_gone_is_noticed(error):
    sink = Sink(error)
    teller = start(sink)
    teller._thread.join(timeout=10)
    with pytest.raises(Nobody):
        teller.check()


def test_the_final_status_is_tried_until_it_is_told():
    sink = Sink()
    teller = Teller(sink)
    sink._errors = [Unavailable("away")]
    assert teller.finish({"phase": "Succeeded"})
    assert sink.told[-1] == {"phase": "Succeeded"}


def test_a_final_status_that_nobody_wants_is_noticed():
    with pytest.raises(Nobody):
        Teller(Sink(PhaseIsFinal("cancelled"))).finish({"phase": "Succeeded"})


def test_lines_are_one_json_object_each():
    reader, writer = os.pipe()
    sink = LinesSink(writer)
    sink.send({"progress": {"percent": 1}})
    sink.send({"phase": "Succeeded"})
    os.close(writer)
    with os.fdopen(reader) as lines:
        assert [json.loads(line)["status"] for line in lines] == [{"progress": {"percent": 1}}, {"phase": "Succeeded"}]


def test_a_reader_of_lines_that_has_gone_waits_for_nothing():
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(ImportMissing):
        LinesSink(writer).send({})
    os.close(writer)
