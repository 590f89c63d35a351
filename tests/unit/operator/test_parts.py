"""The smaller parts of the operator: settings, slots, work queue, sweep, lead, events, metrics."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from prometheus_client import generate_latest
from support.imports import NOW, ago, an_import, ended, later, queued, running
from support.processes import wait_until

from report_contract import objectkeys
from report_contract.phases import Phase
from report_operator.actions import Announce, ApplyStatus, StartJob
from report_operator.announcing import EventAnnouncer, build_event
from report_operator.index import Entry, Index
from report_operator.leader import Lead
from report_operator.metrics import Metrics
from report_operator.ports import JobPlan
from report_operator.settings import JobSettings, Limits, read_quantity
from report_operator.sweep import Folder, Sweeper, is_remains
from report_operator.workqueue import WorkQueue
from report_stores.errors import Unavailable
from report_stores.leases import Lease

# Settings


@pytest.mark.parametrize(
    ("text", "count"), [("512Mi", 2**29), ("2Gi", 2**31), ("1G", 10**9), ("1048576", 2**20), ("64Ki", 2**16)]
)
def test_quantities_are_read_as_kubernetes_writes_them(text, count):
    assert read_quantity(text) == count


@pytest.mark.parametrize("text", ["", "512MB", "1.5Gi", "-1", "lots", "12 Mi"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="quantity of bytes"):
        read_quantity(text)


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("REPORT_IMPORT_MAX_CONCURRENT", "7")
    monkeypatch.setenv("REPORT_IMPORT_MEMORY_CAP", "8Gi")
    monkeypatch.setenv("REPORT_IMPORT_JOB_NODE_SELECTOR", '{"disk": "fast"}')
    assert (Limits().max_concurrent, Limits().memory_cap) == (7, 2**33)
    assert JobSettings().job_node_selector == {"disk": "fast"}


# Slots


def test_slots_are_given_up_to_the_limit_and_again_when_one_is_free():
    index = Index(limit=2)
    for number in range(1, 5):
        index.put(Entry.of(queued(number, seconds=100 - number)))
    assert index.fill_slots(NOW) == [1, 2]
    assert index.fill_slots(NOW) == []
    assert (index.waiting, index.slots) == (2, 2)
    index.put(Entry.of(ended(1)))
    index.release_slot(1)
    assert index.fill_slots(NOW) == [3]


def test_a_slot_that_was_not_used_goes_back_to_the_queue():
    index = Index(limit=1)
    index.put(Entry.of(queued(1)))
    assert index.fill_slots(NOW) == [1]
    index.release_slot(1)
    assert index.fill_slots(NOW) == [1]


def test_who_has_a_job_holds_a_slot_even_beyond_the_limit():
    index = Index(limit=1)
    for number in (1, 2):
        index.take_slot(number)
    index.put(Entry.of(queued(3)))
    assert index.fill_slots(NOW) == []
    index.release_slot(1)
    assert index.fill_slots(NOW) == []
    index.release_slot(2)
    assert index.fill_slots(NOW) == [3]


@pytest.mark.parametrize("resource", [queued(cancel=True), running(), ended(), an_import()])
def test_only_who_waits_gets_a_slot(resource):
    index = Index(limit=1)
    index.put(Entry.of(resource))
    assert index.fill_slots(NOW) == []


def test_who_is_deleted_does_not_wait_but_keeps_its_slot_until_it_is_released():
    index = Index(limit=1)
    index.put(Entry.of(queued(1)))
    index.put(Entry.of(queued(2)))
    assert index.fill_slots(NOW) == [1]
    index.remove(1)
    index.remove(2)
    assert index.holds_slot(1)
    assert index.waiting == 0


def test_a_slot_is_fresh_once():
    index = Index(limit=1)
    index.put(Entry.of(queued(1)))
    index.fill_slots(NOW)
    assert index.is_fresh(1)
    assert not index.is_fresh(1)


def test_a_heartbeat_changes_no_decision_and_a_phase_does():
    index = Index(limit=1)
    assert index.put(Entry.of(running()))
    beat = {"progress": {"percent": 5, "heartbeatAt": "2026-03-01T12:00:00Z"}}
    assert not index.put(Entry.of(running(status=beat)))
    assert index.put(Entry.of(ended()))


# Work queue


def test_a_key_is_looked_at_once_at_a_time_and_again_when_something_happened_meanwhile():
    async def scenario():
        looked, gate = asyncio.Queue(), asyncio.Semaphore(0)

        async def look(key):
            looked.put_nowait(key)
            await gate.acquire()

        queue = WorkQueue(look, lambda: datetime.now(UTC))
        for _ in range(5):
            queue.add(1)
        task = asyncio.create_task(queue.run(4))
        assert await asyncio.wait_for(looked.get(), 5) == 1
        for _ in range(5):
            queue.add(1)
        queue.add(2)
        assert await asyncio.wait_for(looked.get(), 5) == 2
        assert looked.empty()
        gate.release()
        gate.release()
        assert await asyncio.wait_for(looked.get(), 5) == 1
        gate.release()
        queue.add(3)
        assert await asyncio.wait_for(looked.get(), 5) == 3
        assert looked.empty()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())


def test_urgent_keys_go_first_also_when_they_become_urgent_later():
    async def scenario():
        looked, urgent = [], {3}

        async def look(key):
            looked.append(key)

        queue = WorkQueue(look, lambda: datetime.now(UTC), urgent=urgent.__contains__)
        for key in (1, 2, 3, 4):
            queue.add(key)
        urgent.add(4)
        queue.add(4)
        queue.add(4)
        task = asyncio.create_task(queue.run(1))
        await asyncio.sleep(0.01)
        assert looked == [3, 4, 1, 2]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())


def test_a_key_is_looked_at_at_its_time_and_a_new_time_replaces_the_old():
    async def scenario():
        looked = asyncio.Queue()
        queue = WorkQueue(looked.put, lambda: datetime.now(UTC))
        task = asyncio.create_task(queue.run(1))
        now = datetime.now(UTC)
        queue.add_at(1, now + timedelta(hours=1))
        queue.add_at(2, now + timedelta(hours=1))
        queue.add_at(1, now + timedelta(milliseconds=20))
        queue.forget(2)
        assert await asyncio.wait_for(looked.get(), 5) == 1
        assert looked.empty()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(scenario())


# Sweep


@pytest.mark.parametrize(
    ("folder", "remains"),
    [
        (Folder(1, ago(3600), archived=False, wanted=False), True),
        (Folder(1, ago(3599), archived=False, wanted=False), False),
        (Folder(1, ago(9999), archived=True, wanted=False), False),
        (Folder(1, ago(9999), archived=False, wanted=True), False),
    ],
)
def test_only_old_uploads_without_an_import_are_remains(folder, remains):
    assert is_remains(folder, NOW, timedelta(hours=1)) is remains


class Bucket:
    """Keys and when they were written."""

    def __init__(self, keys):
        self.keys = keys
        self.asked = []

    def folders(self, prefix):
        mine = [key for key in self.keys if key.startswith(prefix)]
        return iter(sorted({f"{prefix}{key[len(prefix) :].split('/')[0]}/" for key in mine}))

    def stat(self, key):
        self.asked.append(key)
        return key if key in self.keys else None

    def list(self, prefix):
        found = [SimpleNamespace(key=key, modified=at) for key, at in self.keys.items() if key.startswith(prefix)]
        return iter(found)

    def remove(self, key):
        self.keys.pop(key, None)

    def delete(self, prefix):
        gone = [key for key in self.keys if key.startswith(prefix)]
        for key in gone:
            del self.keys[key]
        return len(gone)

    def abort_incomplete(self, prefix, older_than):
        return 3


def test_a_sweep_removes_remains_and_asks_for_no_archived_import_twice():
    old, new = ago(7200), ago(60)
    bucket = Bucket(
        {
            "imports/1/status.json": old,
            "imports/2/upload/1/r.xml": old,
            "imports/3/upload/1/r.xml": old,
            "imports/4/upload/1/r.xml": old,
            "imports/4/upload/2/r.xml": new,
            "imports/strange/x": old,
        }
    )
    imports = SimpleNamespace(
        get=lambda report_id: an_import(3) if report_id == 3 else None, forget_claims=lambda older_than_seconds: 4
    )
    sweeper = Sweeper(
        imports,
        bucket,
        upload_max_age=timedelta(hours=1),
        claim_max_age=timedelta(hours=1),
        clock=lambda: NOW,
    )
    swept = sweeper.sweep()
    assert (swept.uploads, swept.parts, swept.claims) == (1, 3, 4)
    assert {key.split("/")[1] for key in bucket.keys} == {"1", "3", "4", "strange"}
    bucket.asked.clear()
    sweeper.sweep()
    assert objectkeys.status(1) not in bucket.asked
    assert objectkeys.status(4) in bucket.asked


def entries_after_a_sweep(*report_ids, folders=(), alive=(), made_meanwhile=()):
    """Which entries of an index are left, where some reports have a folder and some a resource."""
    bucket = Bucket({objectkeys.profile_entry("web", report_id): ago(60) for report_id in report_ids})
    bucket.keys |= {objectkeys.status(report_id): ago(60) for report_id in folders}
    bucket.keys["profiles/web/notes.txt"] = ago(60)

    def forget_claims(older_than_seconds):
        # The folders have been listed, and the index has not.
        bucket.keys.update({objectkeys.status(report_id): ago(0) for report_id in made_meanwhile})
        return 0

    imports = SimpleNamespace(get=lambda n: an_import(n) if n in alive else None, forget_claims=forget_claims)
    age = timedelta(hours=1)
    swept = Sweeper(imports, bucket, upload_max_age=age, claim_max_age=age, clock=lambda: NOW).sweep()
    assert "profiles/web/notes.txt" in bucket.keys
    left = {n for n in report_ids if objectkeys.profile_entry("web", n) in bucket.keys}
    assert swept.entries == len(report_ids) - len(left)
    return left


def test_a_sweep_removes_entries_of_reports_that_are_deleted():
    assert entries_after_a_sweep(1, 2, 3, 10**11, folders=[1, 10**11]) == {1, 10**11}


def test_a_sweep_keeps_entries_of_imports_that_live_or_ended_while_it_looked():
    assert entries_after_a_sweep(1, 2, 3, alive=[1], made_meanwhile=[2]) == {1, 2}


# Lead


class OneLease:
    """The Lease of the lead, with versions as the API server counts them."""

    def __init__(self):
        self.kept = None
        self.version = 0
        self.broken = False

    def get(self, name):
        if self.broken:
            raise Unavailable("no answer")
        return self.kept

    def create(self, lease):
        return self.kept is None and self._keep(lease)

    def replace(self, lease):
        return self.kept is not None and lease.version == self.kept.version and self._keep(lease)

    def _keep(self, lease):
        self.version += 1
        self.kept = Lease(lease.name, lease.holder, lease.renewed_at, lease.seconds, version=str(self.version))
        return True


@pytest.fixture
def lead():
    leases, time = OneLease(), SimpleNamespace(now=1000.0)

    def make(identity):
        return Lead(leases, identity, 15, clock=lambda: time.now)

    return SimpleNamespace(make=make, leases=leases, time=time)


def test_one_leads_and_the_other_waits_until_it_runs_out(lead):
    one, two = lead.make("one"), lead.make("two")
    assert one.take()
    assert not two.take()
    lead.time.now += 14.9
    assert not two.take()
    lead.time.now += 0.1
    assert two.take()
    assert not one.take()
    assert not one.held()


def test_who_renews_keeps_the_lead(lead):
    one, two = lead.make("one"), lead.make("two")
    for _ in range(10):
        assert one.take()
        assert not two.take()
        lead.time.now += 10


def test_the_lead_ends_for_its_holder_before_another_can_take_it(lead):
    one = lead.make("one")
    one.take()
    lead.time.now += 9.9
    assert one.held()
    lead.time.now += 0.2
    assert not one.held()


def test_a_restarted_holder_goes_on_at_once(lead):
    lead.make("one").take()
    assert lead.make("one").take()


def test_a_lead_that_was_given_up_is_free_at_once(lead):
    one, two = lead.make("one"), lead.make("two")
    one.take()
    one.release()
    assert two.take()
    one.release()
    assert not lead.make("three").take()


def test_a_lead_that_cannot_be_renewed_is_held_until_its_time_is_over(lead):
    one = lead.make("one")
    one.take()
    lead.leases.broken = True
    lead.time.now += 5
    with pytest.raises(Unavailable):
        one.take()
    assert one.held()
    lead.time.now += 6
    assert not one.held()


# Events


def test_an_event_is_about_its_import():
    event = build_event(an_import(), "imports", "Queued", "x" * 5000, warning=True)
    assert event["involvedObject"]["name"] == "report-41"
    assert event["involvedObject"]["uid"] == "uid-41"
    assert (event["type"], event["reason"], len(event["message"])) == ("Warning", "Queued", 1024)


def test_an_event_that_cannot_be_posted_disturbs_nobody(caplog):
    class Broken:
        namespace = "imports"

        def create_event(self, event):
            raise Unavailable("no answer")

    announcer = EventAnnouncer(Broken())
    announcer.announce(an_import(), "Queued", "text")
    wait_until(lambda: caplog.text)
    announcer.close()
    assert "event Queued is left out" in caplog.text


# Metrics


def test_metrics_count_what_was_done():
    metrics = Metrics()
    index = Index(limit=1)
    for number in (1, 2):
        index.put(Entry.of(queued(number)))
    index.fill_slots(NOW)
    metrics.index(index)
    metrics.performed(queued(1, seconds=60), [StartJob(JobPlan(1, 1, 1, 1))], NOW)
    metrics.performed(running(1), [StartJob(JobPlan(1, 2, 2, 1, "OutOfMemory"))], NOW)
    end = [ApplyStatus({"completedAt": "2026-03-01T12:00:00Z"}), Announce(Phase.FAILED, "text")]
    metrics.performed(running(1), end, later(99))
    text = generate_latest(metrics.registry).decode()
    for line in (
        "report_import_queued 1.0",
        "report_import_running 1.0",
        "report_import_attempts_total 2.0",
        'report_import_retries_total{reason="OutOfMemory"} 1.0',
        'report_import_finished_total{phase="Failed"} 1.0',
        "report_import_queue_seconds_sum 60.0",
        "report_import_duration_seconds_sum 50.0",
    ):
        assert line in text
