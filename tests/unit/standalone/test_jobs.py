import os
import select
import sys
import threading
from pathlib import Path

import pytest

from report_contract.names import API_VERSION, KIND
from report_contract.phases import Phase
from report_contract.resource import ReportImport
from report_operator.observed import End
from report_operator.ports import JobPlan
from report_standalone.jobs import SubprocessJobs
from report_stores.imports_memory import MemoryImports

SECONDS = 20


class World:
    """One import, and a processor that is a line of Python."""

    def __init__(self, folder: Path, program: str):
        self.imports = MemoryImports()
        self.resource = self.imports.create(
            ReportImport.model_validate(
                {
                    "apiVersion": API_VERSION,
                    "kind": KIND,
                    "metadata": {"name": "report-1"},
                    "spec": {"reportId": 1, "profile": "web", "source": {"bucket": "reports", "prefix": "imports/1/"}},
                }
            )
        )
        self.ended = threading.Event()
        self.changed = threading.Event()
        self.imports.subscribe(lambda *_: self.changed.set())
        self.jobs = SubprocessJobs(
            self.imports,
            dict(os.environ),
            folder,
            on_change=lambda _: self.ended.set(),
            command=(sys.executable, "-c", program),
        )

    def start(self, memory_bytes=10**9):
        self.jobs.start(self.resource, JobPlan(report_id=1, attempt=1, counted=1, memory_bytes=memory_bytes), {})

    def end(self):
        assert self.ended.wait(SECONDS)
        (observation,) = self.jobs.observe(1)
        return observation


@pytest.fixture
def world(tmp_path):
    made = []

    def make(program):
        made.append(World(tmp_path, program))
        return made[-1]

    yield make
    for each in made:
        each.jobs.close()


SAY = "import os, json; pipe = os.fdopen(int(os.environ['REPORT_IMPORT_TELL'].removeprefix('fd:')), 'w');"
WAIT = "import time; time.sleep(600)"


@pytest.mark.parametrize(("code", "end"), [(0, End.DONE), (42, End.BAD_INPUT), (1, End.CRASHED)])
def test_the_exit_code_says_how_an_attempt_ended(world, code, end):
    here = world(f"raise SystemExit({code})")
    here.start()
    seen = here.end()
    assert (seen.end, seen.exit_code, seen.alive) == (end, code, False)
    assert seen.ended_at >= seen.started_at


def test_the_last_words_of_a_crashed_processor_are_its_detail(world):
    here = world("raise RuntimeError('no space left')")
    here.start()
    assert here.end().detail == "RuntimeError: no space left"


def test_a_crash_deep_in_the_program_is_told_without_its_stack(world):
    here = world("def deep(n):\n    deep(n - 1) if n else int('x' * 600)\ndeep(40)")
    here.start()
    assert here.end().detail.startswith("ValueError: invalid literal for int() with base 10: 'xxx")


def test_what_a_processor_tells_becomes_the_status(world):
    here = world(SAY + "print(json.dumps({'status': {'progress': {'tests': 7}}}), file=pipe, flush=True)")
    here.start()
    here.end()
    assert here.changed.wait(SECONDS)
    assert here.imports.get(1).status.progress.tests == 7


def test_a_processor_whose_import_is_gone_is_no_longer_listened_to(world):
    # It writes until the pipe breaks; if nobody closed it, this would end by the test's own deadline.
    here = world(
        SAY + "line = json.dumps({'status': {'progress': {'tests': 1}}}) + '\\n'\n"
        "while True:\n    pipe.write(line); pipe.flush()"
    )
    here.imports.delete(1)
    here.start()
    assert "BrokenPipeError" in here.end().detail


def test_starting_an_attempt_twice_is_starting_it_once(world):
    here = world(WAIT)
    here.start()
    here.start()
    assert len(here.jobs.observe(1)) == 1
    assert here.jobs.live() == {1}


def test_a_stopped_attempt_is_gone_with_its_children(world):
    here = world(
        "import subprocess, sys, os\n"
        f"child = subprocess.Popen([sys.executable, '-c', {WAIT!r}])\n"
        + SAY
        + "print(json.dumps({'status': {'progress': {'tests': child.pid}}}), file=pipe, flush=True)\n"
        + WAIT
    )
    here.start()
    assert here.changed.wait(SECONDS)
    child = os.pidfd_open(here.imports.get(1).status.progress.tests)
    here.jobs.stop(1, "report-1-1")
    assert here.ended.wait(SECONDS)
    assert here.jobs.observe(1) == ()
    gone, _, _ = select.select([child], [], [], SECONDS)  # a process's descriptor is readable when it has ended
    os.close(child)
    assert gone


def test_the_ended_attempts_of_a_deleted_import_are_forgotten_with_their_output(world, tmp_path):
    here = world("print('done')")
    here.start()
    here.end()
    here.jobs.import_gone(1)
    assert here.jobs.observe(1) == ()
    assert list(tmp_path.iterdir()) == []


def test_an_attempt_that_uses_more_memory_than_its_plan_is_ended_as_out_of_memory(world):
    here = world(
        SAY
        + "hog = bytearray(100_000_000); print(json.dumps({'status': {'phase': 'Running'}}), file=pipe, flush=True);"
        + WAIT
    )
    here.start(memory_bytes=60_000_000)
    assert here.changed.wait(SECONDS)
    assert here.imports.get(1).status.phase is Phase.RUNNING
    here.jobs.watch_memory()
    assert here.end().end is End.OUT_OF_MEMORY
