import secrets
import threading

import pytest

from report_stores.errors import ObjectMissing, Unavailable
from report_stores.settings import MIB

pytestmark = pytest.mark.minio


def test_parts_sent_by_several_threads_in_any_order_become_the_object(minio_objects):
    parts = {number: secrets.token_bytes(5 * MIB) for number in (1, 2, 3)} | {4: b"the end"}
    upload = minio_objects.begin("a/b")
    threads = [threading.Thread(target=upload.part, args=(number, parts[number])) for number in (3, 1, 4, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    upload.complete()
    assert minio_objects.read_bytes("a/b", 100 * MIB) == b"".join(parts[number] for number in sorted(parts))


def test_a_key_with_unicode_blanks_and_signs_is_written_under_just_that_key(minio_objects):
    key = "imports/1/upload/1/Prüfung + 100% & mehr?#=.xml"
    minio_objects.begin(key).whole(memoryview(b"<x/>"))
    assert [found.key for found in minio_objects.list("imports/1/")] == [key]
    assert minio_objects.read_bytes(key, 100) == b"<x/>"


def test_an_empty_object_is_an_object(minio_objects):
    minio_objects.begin("empty").whole(b"")
    assert minio_objects.stat("empty").size == 0


def test_an_aborted_upload_leaves_no_object_and_no_parts(minio_objects):
    upload = minio_objects.begin("gone")
    upload.part(1, secrets.token_bytes(5 * MIB))
    upload.abort()
    assert minio_objects.stat("gone") is None
    assert list(minio_objects._client._list_multipart_uploads(minio_objects.bucket, prefix="gone").uploads) == []


def test_an_upload_without_any_part_was_never_begun(minio_objects):
    minio_objects.begin("never").abort()
    with pytest.raises(ObjectMissing):
        minio_objects.read_bytes("never", 1)


def test_a_bucket_that_is_not_there_is_told_as_unavailable(minio_objects):
    minio_objects.bucket = "not-there-at-all"
    with pytest.raises(Unavailable):
        minio_objects.begin("x").whole(b"x")
