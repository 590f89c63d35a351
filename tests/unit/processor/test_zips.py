"""Zip files whose table of contents is lost: nothing before the damage is lost with it."""

import gzip
import io
import random
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.reading import Trickle, read

from report_contract.phases import Phase
from report_processor.damage import Damage
from report_processor.streams import Readable
from report_processor.unpack import Unpacker, UnpackLimits

METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflate": zipfile.ZIP_DEFLATED,
    "bzip2": zipfile.ZIP_BZIP2,
    "lzma": zipfile.ZIP_LZMA,
}
TABLE = b"PK\x01\x02"
END = 22
"""Bytes at the end, without which there is no table of contents."""


def report(name):
    cases = "".join(f'<testcase name="{name} {n}" time="{n * n}"/>' for n in range(9))
    return f'<testsuite name="{name}">{cases}</testsuite>'.encode()


REPORTS = {f"{name}.xml": report(name) for name in ("a", "b", "c")}


class Pipe(io.RawIOBase):
    """What a zip file is written to without going back, so that sizes stand behind each file."""

    def __init__(self):
        self.data = b""

    def writable(self):
        return True

    def write(self, data, /):
        self.data += bytes(data)
        return len(data)


def zipped(files, method=zipfile.ZIP_DEFLATED, *, piped=False, wide=False):
    into = Pipe() if piped else io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as archive:
        for name, data in files.items():
            with archive.open(zip_info(name, method), "w", force_zip64=wide) as file:
                file.write(data)
    return into.data if isinstance(into, Pipe) else into.getvalue()


def zip_info(name, method):
    info = zipfile.ZipInfo(name)
    info.compress_type = method
    return info


def by_hand(files, layout, signature=b"", method=zipfile.ZIP_DEFLATED):
    """Local headers and descriptors as other tools write them, and no table of contents."""
    out = b""
    for name, data in files.items():
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(data) + packer.flush() if method == zipfile.ZIP_DEFLATED else data
        path = name.encode()
        out += struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0x808, method, 0, 0, 0, 0, 0, len(path), 0) + path + packed
        out += signature + struct.pack(layout, zlib.crc32(data), len(packed), len(data))
    return out


def members(tmp_path, data, limits=None):
    """Names and bytes of what is in an archive, and what is wrong with that."""
    found, wrong = [], []
    stream: Readable = io.BytesIO(data)
    unpacker = Unpacker(limits or UnpackLimits(), tmp_path, lambda _: wrong.append("link_skipped"))
    try:
        for member in unpacker.members("z", stream):
            content = b""
            try:
                while piece := member.stream.read(1000):
                    content += piece
            except Damage as damage:
                wrong.append(damage.code)
            found.append((member.path.removeprefix("z!"), content))
    except Damage as damage:
        wrong.append(damage.code)
    return found, wrong


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("zips")


@pytest.mark.parametrize("piped", [False, True], ids=["sizes before", "sizes behind"])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_zip_file_cut_at_any_byte_keeps_the_files_before_the_cut_and_the_beginning_of_the_one_that_is_cut(
    folder, method, piped
):
    whole = zipped(REPORTS, method, piped=piped)
    table = whole.index(TABLE)
    starts = [info.header_offset for info in zipfile.ZipFile(io.BytesIO(whole)).infolist()]
    for cut in range(4, len(whole)):
        found, wrong = members(folder, whole[:cut])
        before = sum(start <= cut for start in [*starts[1:], table])
        assert found[:before] == list(REPORTS.items())[:before], cut
        for name, content in found[before:]:
            # Of the descriptor, which alone tells where a stored file ends, there may be the beginning.
            assert REPORTS[name].startswith(content) or content.startswith(REPORTS[name] + b"P"), cut
        assert set(wrong) == {"truncated_file"}, cut


