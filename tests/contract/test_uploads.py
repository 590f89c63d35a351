"""The upload against a real S3 server, and the idempotency of two replicas against a real Kubernetes API."""

import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.api import XML, running_api
from support.processes import wait_until

from report_contract.requests import ImportRequest
from report_stores.imports_kubernetes import KubernetesImports

pytestmark = pytest.mark.minio

PATH = "/api/v2/profile/1/import"


def request_of(objects, report_id=1):
    return ImportRequest.model_validate_json(objects.read_bytes(f"imports/{report_id}/request.json", 10**7))


def unfinished(objects, key):
    return list(objects._client._list_multipart_uploads(objects.bucket, prefix=key).uploads)


def test_files_of_all_sizes_are_stored_byte_for_byte(minio_objects):
    sizes = [0, 1, 600_000, 8 * 2**20, 30_000_001]
    contents = [secrets.token_bytes(size) for size in sizes]
    with running_api(minio_objects) as api:
        parts = [(f"Prüfung {size} + 100%.xml", data) for size, data in zip(sizes, contents, strict=True)]
        assert api.upload(*parts).status_code == 201
        request = request_of(minio_objects)
        for number, (file, data) in enumerate(zip(request.files, contents, strict=True), 1):
            stored = minio_objects.read_bytes(file.key, 10**8)
            assert stored == data
            assert (file.size, file.sha256) == (len(data), hashlib.sha256(stored).hexdigest())
            assert api.client.get(f"/api/v2/reports/1/files/{number}").content == data
        part = api.client.get("/api/v2/reports/1/files/5", headers={"range": "bytes=29999990-"})
        assert (part.status_code, part.content) == (206, contents[4][29_999_990:])


def test_many_small_files_arrive_in_order(minio_objects):
    with running_api(minio_objects) as api:
        assert api.upload(*[(f"{n}.xml", b"%d" % n) for n in range(200)]).status_code == 201
    files = request_of(minio_objects).files
    assert [minio_objects.read_bytes(file.key, 10) for file in files] == [b"%d" % n for n in range(200)]


def test_a_client_that_breaks_off_leaves_no_object_and_no_part(minio_objects):
    key = "imports/1/upload/1/file"
    with running_api(minio_objects) as api:
        with api.connect() as connection:
            connection.sendall(api.head(PATH, Content_Length="100000000") + secrets.token_bytes(30_000_000))
            wait_until(lambda: unfinished(minio_objects, key), what="a part is sent")
        wait_until(lambda: not unfinished(minio_objects, key), what="the upload is aborted")
        wait_until(lambda: not list(minio_objects.list("imports/")), what="nothing is left")


def test_a_refused_upload_leaves_nothing(minio_objects):
    with running_api(minio_objects) as api:
        answer = api.upload(secrets.token_bytes(20_000_000), XML, data={"date": "rubbish"})
        assert answer.status_code == 422
        assert not list(minio_objects.list("imports/"))


def test_a_report_is_deleted_with_everything(minio_objects):
    with running_api(minio_objects, delete_wait_seconds=0.1) as api:
        api.upload(XML, XML)
        api.imports.apply_status(1, {"phase": "Failed"}, manager="test")
        assert api.client.delete("/api/v2/reports/1").status_code == 204
        assert not list(minio_objects.list("imports/"))


def test_storage_that_is_away_is_told_and_comes_back(minio_server, minio_objects):
    minio_objects.bucket = "not-there-at-all"
    with running_api(minio_objects) as api:
        assert api.upload().status_code == 503
        assert api.upload(secrets.token_bytes(20_000_000)).status_code == 503
        assert api.client.get("/readyz").status_code == 503


@pytest.mark.kubernetes
def test_two_replicas_on_one_cluster_make_one_report_of_one_key(minio_objects, kubernetes_namespace):
    data = secrets.token_bytes(9_000_000)
    with (
        running_api(minio_objects, KubernetesImports(kubernetes_namespace)) as one,
        running_api(minio_objects, KubernetesImports(kubernetes_namespace)) as other,
        ThreadPoolExecutor(6) as pool,
    ):
        headers = {"idempotency-key": "job-17"}
        answers = list(pool.map(lambda n: (one, other)[n % 2].upload(data, headers=headers), range(6)))
        assert {answer.status_code for answer in answers} == {201}
        (report_id,) = {answer.json()["report_id"] for answer in answers}
        assert [found.report_id for found in one.imports.list()] == [report_id]
        assert other.client.get(f"/api/v2/reports/{report_id}/status").json()["import_status"] == "queued"
        assert one.upload(XML, headers=headers).status_code == 422
        assert other.upload(XML).json()["report_id"] > report_id


@pytest.mark.kubernetes
def test_a_real_api_server_takes_the_resource_of_any_upload(minio_objects, kubernetes_namespace):
    with running_api(minio_objects, KubernetesImports(kubernetes_namespace)) as api:
        names = ["a\x01b.xml", "Prüfung 日本 🧪.xml", "x" * 3000 + ".xml", "C:\\reports\\a.xml"]
        parts = [(name, XML) for name in names] * 40
        answer = api.upload(*parts, params=[("tag[]", "ünï"), ("date", "now"), ("merge_containers", "true")])
        assert answer.status_code == 201, answer.text
        spec = api.imports.get(answer.json()["report_id"]).spec
        assert (len(spec.source.files), spec.source.file_count) == (100, 160)
        assert spec.options.tags == ["ünï"]
