"""The writer process: collects events and writes the tables, beside the process that parses.

Two processes because there is work for two cores, and two heaps because Arrow and its tables need
the room that the storage client and the models need in the other one. Frames come in on standard
input, four bytes of length and a ``marshal`` tuple of a method's name and its arguments; every now
and then the counts go out on standard output, and the report's head at the end.
"""

import marshal
import sys
import time
from pathlib import Path
from typing import IO, Any, Final

from report_processor.garbage import search_seldom

LENGTH: Final = 4
_TELL_SECONDS: Final = 0.25
"""Seconds between two answers with the counts. Each one takes Python's lock from the parser."""


def read_frame(stream: IO[bytes]) -> tuple[Any, ...] | None:
    """The next frame, or None at the end."""
    header = stream.read(LENGTH)
    if len(header) < LENGTH:
        return None
    data = stream.read(int.from_bytes(header))
    frame: tuple[Any, ...] = marshal.loads(data)  # noqa: S302  # from our own other half
    return frame


def write_frame(stream: IO[bytes], *frame: Any) -> None:
    """Send a frame."""
    data = marshal.dumps(frame)
    stream.write(len(data).to_bytes(LENGTH))
    stream.write(data)


def main() -> int:
    """Serve one import."""
    import pyarrow as pa  # noqa: PLC0415  # the other process imports this module for its frames

    from report_processor.collect import Collector  # noqa: PLC0415
    from report_processor.tables import Tables  # noqa: PLC0415

    search_seldom()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    first = read_frame(requests)
    if first is None:
        return 1
    folder = Path(first[1])
    collector = Collector(Tables(folder), folder)
    told = 0.0
    while (frame := read_frame(requests)) is not None:
        name, *arguments = frame
        if name == "finish":
            write_frame(answers, "finished", collector.finish())
            answers.flush()
            return 0
        getattr(collector, name)(*arguments)
        if name == "feed" and (now := time.monotonic()) >= told + _TELL_SECONDS:
            told = now
            write_frame(answers, "counted", collector.tests, collector.failed)
            answers.flush()
    return 1  # the other half has died


if __name__ == "__main__":
    sys.exit(main())
