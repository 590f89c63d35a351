"""The rules of an import store, against memory and against a real Kubernetes API server."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from report_contract.names import FIELD_MANAGER_OPERATOR, FIELD_MANAGER_PROCESSOR, resource_name
from report_contract.phases import TERMINAL_PHASES, Phase
from report_contract.resource import ReportImport, ReportImportSpec, Source, SourceFile
from report_stores.errors import ImportExists, ImportMissing, InvalidResource, PhaseIsFinal
from report_stores.imports import ClaimState, ImportStore
from report_stores.imports_kubernetes import KubernetesImports
from report_stores.imports_memory import MemoryImports

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OPERATOR, PROCESSOR = FIELD_MANAGER_OPERATOR, FIELD_MANAGER_PROCESSOR


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


Make = Callable[..., ImportStore]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", pytest.param("kubernetes", marks=pytest.mark.kubernetes)])
def make(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Make]:
    """Makes stores. On Kubernetes each is another replica of the same namespace."""
    if request.param == "memory":
        yield lambda **options: MemoryImports(clock=clock, **options)
        return
    api = request.getfixturevalue("kubernetes_namespace")
    yield lambda **options: KubernetesImports(api, clock=clock, **options)


@pytest.fixture
def store(make: Make) -> ImportStore:
    return make()


def resource(report_id: int, **changes: Any) -> ReportImport:
    source = Source(
        bucket="report-import",
        prefix=f"imports/{report_id}/",
        files=[SourceFile(key=f"imports/{report_id}/upload/1/r.xml", name="r.xml", size=7, sha256="0" * 64)],
        file_count=1,
        bytes=7,
    )
    name = changes.pop("name", resource_name(report_id))
    spec = ReportImportSpec(**({"report_id": report_id, "profile": "web", "source": source} | changes))
    return ReportImport(metadata={"name": name, "labels": {"reportimport.dev/profile": "web"}}, spec=spec)


def phase_of(store: ImportStore, report_id: int) -> Phase | None:
    found = store.get(report_id)
    assert found is not None
    return found.status.phase


# Creating, reading, deleting


def test_what_is_created_can_be_read_again(store: ImportStore) -> None:
    created = store.create(resource(41))
    assert created.metadata["uid"]
    assert created.status.phase is None
    assert store.get(41) == created
    assert [one.report_id for one in store.list()] == [41]


def test_a_name_is_taken_once(store: ImportStore) -> None:
    store.create(resource(41))
    with pytest.raises(ImportExists):
        store.create(resource(41, profile="other"))


def test_a_status_is_no_part_of_a_creation(store: ImportStore) -> None:
    wanted = resource(41)
    created = store.create(
        wanted.model_copy(update={"status": wanted.status.model_copy(update={"phase": Phase.SUCCEEDED})})
    )
    assert created.status.phase is None


def test_a_name_that_is_not_the_report_s_is_refused(store: ImportStore) -> None:
    with pytest.raises(InvalidResource, match=r"metadata\.name must be report-"):
        store.create(resource(41, name="report-42"))


def test_what_does_not_exist_is_none(store: ImportStore) -> None:
    assert store.get(7) is None
    assert list(store.list()) == []


def test_deleting_twice_is_deleting_once(store: ImportStore) -> None:
    store.create(resource(41))
    store.delete(41)
    store.delete(41)
    assert store.get(41) is None


def test_every_option_survives_the_store(store: ImportStore) -> None:
    options = {"tags": ["a", "b"], "date": "now", "smart": False, "merge_containers": True, "ignore_empty_report": True}
    store.create(resource(41, options=options, priority=-3, formatter="junit"))
    found = store.get(41)
    assert found is not None
    assert found.spec == resource(41, options=options, priority=-3, formatter="junit").spec


def test_a_listing_goes_over_all_pages(store: ImportStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("report_stores.kubernetes_api._PAGE", 3)
    for number in range(1, 9):
        store.create(resource(number))
    assert sorted(one.report_id for one in store.list()) == list(range(1, 9))


# Cancelling


def test_cancelling_twice_is_one_cancel(store: ImportStore) -> None:
    before = store.create(resource(41))
    store.request_cancel(41)
    store.request_cancel(41)
    after = store.get(41)
    assert after is not None
    assert after.spec.cancel
    assert after.metadata["generation"] == before.metadata["generation"] + 1


def test_cancelling_what_is_gone_says_so(store: ImportStore) -> None:
    with pytest.raises(ImportMissing):
        store.request_cancel(41)


# Server-side apply


def test_two_managers_each_keep_their_fields(store: ImportStore) -> None:
    store.create(resource(41))
    store.apply_status(41, {"phase": "Running", "attempts": {"started": 1}}, manager=OPERATOR)
    store.apply_status(41, {"progress": {"percent": 10, "tests": 5}}, manager=PROCESSOR)
    store.apply_status(41, {"phase": "Running", "attempts": {"started": 2}}, manager=OPERATOR)
    found = store.get(41)
    assert found is not None
    assert found.status.attempts is not None
    assert found.status.progress is not None
    assert (found.status.attempts.started, found.status.progress.percent, found.status.progress.tests) == (2, 10, 5)


def test_a_field_that_its_manager_leaves_out_is_removed(store: ImportStore) -> None:
    store.create(resource(41))
    store.apply_status(41, {"phase": "Queued", "reason": "Queued", "message": "waits"}, manager=OPERATOR)
    store.apply_status(41, {"phase": "Queued", "reason": "Queued"}, manager=OPERATOR)
    found = store.get(41)
    assert found is not None
    assert found.status.message == ""


def test_a_field_that_another_manager_took_over_stays(store: ImportStore) -> None:
    store.create(resource(41))
    store.apply_status(41, {"phase": "Running", "message": "runs"}, manager=OPERATOR)
    store.apply_status(41, {"phase": "Succeeded", "message": "done"}, manager=PROCESSOR)
    store.apply_status(41, {"expiresAt": "2026-03-02T12:00:00Z"}, manager=OPERATOR)
    found = store.get(41)
    assert found is not None
    assert (found.status.phase, found.status.message) == (Phase.SUCCEEDED, "done")
    assert found.status.expires_at == START + timedelta(days=1)


def test_a_field_that_two_managers_applied_alike_stays_while_one_of_them_keeps_it(store: ImportStore) -> None:
    store.create(resource(41))
    store.apply_status(41, {"phase": "Running", "message": "same"}, manager=OPERATOR)
    store.apply_status(41, {"message": "same", "messageCount": 1}, manager=PROCESSOR)
    store.apply_status(41, {"phase": "Running"}, manager=OPERATOR)
    found = store.get(41)
    assert found is not None
    assert found.status.message == "same"
    store.apply_status(41, {"messageCount": 1}, manager=PROCESSOR)
    found = store.get(41)
    assert found is not None
    assert found.status.message == ""


def test_conditions_of_two_managers_are_one_list_by_type(store: ImportStore) -> None:
    def condition(kind: str, status: str, reason: str) -> dict[str, str]:
        return {"type": kind, "status": status, "reason": reason, "lastTransitionTime": "2026-03-01T12:00:00Z"}

    store.create(resource(41))
    mine = [condition("Accepted", "True", "Queued"), condition("Complete", "False", "Queued")]
    store.apply_status(41, {"conditions": mine}, manager=OPERATOR)
    store.apply_status(41, {"conditions": [condition("Complete", "True", "Imported")]}, manager=PROCESSOR)
    store.apply_status(41, {"conditions": [mine[0]]}, manager=OPERATOR)
    found = store.get(41)
    assert found is not None
    assert {one.type: (one.status, one.reason) for one in found.status.conditions} == {
        "Accepted": ("True", "Queued"),
        "Complete": ("True", "Imported"),
    }


def test_messages_are_replaced_as_a_whole(store: ImportStore) -> None:
    def message(text: str) -> dict[str, Any]:
        return {"level": "warning", "code": "no_tests", "message": text, "count": 1}

    store.create(resource(41))
    store.apply_status(41, {"messages": [message("a"), message("b")]}, manager=PROCESSOR)
    store.apply_status(41, {"messages": [message("c")]}, manager=PROCESSOR)
    found = store.get(41)
    assert found is not None
    assert [one.message for one in found.status.messages] == ["c"]


def test_applying_to_what_is_gone_says_so(store: ImportStore) -> None:
    with pytest.raises(ImportMissing):
        store.apply_status(41, {"phase": "Queued"}, manager=OPERATOR)


def test_applying_does_not_bring_a_deleted_import_back(store: ImportStore) -> None:
    store.create(resource(41))
    store.delete(41)
    with pytest.raises(ImportMissing):
        store.apply_status(41, {"progress": {"percent": 50}}, manager=PROCESSOR)
    assert store.get(41) is None


@pytest.mark.parametrize(
    "status",
    [{"phase": "Paused"}, {"progress": {"percent": 101}}, {"conditions": [{"type": "Complete"}]}, {"colour": "red"}],
    ids=["unknown phase", "percent past 100", "half a condition", "unknown field"],
)
def test_a_status_that_breaks_the_schema_is_refused(store: ImportStore, status: dict[str, Any]) -> None:
    store.create(resource(41))
    with pytest.raises(InvalidResource):
        store.apply_status(41, status, manager=OPERATOR)


# Terminal phases


@pytest.mark.parametrize("final", sorted(TERMINAL_PHASES))
def test_a_terminal_phase_is_final(store: ImportStore, final: Phase) -> None:
    store.create(resource(41))
    store.apply_status(41, {"phase": final.value}, manager=PROCESSOR)
    for other in set(Phase) - {final}:
        with pytest.raises(PhaseIsFinal):
            store.apply_status(41, {"phase": other.value}, manager=OPERATOR)
    with pytest.raises(PhaseIsFinal):
        store.apply_status(41, {"message": "the phase is left out, and so would be removed"}, manager=PROCESSOR)
    assert phase_of(store, 41) is final


def test_the_same_terminal_phase_may_be_applied_again(store: ImportStore) -> None:
    store.create(resource(41))
    for manager in (PROCESSOR, PROCESSOR, OPERATOR):
        store.apply_status(41, {"phase": "Failed", "message": "bad input"}, manager=manager)
    assert phase_of(store, 41) is Phase.FAILED


def test_a_refused_apply_changes_nothing(store: ImportStore) -> None:
    store.create(resource(41))
    store.apply_status(41, {"phase": "Succeeded", "message": "done"}, manager=PROCESSOR)
    with pytest.raises(PhaseIsFinal):
        store.apply_status(41, {"phase": "Failed", "message": "no"}, manager=OPERATOR)
    found = store.get(41)
    assert found is not None
    assert found.status.message == "done"


# Report ids


def test_report_ids_increase(store: ImportStore) -> None:
    ids = [store.next_report_id() for _ in range(5)]
    assert ids == sorted(set(ids))
    assert ids[0] >= 1


def test_report_ids_go_on_behind_the_archive(make: Make) -> None:
    assert make(highest_known=lambda: 4711).next_report_id() == 4712


def test_report_ids_go_on_behind_what_exists(store: ImportStore) -> None:
    store.create(resource(100))
    assert store.next_report_id() == 101


def test_threads_never_get_the_same_id(store: ImportStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: store.next_report_id(), range(40)))
    assert len(set(ids)) == 40


@pytest.mark.kubernetes
def test_replicas_never_get_the_same_id_and_restarts_go_on(kubernetes_namespace: Any) -> None:
    replicas = [KubernetesImports(kubernetes_namespace) for _ in range(4)]
    gate = threading.Barrier(4)

    def take(replica: ImportStore) -> list[int]:
        gate.wait()
        return [replica.next_report_id() for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, replicas))
    everything = [one for ids in taken for one in ids]
    assert len(set(everything)) == 40
    assert all(ids == sorted(ids) for ids in taken)
    assert KubernetesImports(kubernetes_namespace).next_report_id() == max(everything) + 1


@pytest.mark.kubernetes
def test_a_lost_counter_starts_behind_all_that_is_known(kubernetes_namespace: Any) -> None:
    api = kubernetes_namespace
    store = KubernetesImports(api, highest_known=lambda: 70)
    assert store.next_report_id() == 71
    api.request("DELETE", api.path("v1", "configmaps", "report-import-ids"))
    store.create(resource(90))
    assert store.next_report_id() == 91
    assert KubernetesImports(api, highest_known=lambda: 70).next_report_id() == 92


# Claims on idempotency keys


def test_the_first_claim_is_mine_and_the_second_is_held(store: ImportStore) -> None:
    mine = store.claim("ab12", holder="a", lease_seconds=60)
    held = store.claim("ab12", holder="b", lease_seconds=60)
    assert (mine.state, held.state) == (ClaimState.MINE, ClaimState.HELD)
    assert mine.report_id == held.report_id


def test_other_keys_are_other_reports(store: ImportStore) -> None:
    first = store.claim("ab12", holder="a", lease_seconds=60)
    second = store.claim("cd34", holder="a", lease_seconds=60)
    assert first.report_id != second.report_id


def test_claiming_again_is_still_mine(store: ImportStore) -> None:
    first = store.claim("ab12", holder="a", lease_seconds=60)
    assert store.claim("ab12", holder="a", lease_seconds=60) == first


def test_a_finished_claim_is_done_for_ever_after(store: ImportStore, clock: Clock) -> None:
    mine = store.claim("ab12", holder="a", lease_seconds=60)
    assert store.finish("ab12", holder="a", fingerprint="f1")
    clock.tick(100_000)
    for holder in ("a", "b"):
        done = store.claim("ab12", holder=holder, lease_seconds=60)
        assert (done.state, done.report_id, done.fingerprint) == (ClaimState.DONE, mine.report_id, "f1")


def test_a_claim_runs_out_when_it_is_not_renewed(store: ImportStore, clock: Clock) -> None:
    mine = store.claim("ab12", holder="a", lease_seconds=60)
    clock.tick(59)
    assert store.claim("ab12", holder="b", lease_seconds=60).state is ClaimState.HELD
    clock.tick(1)
    taken = store.claim("ab12", holder="b", lease_seconds=60)
    assert (taken.state, taken.report_id) == (ClaimState.MINE, mine.report_id)
    assert not store.renew("ab12", holder="a")
    assert not store.finish("ab12", holder="a", fingerprint="f1")
    assert store.finish("ab12", holder="b", fingerprint="f2")


def test_a_renewed_claim_lives_on(store: ImportStore, clock: Clock) -> None:
    store.claim("ab12", holder="a", lease_seconds=60)
    clock.tick(50)
    assert store.renew("ab12", holder="a")
    clock.tick(50)
    assert store.claim("ab12", holder="b", lease_seconds=60).state is ClaimState.HELD


def test_a_released_claim_starts_afresh(store: ImportStore) -> None:
    first = store.claim("ab12", holder="a", lease_seconds=60)
    store.release("ab12", holder="b")
    assert store.claim("ab12", holder="b", lease_seconds=60).state is ClaimState.HELD
    store.release("ab12", holder="a")
    store.release("ab12", holder="a")
    second = store.claim("ab12", holder="b", lease_seconds=60)
    assert second.state is ClaimState.MINE
    assert second.report_id > first.report_id


def test_a_finished_claim_cannot_be_released(store: ImportStore) -> None:
    store.claim("ab12", holder="a", lease_seconds=60)
    store.finish("ab12", holder="a", fingerprint="f1")
    store.release("ab12", holder="a")
    assert store.claim("ab12", holder="b", lease_seconds=60).state is ClaimState.DONE


def test_what_was_never_claimed_cannot_be_kept(store: ImportStore) -> None:
    assert not store.renew("ab12", holder="a")
    assert not store.finish("ab12", holder="a", fingerprint="f1")
    store.release("ab12", holder="a")


def test_old_claims_are_forgotten_and_young_ones_kept(store: ImportStore, clock: Clock) -> None:
    store.claim("aa", holder="a", lease_seconds=60)
    store.claim("bb", holder="a", lease_seconds=60)
    store.finish("bb", holder="a", fingerprint="f1")
    clock.tick(1000)
    store.claim("cc", holder="a", lease_seconds=60)
    assert store.forget_claims(older_than_seconds=999) == 2
    assert store.forget_claims(older_than_seconds=999) == 0
    assert store.claim("cc", holder="b", lease_seconds=60).state is ClaimState.HELD
    assert store.claim("bb", holder="b", lease_seconds=60).state is ClaimState.MINE


def test_one_key_from_many_at_once_is_one_report(make: Make) -> None:
    store = make()
    gate = threading.Barrier(6)

    def claim(number: int) -> Any:
        gate.wait()
        return store.claim("ab12", holder=f"replica-{number}", lease_seconds=60)

    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(claim, range(6)))
    assert sorted(one.state for one in claims) == [ClaimState.HELD] * 5 + [ClaimState.MINE]
    assert len({one.report_id for one in claims}) == 1
