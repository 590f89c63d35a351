"""Archives and compressed files: recognised by content, in bounded memory, with limits that name themselves."""

import bz2
import gzip
import io
import lzma
import random
import stat
import tarfile
import zipfile
import zlib

import pytest
import zstandard
from support.reading import Trickle, read

from report_contract.phases import Phase
from report_processor.unpack import UnpackLimits

GOOD = b'<testsuite name="s"><testcase name="t"/></testsuite>'
OTHER = b'<testsuite name="o"><testcase name="u"/></testsuite>'


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files, form=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zstd(data):
    return zstandard.compress(data)


def of_old(tar):
    """The same without the mark that tar files have had since 1988."""
    data = bytearray(tar)
    for header in (0, 1024):
        data[header + 257 : header + 265] = bytes(8)
        data[header + 148 : header + 156] = b" " * 8
        data[header + 148 : header + 156] = b"%06o\0 " % sum(data[header : header + 512])
    return bytes(data)


FILES = {"a/TEST-1.xml": GOOD, "b/TEST-2.xml": OTHER}


@pytest.mark.parametrize("size", [1, 100, 100_000])
@pytest.mark.parametrize(
    "packed",
    [
        zipped(FILES),
        zipped(FILES, zipfile.ZIP_STORED),
        tarred(FILES),
        tarred(FILES, tarfile.GNU_FORMAT),
        gzip.compress(tarred(FILES)),
        zstd(tarred(FILES)),
        gzip.compress(zipped(FILES)),
        bz2.compress(tarred(FILES)),
        lzma.compress(tarred(FILES)),
        zipped(FILES, zipfile.ZIP_BZIP2),
        zipped(FILES, zipfile.ZIP_LZMA),
        of_old(tarred(FILES, tarfile.USTAR_FORMAT)),
    ],
    ids=[
        "zip",
        "stored zip",
        "pax tar",
        "gnu tar",
        "tar.gz",
        "tar.zst",
        "zip.gz",
        "tar.bz2",
        "tar.xz",
        "zip with bzip2",
        "zip with lzma",
        "tar of old",
    ],
)
def test_the_files_in_an_archive_are_read_under_its_name(packed, size):
    found = read(("results.bin", Trickle(packed, size)))
    assert [file["path"] for file in found.files] == ["results.bin!a/TEST-1.xml", "results.bin!b/TEST-2.xml"]
    assert found.counts["total"] == 2
    assert found.phase == Phase.SUCCEEDED


def in_two(pack):
    return lambda data: pack(data[:9]) + pack(data[9:])


def after_a_skippable_frame(data):
    return b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstd(data)