@given(st.sampled_from(list(METHODS.values())), st.booleans(), st.integers(1, 2000), st.sampled_from([7, 100_000]))
def test_a_cut_zip_file_gets_a_verdict_as_a_cut_tar_file_does(method, piped, cut, size):
    whole = zipped(REPORTS, method, piped=piped)
    cut = 4 + cut % (len(whole) - 4)
    found = read(("all.zip", Trickle(whole[:cut], size)))
    *inside, archive = found.files
    assert (archive["path"], archive["verdict"]) == ("all.zip", "rejected")
    assert [message["code"] for message in archive["messages"]] == ["truncated_file"]
    assert [file["verdict"] for file in inside[:-1]] == ["parsed"] * (len(inside) - 1)
    assert found.counts["total"] >= 9 * (len(inside) - 1)
    assert found.phase == (Phase.PARTIALLY_SUCCEEDED if found.counts["total"] else Phase.FAILED)


def test_the_report_that_is_cut_is_read_up_to_there():
    whole = zipped(REPORTS, zipfile.ZIP_STORED)
    found = read(("all.zip", whole[: whole.index(b'name="b 4"')]))
    assert [file["verdict"] for file in found.files] == ["parsed", "partly_parsed", "rejected"]
    assert [file["counts"]["total"] for file in found.files[:2]] == [9, 4]


CONTENTS = st.binary(max_size=50).map(lambda content: b"x" + content.replace(b"PK", b"KP"))
"""With nothing in it that an archive has."""
NAMES = st.text("abcdeüß日/\\.", min_size=1, max_size=8)


@given(
    st.dictionaries(NAMES, CONTENTS | st.just(bytes(100_000)), min_size=1, max_size=4),
    st.sampled_from(list(METHODS.values())),
    st.booleans(),
    st.booleans(),
)
def test_the_headers_tell_the_same_files_as_the_table_of_contents(folder, files, method, piped, wide):
    whole = zipped(files, method, piped=piped, wide=wide)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        expected = [
            (info.filename, archive.read(info)) for info in archive.infolist() if info.filename[-1] not in "/\\"
        ]
    if expected:
        assert members(folder, whole) == (expected, [])
        assert members(folder, whole[:-END]) == (expected, ["truncated_file"])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflate"])
@pytest.mark.parametrize("signature", [b"", b"PK\7\x08"], ids=["bare", "signed"])
@pytest.mark.parametrize("layout", ["<LLL", "<LQQ"], ids=["32 bits", "64 bits"])
def test_sizes_behind_a_file_are_read_however_they_are_written(folder, layout, signature, method):
    traps = b"x" + zipped(REPORTS, zipfile.ZIP_STORED, piped=True) + b"PK\7\x08" + bytes(20) + b"PK\3\4"
    files = {"a.xml": report("a"), "empty": b"", "traps": traps, "d/": b"", "b.xml": report("b")}
    data = by_hand(files, layout, signature, method) + TABLE
    del files["d/"]
    found, wrong = members(folder, data)
    assert found == list(files.items())
    assert wrong in (["truncated_file"], ["malformed"])


def test_files_that_nobody_reads_do_not_hide_those_behind_them(folder):
    noise = random.Random(1).randbytes(20_000) + zipped(REPORTS, zipfile.ZIP_STORED)
    data = zipped({"a": noise, "b": noise}, piped=True)[:-END]
    opened = Unpacker(UnpackLimits(), folder, print).members("z", io.BytesIO(data))
    assert [next(opened).path, next(opened).path] == ["z!a", "z!b"]
    with pytest.raises(Damage, match="ends in its table"):
        next(opened)


def test_names_without_the_mark_of_utf_8_are_of_code_page_437(folder):
    whole = zipped({"x.txt": b"1"})[:-END].replace(b"x.txt", b"\x81.txt")
    assert members(folder, whole)[0] == [("ü.txt", b"1")]


def test_a_damaged_table_of_contents_costs_no_file(folder):
    for method in METHODS.values():
        whole = zipped(REPORTS, method)
        found, wrong = members(folder, whole.replace(TABLE, b"PK\xff\xff"))
        assert (found, wrong) == (list(REPORTS.items()), ["malformed"])


