"""The rules of object storage, against a real MinIO and against nanio, the server of the standalone mode."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from support.binaries import free_ports

from report_contract import objectkeys
from report_standalone.storage import StorageServer
from report_stores.errors import ObjectMissing, ObjectTooLarge, Unavailable
from report_stores.objects import ObjectStore
from report_stores.settings import MIB, StorageSettings


@pytest.fixture(scope="module")
def nanio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StorageSettings]:
    with StorageServer(tmp_path_factory.mktemp("nanio")) as server:
        yield server.settings


@pytest.fixture(params=[pytest.param("minio", marks=pytest.mark.minio), "nanio"])
def settings(request: pytest.FixtureRequest) -> StorageSettings:
    server: StorageSettings = request.getfixturevalue(f"{request.param}_server")
    return server.model_copy(update={"bucket": f"test-{secrets.token_hex(4)}"})


@pytest.fixture
def store(settings: StorageSettings) -> Iterator[ObjectStore]:
    made = ObjectStore(settings)
    made.ensure_bucket()
    yield made
    made.close()


class Stream:
    """So many bytes, of which only one piece is ever in memory; raises at the end when it is told to."""

    def __init__(self, size: int, error: Exception | None = None) -> None:
        self.left = size
        self.error = error
        self.largest = 0

    def read(self, size: int) -> bytes:
        self.largest = max(self.largest, size)
        taken = min(size, self.left)
        self.left -= taken
        if taken < size and self.error:
            raise self.error
        return bytes(taken)


def keys(store: ObjectStore, prefix: str = "") -> list[str]:
    return [found.key for found in store.list(prefix)]


def test_the_bucket_is_made_once(settings: StorageSettings) -> None:
    store = ObjectStore(settings)
    with pytest.raises(Unavailable):
        store.check()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: ObjectStore(settings).ensure_bucket(), range(4)))
    store.check()
    store.close()


@pytest.mark.parametrize("size", [0, 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 20 * MIB])
def test_a_stream_of_any_length_is_stored_whole(store: ObjectStore, size: int) -> None:
    stored = store.put("imports/1/a", Stream(size), "text/plain")
    assert (stored.key, stored.size) == ("imports/1/a", size)
    info = store.stat("imports/1/a")
    assert info is not None
    assert (info.size, info.content_type) == (size, "text/plain")


def test_a_stream_is_asked_for_a_part_at_a_time(store: ObjectStore) -> None:
    stream = Stream(30 * MIB)
    store.put("a", stream)
    assert stream.largest <= 8 * MIB + 1


@pytest.mark.parametrize("size", [0, 100, 20 * MIB])
def test_a_stream_that_raises_leaves_nothing_and_its_own_error_is_raised(store: ObjectStore, size: int) -> None:
    with pytest.raises(ConnectionResetError, match="the client has gone"):
        store.put("imports/1/a", Stream(size, ConnectionResetError("the client has gone")))
    assert store.stat("imports/1/a") is None
    assert store.abort_incomplete("imports/1/a", datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_stream_that_raises_leaves_the_object_that_was_there(store: ObjectStore) -> None:
    store.put_bytes("a", b"before")
    with pytest.raises(OSError, match="gone"):
        store.put("a", Stream(20 * MIB, OSError("gone")))
    assert store.read_bytes("a", 100) == b"before"


def test_bytes_are_read_back(store: ObjectStore) -> None:
    store.put_bytes("a", b"0123456789")
    assert store.read_bytes("a", 10) == b"0123456789"
    with store.open("a") as reader:
        assert [reader.read(4), reader.read(4), reader.read(4), reader.read(4)] == [b"0123", b"4567", b"89", b""]


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, 3, b"012"), (4, 3, b"456"), (4, None, b"456789"), (8, 100, b"89"), (10, 5, b""), (99, 5, b""), (3, 0, b"")],
)
def test_a_range_is_read_back(store: ObjectStore, offset: int, length: int | None, expected: bytes) -> None:
    store.put_bytes("a", b"0123456789")
    with store.open("a", offset, length) as reader:
        assert reader.read(1000) == expected
        assert reader.read(1000) == b""


def test_a_read_gives_exactly_what_it_is_asked_for(store: ObjectStore) -> None:
    data = secrets.token_bytes(3 * MIB)
    store.put_bytes("a", data)
    with store.open("a") as reader:
        pieces = [reader.read(MIB + 7) for _ in range(3)]
    assert [len(piece) for piece in pieces] == [MIB + 7, MIB + 7, MIB - 14]
    assert b"".join(pieces) == data


def test_an_empty_object_is_read(store: ObjectStore) -> None:
    store.put_bytes("a", b"")
    assert store.read_bytes("a", 0) == b""


def test_too_large_an_object_is_not_read(store: ObjectStore) -> None:
    store.put_bytes("a", b"0123456789")
    with pytest.raises(ObjectTooLarge, match="limit of 9 bytes"):
        store.read_bytes("a", 9)


def test_what_does_not_exist_says_so(store: ObjectStore) -> None:
    assert store.stat("nothing") is None
    with pytest.raises(ObjectMissing, match="nothing"):
        store.read_bytes("nothing", 10)
    with pytest.raises(ObjectMissing), store.open("nothing", 5, 5):
        pass
    store.remove("nothing")


def test_an_object_not_read_to_its_end_disturbs_nothing(store: ObjectStore) -> None:
    store.put("a", Stream(20 * MIB))
    for _ in range(3):
        with store.open("a") as reader:
            assert len(reader.read(10)) == 10
    assert store.stat("a") is not None


def test_a_connection_that_breaks_is_opened_again_where_it_broke(
    store: ObjectStore, settings: StorageSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = secrets.token_bytes(3 * MIB)
    store.put_bytes("a", data)
    breaks = [True, False, True]
    read = urllib3.HTTPResponse.read

    def sometimes(self, *arguments, **named):
        if breaks and breaks.pop(0):
            raise urllib3.exceptions.ProtocolError("connection broken")
        return read(self, *arguments, **named)

    patient = ObjectStore(settings.model_copy(update={"bucket": store.bucket, "retries": 2}))
    with patient.open("a") as reader:
        monkeypatch.setattr(urllib3.HTTPResponse, "read", sometimes)
        assert b"".join(reader.read(MIB) for _ in range(3)) == data
    patient.close()


def test_an_object_that_is_replaced_while_it_is_read_again_is_not_mixed(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_bytes("a", b"first")
    with store.open("a") as reader:
        store.put_bytes("a", b"other")

        def broken(self, *arguments, **named):
            raise urllib3.exceptions.ProtocolError("connection broken")

        monkeypatch.setattr(urllib3.HTTPResponse, "read", broken)
        with pytest.raises(Unavailable):
            reader.read(5)


NAMES = [
    "plain.xml",
    "with space.xml",
    "ünïcode-報告.xml",
    "a+b&c=d?e#f;g,h.xml",
    "per%20cent.xml",
    "(1) [2] {3}.xml",
    "'quoted' \"too\".xml",
    "C:\\Users\\me\\r.xml",
    "tab\there.xml",
    "~!@$^*|`<>.xml",
]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_file_is_called_its_object_can_be_kept(store: ObjectStore, name: str) -> None:
    key = objectkeys.upload(1, 1, name)
    store.put_bytes(key, b"x")
    assert store.read_bytes(key, 10) == b"x"
    assert keys(store, "imports/1/") == [key]
    assert store.delete("imports/1/") == 1
    assert keys(store) == []


def test_listings_are_in_the_order_of_the_keys(store: ObjectStore) -> None:
    for key in ("b/2", "a/1", "b/1/x", "a/2", "c"):
        store.put_bytes(key, key.encode())
    assert keys(store) == ["a/1", "a/2", "b/1/x", "b/2", "c"]
    assert keys(store, "b/") == ["b/1/x", "b/2"]
    assert [found.key for found in store.list("b/", recursive=False)] == ["b/2"]
    assert list(store.folders("")) == ["a/", "b/"]
    assert list(store.folders("b/")) == ["b/1/"]
    assert [found.key for found in store.list("", start_after="b/1/x")] == ["b/2", "c"]
    assert [found.size for found in store.list("a/")] == [3, 3]


def test_listings_and_deletions_go_over_all_pages(store: ObjectStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.put_bytes(f"imports/1/{number:04}", b"x"), range(1005)))
    store.put_bytes("imports/11/x", b"x")
    assert len(keys(store, "imports/1/")) == 1005
    assert list(store.folders("imports/")) == ["imports/1/", "imports/11/"]
    assert store.delete("imports/1/") == 1005
    assert keys(store) == ["imports/11/x"]


def test_a_folder_is_deleted_and_not_its_neighbour(store: ObjectStore) -> None:
    with pytest.raises(ValueError, match="imports/4 would also delete imports/41"):
        store.delete("imports/4")
    assert store.delete("imports/4/") == 0


def test_unfinished_uploads_are_aborted_when_they_are_old(store: ObjectStore) -> None:
    key = "imports/1/upload/1/r.xml"
    store._client._create_multipart_upload(store.bucket, key, {})
    assert store.abort_incomplete(key, datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.abort_incomplete(key, datetime.now(UTC) + timedelta(hours=1)) == 1
    assert store.abort_incomplete(key, datetime.now(UTC) + timedelta(hours=1)) == 0


def test_when_nobody_answers_it_says_so_in_time() -> None:
    (port,) = free_ports(1)
    store = ObjectStore(StorageSettings(endpoint=f"127.0.0.1:{port}", retries=1, access_key="a", secret_key="b" * 8))
    for call in (lambda: store.stat("a"), lambda: store.put_bytes("a", b""), lambda: keys(store), store.check):
        with pytest.raises(Unavailable):
            call()
    store.close()


def test_wrong_keys_are_no_passing_trouble(settings: StorageSettings, tmp_path: Path) -> None:
    store = ObjectStore(settings.model_copy(update={"secret_key": type(settings.secret_key)("wrong" * 4)}))
    with pytest.raises(Exception, match=r"Signature|denied|Forbidden") as raised:
        store.put_bytes("a", b"x")
    assert not isinstance(raised.value, Unavailable)
    store.close()