ONE_FILE = {"gzip": gzip.compress, "zstd": zstd, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("pack", [*ONE_FILE.values(), *map(in_two, ONE_FILE.values()), after_a_skippable_frame])
def test_a_compressed_file_keeps_its_name(pack):
    found = read(("r.xml.gz", pack(GOOD)))
    assert found.file["path"] == "r.xml.gz"
    assert found.counts["total"] == 1


def test_zeros_behind_a_gzip_file_are_padding():
    assert read(("r.gz", gzip.compress(GOOD) + bytes(1000))).phase == Phase.SUCCEEDED


def test_an_archive_may_lie_in_an_archive_once():
    inner = zipped({"r.xml": GOOD})
    found = read(("outer.zip", zipped({"inner.zip": inner, "more/r.xml.gz": gzip.compress(OTHER)})))
    assert [file["path"] for file in found.files] == ["outer.zip!inner.zip!r.xml", "outer.zip!more/r.xml.gz"]
    deeper = read(("outest.zip", zipped({"good.xml": OTHER, "outer.zip": zipped({"inner.zip": inner})})))
    assert "2 deep" in deeper.message("limit_exceeded")["message"]
    assert deeper.phase == Phase.PARTIALLY_SUCCEEDED


def test_members_that_are_no_reports_are_kept_as_attachments_and_found_by_results():
    kept = {}

    def keep(path, stream):
        kept[path] = stream.read(1 << 20)

    report = (
        b'<testsuite name="s"><testcase name="t"><system-out>[[ATTACHMENT|b.png]]</system-out></testcase></testsuite>'
    )
    picture = b"\x89PNG" + bytes(300_000)
    found = read(("r.zip", zipped({"a/b.png": picture, "r.xml": report})), keep=keep)
    assert [file["verdict"] for file in found.files] == ["attachment", "parsed"]
    assert kept == {"r.zip!a/b.png": picture}


def test_a_bad_member_leaves_its_neighbours_alone():
    found = read(("r.zip", zipped({"bad.xml": b"<testsuites><<", "empty.xml": b"", "good.xml": GOOD})))
    assert [file["verdict"] for file in found.files] == ["rejected", "rejected", "parsed"]


def test_a_member_with_a_wrong_checksum_is_told():
    data = bytearray(zipped({"r.xml": GOOD + b" " * 300_000}, zipfile.ZIP_STORED))
    data[data.index(b'name="t"') + 6] = ord("x")
    found = read(("r.zip", bytes(data)))
    assert found.phase == Phase.PARTIALLY_SUCCEEDED
    assert "CRC" in found.message("malformed")["message"]


def with_flag(archive, local, central, value):
    """A zip file whose first member has other bytes in both of its headers."""
    data = bytearray(archive)
    data[local] = value
    data[data.index(b"PK\x01\x02") + central] = value
    return bytes(data)


def bad_lzma(files):
    data = bytearray(zipped(files, zipfile.ZIP_LZMA))
    first = data.index(b"r.xml") + len(b"r.xml")
    data[first + 4] = 0xFF  # no such properties
    return bytes(data)


TWO = zipped({"r.xml": GOOD, "good.xml": OTHER})


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        (with_flag(TWO, 6, 8, 1), "encrypted with a password"),
        (with_flag(TWO, 8, 10, 9), "method 9 of zip"),
        (bad_lzma({"r.xml": GOOD, "good.xml": OTHER}), "the zip file is damaged"),
        (zipped({"r.zip": zipped({"r.xml": GOOD})[:30], "good.xml": OTHER}), "the zip file ends in the middle"),
        (zipped({"r.gz": b"\x1f\x8b" + b"rubbish" * 20, "good.xml": OTHER}), "not readable as gzip"),
        (tarred({"r.gz": b"\x1f\x8b" + b"rubbish" * 20, "good.xml": OTHER}), "not readable as gzip"),
        (zipped({"r.zip": zipped({"r.zip": zipped({"r.zip": GOOD})}), "good.xml": OTHER}), "2 deep"),
    ],
    ids=["encrypted", "unknown method", "bad lzma", "cut archive", "bad gzip", "bad gzip in a tar", "too deep"],
)
def test_a_member_that_cannot_be_unpacked_is_rejected_and_leaves_its_neighbours_alone(packed, told):
    found = read(("all", packed))
    assert [file["verdict"] for file in found.files] == ["rejected", "parsed"]
    assert found.files[0]["path"].startswith("all!r.")
    assert told in found.summary["messages"][0]["message"]
    assert found.phase == Phase.PARTIALLY_SUCCEEDED


@pytest.mark.parametrize("empty", [zipped({}), zipped({"a/": b"", "b\\": b""})])
def test_an_archive_without_files_is_told(empty):
    assert "no files in the archive" in read(("empty.zip", empty)).message("empty_file")["message"]


def test_links_in_a_tar_file_are_told_and_so_is_a_sparse_file():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in {"r.xml": tarfile.REGTYPE, "soft.xml": tarfile.SYMTYPE, "hard.xml": tarfile.LNKTYPE}.items():
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(GOOD)
            else:
                info.linkname = "r.xml"
            archive.addfile(info, io.BytesIO(GOOD))
        sparse = tarfile.TarInfo("sparse.xml")
        sparse.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "1", "GNU.sparse.numblocks": "1"}
        sparse.size = 1
        archive.addfile(sparse, io.BytesIO(b"x"))
    found = read(("r.tar", buffer.getvalue()))
    assert [(file["path"], file["verdict"]) for file in found.files] == [
        ("r.tar!r.xml", "parsed"),
        ("r.tar!sparse.xml", "rejected"),
    ]
    assert "sparse" in found.files[1]["messages"][0]["message"]
    assert found.message("link_skipped")["message"].count("(r.tar!soft.xml; r.tar!hard.xml)") == 1


