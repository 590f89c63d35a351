"""Imports in memory: what is its own beside the contract that it shares with the Kubernetes store."""

from support.imports import an_import

from report_stores.imports_memory import MemoryImports


def test_a_listener_hears_of_every_change():
    heard = []
    store = MemoryImports()
    store.subscribe(lambda report_id, resource: heard.append((report_id, resource and resource.status.phase)))
    store.create(an_import(1))
    store.apply_status(1, {"phase": "Queued"}, manager="a")
    store.request_cancel(1)
    store.request_cancel(1)
    store.delete(1)
    store.delete(1)
    assert heard == [(1, None), (1, "Queued"), (1, "Queued"), (1, None)]


def test_what_is_given_out_does_not_change_afterwards():
    store = MemoryImports()
    store.create(an_import(1))
    before = store.get(1)
    store.apply_status(1, {"phase": "Queued"}, manager="a")
    assert before.status.phase is None


def test_every_change_has_a_version_of_its_own():
    store = MemoryImports()
    versions = [store.create(an_import(1)).metadata["resourceVersion"]]
    store.apply_status(1, {"phase": "Queued"}, manager="a")
    versions.append(store.get(1).metadata["resourceVersion"])
    assert len(set(versions)) == 2
