"""A typical TestSummaries.plist of Xcode 10: classes of 20 unit tests, keys by alphabet, tabs."""

from collections.abc import Iterator

_TEST: str = (
    "<dict>\n{failure}<key>Duration</key>\n<real>0.{number:06}</real>\n<key>TestIdentifier</key>\n"
    "<string>Class{class_}/testNumber{number}()</string>\n<key>TestName</key>\n<string>testNumber{number}()</string>\n"
    "<key>TestObjectClass</key>\n<string>IDESchemeActionTestSummary</string>\n<key>TestStatus</key>\n"
    "<string>{status}</string>\n<key>TestSummaryGUID</key>\n<string>6840EEB8-3D7A-4B2D-9A45-{number:012}</string>\n</dict>\n"
)
_FAILURE: str = (
    "<key>FailureSummaries</key>\n<array>\n\t<dict>\n\t\t<key>FileName</key>\n"
    "\t\t<string>/project/ShopTests/Class.swift</string>\n\t\t<key>LineNumber</key>\n\t\t<integer>{number}</integer>\n"
    "\t\t<key>Message</key>\n\t\t<string>XCTAssertEqual failed: (&quot;{number}&quot;) is not equal to (&quot;0&quot;)"
    " - </string>\n\t\t<key>PerformanceFailure</key>\n\t\t<false/>\n\t</dict>\n</array>\n"
)
_GROUP: str = (
    "</array>\n<key>TestIdentifier</key>\n<string>{name}</string>\n<key>TestName</key>\n<string>{name}</string>\n"
    "<key>TestObjectClass</key>\n<string>IDESchemeActionTestSummaryGroup</string>\n</dict>\n"
)
_SUBTESTS: str = "<dict>\n<key>Duration</key>\n<real>1.5</real>\n<key>Subtests</key>\n<array>\n"


def pieces(tests: int) -> Iterator[str]:
    """The text of a file with so many tests; one in 50 fails."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
        '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n<plist version="1.0">\n<dict>\n'
        "\t<key>FormatVersion</key>\n\t<string>1.2</string>\n\t<key>TestableSummaries</key>\n\t<array>\n\t\t<dict>\n"
        "\t\t\t<key>ProjectPath</key>\n\t\t\t<string>Shop.xcodeproj</string>\n\t\t\t<key>TargetName</key>\n"
        "\t\t\t<string>ShopTests</string>\n\t\t\t<key>TestName</key>\n\t\t\t<string>ShopTests</string>\n"
        "\t\t\t<key>Tests</key>\n\t\t\t<array>\n"
    )
    yield _indented(_SUBTESTS, 4)
    for first in range(0, tests, 20):
        yield _indented(_SUBTESTS, 6)
        for number in range(first, min(first + 20, tests)):
            failed = number % 50 == 49
            failure = "".join(f"\t{line}\n" for line in _FAILURE.format(number=number).splitlines()) if failed else ""
            status = "Failure" if failed else "Success"
            yield _indented(_TEST.format(failure=failure, number=number, class_=first // 20, status=status), 8)
        yield _indented(_GROUP.format(name=f"Class{first // 20}"), 6)
    yield _indented(_GROUP.format(name="All tests"), 4)
    yield "\t\t\t</array>\n\t\t</dict>\n\t</array>\n</dict>\n</plist>\n"


def _indented(text: str, depth: int) -> str:
    inner = "\t" * (depth + 1)
    return "".join(f"{inner[:-1] if line in {'<dict>', '</dict>'} else inner}{line}\n" for line in text.splitlines())