def test_links_in_an_archive_are_no_files():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("r.xml", GOOD)
        link = zipfile.ZipInfo("link.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "r.xml")
    found = read(("r.zip", buffer.getvalue()))
    assert found.file["path"] == "r.zip!r.xml"
    assert "r.zip!link.xml" in found.message("link_skipped")["message"]


@pytest.mark.parametrize("size", [50, 100_000])
@pytest.mark.parametrize("name", ONE_FILE)
def test_a_compressed_file_that_is_cut_anywhere_is_told_though_it_may_look_whole(name, size):
    lines = b"TAP version 13\n" + b"".join(b"ok %d - %d\n" % (n, n * n) for n in range(500))
    packed = ONE_FILE[name](lines)
    for left in random.Random(1).sample(range(20, len(packed)), 10):
        found = read(("r.tap", Trickle(packed[:left], size)))
        assert "truncated_file" in {message["code"] for message in found.summary["messages"]}, left


def test_what_comes_out_before_the_damage_is_kept_however_little_it_is():
    cases = b"".join(b'<testcase name="%s"/>' % random.Random(n).randbytes(9).hex().encode() for n in range(100))
    found = read(("r.xml.gz", gzip.compress(b'<testsuite name="s">' + cases)[:200]))
    assert found.file["verdict"] == "partly_parsed"
    assert 0 < found.counts["total"] < 20


@pytest.mark.parametrize(
    "packed",
    [zipped(FILES)[:-40], tarred(FILES)[:1100], gzip.compress(GOOD * 100)[:-20], gzip.compress(tarred(FILES))[:100]],
    ids=["zip", "tar", "gzip", "tar.gz"],
)
def test_an_archive_that_is_cut_is_told(packed):
    found = read(("cut.bin", packed))
    assert {message["code"] for message in found.summary["messages"]} & {"truncated_file", "malformed"}
    assert found.phase in {Phase.FAILED, Phase.PARTIALLY_SUCCEEDED}


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", bytes(257) + b"ustar"])
def test_rubbish_behind_the_mark_of_an_archive_is_told(magic):
    found = read(("bad.bin", magic + b"rubbish" * 200), ("good.xml", GOOD))
    assert found.files[0]["verdict"] == "rejected"
    assert found.counts["total"] == 1


def test_too_many_files_are_a_limit_that_names_itself():
    found = read(("r.zip", zipped({f"{n}.xml": GOOD for n in range(5)})), unpack=UnpackLimits(entries=3))
    assert "more than 3 files" in found.message("limit_exceeded")["message"]
    assert found.counts["total"] == 3


def test_too_many_bytes_are_a_limit_that_names_itself():
    big = b"<testsuite name='s'>" + b" " * 1_000_000 + b"</testsuite>"
    found = read(("r.gz", gzip.compress(big)), unpack=UnpackLimits(unpacked_bytes=500_000))
    assert "more than 500000 bytes" in found.message("limit_exceeded")["message"]


def test_a_bomb_is_a_limit_that_names_itself():
    found = read(("bomb.gz", Bomb()), unpack=UnpackLimits(ratio=100))
    assert "more than 100 times its size" in found.message("limit_exceeded")["message"]


class Bomb:
    """A gzip file of a gigabyte of blanks behind the beginning of a report."""

    def __init__(self):
        self._packer = zlib.compressobj(9, wbits=31)
        self._pieces = self._generate()
        self._left = b""

    def _generate(self):
        yield self._packer.compress(b'<testsuite name="s">')
        for _ in range(1000):
            yield self._packer.compress(b" " * (1 << 20))

    def read(self, size: int, /) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = piece
        data, self._left = self._left[:size], self._left[size:]
        return data


def test_a_header_of_a_tar_member_has_a_limit():
    long = tarred({"x" * 2_000_000: GOOD})
    assert "header of the tar file" in read(("r.tar", long)).message("limit_exceeded")["message"]


def test_a_zstd_window_that_needs_too_much_memory_is_told():
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packed.compress(GOOD) + packed.flush()
    assert "window" in read(("r.zst", data)).message("limit_exceeded")["message"]


def test_an_xz_file_that_needs_too_much_memory_is_told():
    data = lzma.compress(GOOD, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 256 << 20}])
    assert "more than 75497472 bytes" in read(("r.xz", data)).message("limit_exceeded")["message"]


def test_names_of_members_cannot_write_to_a_terminal():
    found = read(("r.zip", zipped({"a\x1b[31m.xml": GOOD})))
    assert found.file["path"] == "r.zip!a_[31m.xml"
