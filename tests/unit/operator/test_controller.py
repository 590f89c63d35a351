"""The operator's loop over imports in memory, with attempts that obey the test."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from support.fakes import FakeAnnouncer, FakeJobs, FakeObjects
from support.imports import a_final_record, an_import

from report_contract import objectkeys
from report_contract.names import FIELD_MANAGER_PROCESSOR
from report_contract.phases import Phase
from report_contract.requests import FinalRecord, ImportRequest, ProfileEntry
from report_contract.resource import ReportImport
from report_operator.act import Actor
from report_operator.controller import Controller
from report_operator.observed import End
from report_operator.settings import Limits
from report_stores.imports_memory import MemoryImports


class World:
    """Imports, attempts and objects, and a controller that may be killed and started again."""

    def __init__(self, **limits: Any) -> None:
        self.limits = Limits(**({"retry_delay_seconds": 0, "max_concurrent": 2} | limits))
        self.imports = MemoryImports()
        self.jobs = FakeJobs()
        self.objects = FakeObjects()
        self.announcer = FakeAnnouncer()
        self.controller: Controller | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        actor = Actor(self.imports, self.objects, self.jobs, self.announcer)
        controller = self.controller = Controller(self.imports, self.jobs, actor, self.limits, workers=4)

        def tell(report_id: int, resource: ReportImport | None) -> None:
            told = (controller.gone, report_id) if resource is None else (controller.saw, resource)
            if controller is self.controller:
                loop.call_soon_threadsafe(*told)

        self.imports.subscribe(tell)
        self.jobs.on_change = lambda report_id: loop.call_soon_threadsafe(controller.poke, report_id)
        self._task = asyncio.create_task(controller.run())

    async def kill(self) -> None:
        self.controller = None
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def upload(self, report_id: int, *, request: bool = True, **spec: Any) -> None:
        resource = an_import(report_id, **spec)
        if request:
            self.objects.kept[objectkeys.request(report_id)] = b"{}"
        self.imports.create(resource)

    def finish(self, report_id: int, phase: Phase = Phase.SUCCEEDED, *, tell: bool = True, attempt: int = 1) -> None:
        """What a processor does at its end: storage first, then the resource, then it exits."""
        record = a_final_record(report_id, phase)
        self.objects.kept[objectkeys.status(report_id)] = record.model_dump_json(by_alias=True).encode()
        if tell:
            self.imports.apply_status(
                report_id,
                record.status.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True),
                manager=FIELD_MANAGER_PROCESSOR,
            )
        self.end(report_id, attempt, End.DONE)

    def end(self, report_id: int, attempt: int, end: End) -> None:
        self.jobs.change(f"report-{report_id}-{attempt}", end=end, alive=False, exit_code=1)
        assert self.controller is not None
        self.controller.poke(report_id)

    def phase(self, report_id: int) -> Phase | None:
        found = self.imports.get(report_id)
        return found.status.phase if found else None

    def record(self, report_id: int) -> FinalRecord:
        return FinalRecord.model_validate_json(self.objects.kept[objectkeys.status(report_id)])


@asynccontextmanager
async def world(**limits: Any):
    made = World(**limits)
    await made.start()
    yield made
    await made.kill()


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # conditions of several threads, without an event of their own
            await asyncio.sleep(0.005)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


def test_an_import_goes_from_nothing_to_its_end():
    async def scenario():
        async with world() as w:
            w.upload(1)
            await until(lambda: w.phase(1) is Phase.RUNNING)
            w.finish(1)
            await until(lambda: w.imports.get(1).status.expires_at)
            assert w.phase(1) is Phase.SUCCEEDED
            entry = ProfileEntry.model_validate_json(w.objects.kept[objectkeys.profile_entry("web", 1)])
            assert (entry.phase, entry.counts.total) == (Phase.SUCCEEDED, 8)
            assert [reason for _, reason in w.announcer.heard] == ["Queued", "Started", "Succeeded"]

    run(scenario)


def test_never_more_than_the_limit_run_and_a_free_slot_is_filled_at_once():
    async def scenario():
        async with world(max_concurrent=2) as w:
            for number in range(1, 8):
                w.upload(number, profile=f"p{number % 3}")
            for _ in range(7):
                await until(
                    lambda: len(w.jobs.live()) >= min(2, sum(w.phase(n) is not Phase.SUCCEEDED for n in range(1, 8)))
                )
                w.finish(min(w.jobs.live()))
            await until(lambda: all(w.phase(n) is Phase.SUCCEEDED for n in range(1, 8)))
            assert w.jobs.peak == 2

    run(scenario)


def test_a_slot_stays_taken_until_the_process_is_gone():
    async def scenario():
        async with world(max_concurrent=1) as w:
            w.upload(1)
            await until(w.jobs.live)
            w.upload(2)
            record = a_final_record(1)
            w.objects.kept[objectkeys.status(1)] = record.model_dump_json(by_alias=True).encode()
            w.imports.apply_status(1, {"phase": "Succeeded", "message": "done"}, manager=FIELD_MANAGER_PROCESSOR)
            await until(lambda: w.imports.get(1).status.expires_at)
            await until(lambda: w.phase(2) is Phase.QUEUED)
            assert w.jobs.live() == {1}
            w.end(1, 1, End.DONE)
            await until(lambda: w.jobs.live() == {2})
            assert w.jobs.peak == 1

    run(scenario)


def test_priority_goes_first_and_profiles_take_turns():
    async def scenario():
        async with world(max_concurrent=1) as w:
            w.upload(1, profile="big")
            await until(lambda: w.jobs.live() == {1})
            for number, profile, priority in ((2, "big", 0), (3, "big", 0), (4, "small", 0), (5, "big", 9)):
                w.upload(number, profile=profile, priority=priority)
                await until(lambda n=number: w.phase(n) is Phase.QUEUED)
            order = []
            for _ in range(5):
                await until(w.jobs.live)
                (current,) = w.jobs.live()
                order.append(current)
                w.finish(current)
                await until(lambda c=current: c not in w.jobs.live() and w.phase(c) is Phase.SUCCEEDED)
            assert order in ([1, 5, 2, 4, 3], [1, 5, 4, 2, 3])

    run(scenario)


def test_a_cancelled_import_stops_its_job_and_ends():
    async def scenario():
        async with world() as w:
            w.upload(1)
            await until(lambda: w.phase(1) is Phase.RUNNING)
            w.imports.request_cancel(1)
            await until(lambda: w.phase(1) is Phase.CANCELLED)
            assert w.jobs.stopped == ["report-1-1"]
            assert w.record(1).status.phase is Phase.CANCELLED
            assert not w.jobs.live()

    run(scenario)


def test_a_crashed_attempt_is_repeated_and_a_result_in_storage_is_adopted():
    async def scenario():
        async with world() as w:
            w.upload(1)
            await until(lambda: w.phase(1) is Phase.RUNNING)
            w.end(1, 1, End.CRASHED)
            await until(lambda: "report-1-2" in w.jobs.attempts)
            w.finish(1, Phase.PARTIALLY_SUCCEEDED, tell=False, attempt=2)
            await until(lambda: w.phase(1) is Phase.PARTIALLY_SUCCEEDED)
            assert w.imports.get(1).status.attempts.started == 2

    run(scenario)


def test_after_the_last_attempt_storage_knows_the_end_before_the_resource_does():
    async def scenario():
        async with world(max_attempts=2) as w:
            w.upload(1)
            for attempt in (1, 2):
                await until(lambda a=attempt: f"report-1-{a}" in w.jobs.attempts)
                w.end(1, attempt, End.CRASHED)
            await until(lambda: w.phase(1) is Phase.FAILED)
            assert w.record(1).status.reason == "ProcessorCrashed"
            assert objectkeys.profile_entry("web", 1) in w.objects.kept

    run(scenario)


def test_an_import_made_by_hand_gets_its_request():
    async def scenario():
        async with world() as w:
            w.objects.kept["imports/1/upload/1/r.xml"] = b"<testsuite/>"
            w.upload(1, request=False)
            await until(lambda: w.phase(1) is Phase.RUNNING)
            request = ImportRequest.model_validate_json(w.objects.kept[objectkeys.request(1)])
            assert [file.size for file in request.files] == [12]

    run(scenario)


def test_an_import_made_by_hand_for_what_does_not_exist_fails():
    async def scenario():
        async with world() as w:
            w.upload(1, request=False)
            await until(lambda: w.phase(1) is Phase.FAILED)
            assert w.record(1).status.reason == "InvalidRequest"
            assert not w.jobs.started

    run(scenario)


def test_a_deleted_import_s_job_is_stopped_and_its_slot_is_free():
    async def scenario():
        async with world(max_concurrent=1) as w:
            w.upload(1)
            w.upload(2)
            await until(w.jobs.live)
            (first,) = w.jobs.live()
            w.imports.delete(first)
            await until(lambda: w.jobs.live() == {3 - first})
            assert w.jobs.peak == 1

    run(scenario)


def test_a_finished_import_is_deleted_after_its_time_and_stays_in_storage():
    async def scenario():
        async with world(finished_ttl_seconds=0) as w:
            w.upload(1)
            await until(lambda: w.phase(1) is Phase.RUNNING)
            w.finish(1)
            await until(lambda: w.imports.get(1) is None)
            assert w.record(1).status.phase is Phase.SUCCEEDED

    run(scenario)


@pytest.mark.parametrize("moment", ["queued", "running", "ended untold", "ended told"])
def test_a_killed_operator_goes_on_where_it_was(moment):
    async def scenario():
        w = World(max_concurrent=1)
        await w.start()
        w.upload(1)
        if moment == "queued":
            w.objects.kept.pop(objectkeys.request(1), None)
        else:
            await until(lambda: w.phase(1) is Phase.RUNNING)
        await w.kill()
        w.objects.kept[objectkeys.request(1)] = b"{}"
        w.objects.kept["imports/1/upload/1/r.xml"] = b"x"
        w.controller = Controller(w.imports, w.jobs, None, w.limits)
        if moment.startswith("ended"):
            w.finish(1, tell=moment == "ended told")
        await w.start()
        if not moment.startswith("ended"):
            await until(lambda: w.jobs.live() == {1})
            w.finish(1)
        await until(lambda: w.phase(1) is Phase.SUCCEEDED and w.imports.get(1).status.expires_at)
        assert [plan.attempt for plan in w.jobs.started] == [1]
        await w.kill()

    run(scenario)


def test_a_restarted_operator_counts_jobs_that_run_without_an_import():
    async def scenario():
        w = World(max_concurrent=1)
        w.jobs.obedient = False
        await w.start()
        w.upload(1)
        await until(lambda: w.jobs.live() == {1})
        await w.kill()
        w.imports.delete(1)
        w.upload(2)
        await w.start()
        await until(lambda: w.phase(2) is Phase.QUEUED)
        await until(lambda: w.jobs.stopped == ["report-1-1"])
        assert w.jobs.live() == {1}
        w.end(1, 1, End.CRASHED)
        await until(lambda: w.jobs.live() == {2})
        assert w.jobs.peak == 1
        await w.kill()

    run(scenario)


def test_an_import_that_comes_while_the_others_are_listed_is_not_left_lying(monkeypatch):
    async def scenario():
        made = World()
        loop = asyncio.get_running_loop()
        usual = made.imports.list

        def listing():
            before = list(usual())
            monkeypatch.setattr(made.imports, "list", usual)
            made.upload(1)
            # The loop has heard of it before it has the listing.
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(5)
            return iter(before)

        monkeypatch.setattr(made.imports, "list", listing)
        await made.start()
        await until(lambda: made.phase(1) is Phase.RUNNING)
        await made.kill()

    run(scenario)


def test_while_storage_is_away_nothing_is_lost_and_it_goes_on_afterwards(monkeypatch):
    monkeypatch.setattr("report_operator.controller._FIRST_RETRY_SECONDS", 0.02)

    async def scenario():
        async with world() as w:
            w.objects.broken = True
            w.imports.create(an_import(1))
            await asyncio.sleep(0.05)
            assert w.phase(1) is None
            w.objects.broken = False
            w.objects.kept[objectkeys.request(1)] = b"{}"
            await until(lambda: w.phase(1) is Phase.RUNNING)

    run(scenario)


def test_an_attempt_without_a_heartbeat_is_stopped_and_repeated():
    async def scenario():
        async with world(heartbeat_timeout_seconds=0.15) as w:
            w.upload(1)
            await until(lambda: w.phase(1) is Phase.RUNNING)
            for beat in range(5):
                progress = {"heartbeatAt": f"2026-03-01T12:00:0{beat}Z"}
                w.imports.apply_status(1, {"progress": progress}, manager=FIELD_MANAGER_PROCESSOR)
                await asyncio.sleep(0.06)
            assert not w.jobs.stopped
            await until(lambda: "report-1-2" in w.jobs.attempts)
            assert w.jobs.stopped[0] == "report-1-1"
            assert w.jobs.started[1].previous_reason == "Stalled"

    run(scenario)
