"""Results name files by the paths of another machine; which of the files that were sent is meant."""

import pytest

from report_processor.attachments import Attachments


@pytest.mark.parametrize(
    ("name", "sent", "meant"),
    [
        ("/home/ci/work/out/shot.png", ["shot.png"], 0),
        ("C:\\agent\\out\\shot.png", ["shot.png"], 0),
        ("./out/shot.png", ["r.zip!all/out/shot.png"], 0),
        ("../shots/a.png", ["r.zip!shots/a.png", "r.zip!other/a.png"], 0),
        ("file:///home/ci/out/a%20b.png", ["r.zip!out/a b.png"], 0),
        ("out/100%25.png", ["r.zip!out/100%.png"], 0),
        ("out/100%25.png", ["r.zip!out/100%.png", "r.zip!out/100%25.png"], 1),
        ("Shots\\Login.PNG", ["r.zip!shots/login.png"], 0),
        ("out/A.png", ["r.zip!out/a.png", "r.zip!out/A.png"], 1),
        ("out/gru\u0308n.png", ["r.zip!out/gr\u00fcn.png"], 0),
        ("/w/second/shot.png", ["r.zip!first/shot.png", "r.zip!second/shot.png"], 1),
        ("https://ci.example/job/1/artifact/second/shot.png", ["first/shot.png", "second/shot.png"], 1),
        ("shot.png", ["r.zip!other/shot.png", "r.zip!here/shot.png"], 1),
        ("shots/a.png", ["r.zip!there/shots/a.png", "r.zip!here/shots/a.png"], 1),
        ("../shots/a.png", ["r.zip!here/shots/a.png", "r.zip!shots/a.png"], 1),
        ("/w/out/shots/a.png", ["r.zip!there/out/shots/a.png", "r.zip!here/out/shots/a.png"], 1),
    ],
)
def test_the_file_that_is_meant_is_found(name, sent, meant):
    attachments = Attachments()
    for file in sent:
        attachments.add(file, file)
    assert attachments.find(name, "r.zip!here/report.xml") == sent[meant]


@pytest.mark.parametrize("name", ["", "/", ".", "..", "shot.jpg", "shot.png/"])
def test_another_file_is_not_found(name):
    attachments = Attachments()
    attachments.add("shots/x", "x")
    attachments.add("", "none")
    assert attachments.find(name, "r.xml") is None