def test_bytes_lost_in_the_middle_cost_one_file(folder):
    whole = zipped(REPORTS, piped=True)
    second = whole.index(b"b.xml") + 30
    found, wrong = members(folder, whole[:second] + whole[second + 20 :])
    assert [name for name, _ in found] == list(REPORTS)
    assert [found[0][1], found[2][1]] == [REPORTS["a.xml"], REPORTS["c.xml"]]
    assert wrong == ["malformed", "malformed"]


def test_a_file_that_cannot_be_unpacked_costs_its_neighbours_nothing(folder):
    data = bytearray(zipped(REPORTS)[:-END])
    data[data.index(b"b.xml") - 30 + 6] = 1
    found, wrong = members(folder, bytes(data))
    assert found == [("a.xml", REPORTS["a.xml"]), ("b.xml", b""), ("c.xml", REPORTS["c.xml"])]
    assert wrong == ["malformed", "truncated_file"]


def test_the_table_of_contents_of_an_archive_inside_is_not_that_of_one_that_is_cut():
    inner = zipped({"inner.xml": report("inner")})
    whole = zipped({"a.xml": report("a"), "inner.zip": inner, "c.xml": report("c")}, zipfile.ZIP_STORED)
    found = read(("all.zip", whole[: whole.index(b'name="c 4"')]))
    assert [file["path"] for file in found.files] == [
        "all.zip!a.xml",
        "all.zip!inner.zip!inner.xml",
        "all.zip!c.xml",
        "all.zip",
    ]
    assert found.counts["total"] == 9 + 9 + 4


def test_zip_files_put_together_are_all_read_and_told(folder):
    together = zipped({"a.xml": b"1"}) + zipped({"b.xml": b"2"})
    assert members(folder, together) == ([("a.xml", b"1"), ("b.xml", b"2")], ["malformed"])


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"inner.zip": data})], ids=["gzip", "zip"])
def test_a_zip_file_in_something_that_is_cut_is_read_up_to_there(pack):
    files = {**REPORTS, "noise.bin": random.Random(1).randbytes(3000)}
    found = read(("all", pack(zipped(files))[:-2500]))
    assert [file["verdict"] for file in found.files][:3] == ["parsed"] * 3
    assert found.counts["total"] == 27
    assert {message["code"] for message in found.files[-1]["messages"]} == {"truncated_file"}


@example(2414, b"\0\0\xa0", False, zipfile.ZIP_STORED)  # the table of contents calls a file a link
@given(
    st.integers(0, 10_000), st.binary(min_size=1, max_size=4), st.booleans(), st.sampled_from(list(METHODS.values()))
)
def test_whatever_is_overwritten_costs_one_file_or_two_side_by_side_and_is_told(folder, at, rubbish, piped, method):
    whole = zipped(REPORTS, method, piped=piped)
    at = 4 + at % (len(whole) - 4)
    found, wrong = members(folder, whole[:at] + rubbish + whole[at + len(rubbish) :])
    contents = [content for _, content in found if content in REPORTS.values()]
    assert len(contents) >= 1
    assert wrong or contents == list(REPORTS.values())


def test_the_limits_count_without_a_table_of_contents_too(folder):
    many = zipped({f"{n}.xml": b"x" for n in range(9)})[:-END]
    found, wrong = members(folder, many, UnpackLimits(entries=3))
    assert (len(found), wrong) == (3, ["limit_exceeded"])
    big = zipped({"a": bytes(100_000), "b": bytes(100_000)})[:-END]
    assert members(folder, big, UnpackLimits(unpacked_bytes=150_000))[1][0] == "limit_exceeded"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_bomb_in_a_zip_file_is_told_and_takes_no_memory(folder, method):
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", method) as archive, archive.open(zip_info("bomb", method), "w") as file:
        for _ in range(66):
            file.write(bytes(1 << 20))
    whole = into.getvalue()
    tracemalloc.start()
    try:
        for data in (whole, whole[:-END]):
            opened = Unpacker(UnpackLimits(ratio=100), folder, print).members("z", io.BytesIO(data))
            member = next(opened)
            with pytest.raises(Damage, match="more than 100 times"):
                all(iter(lambda member=member: member.stream.read(1 << 18), b""))
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()
