"""Every parser: its speed against JUnit's or ``json.load``, and the memory of an import of a large file.

    python benchmarks/parse_formats.py [--size 60] [--large 500] [KEY...]

The speed is that of the parser alone, fed with the decoded text in pieces of 256 KiB as an import does, in a
process of its own, in seconds of processor time; best of five. XML must have half of JUnit's bytes a second,
JSON 40 MB/s or half of what ``json.load`` (of NDJSON: ``json.loads`` for each line) does with the same file. The
memory is the peak of both processes of an import of the large file, with object storage in a folder. Prints a table
and exits with 1 when a limit is missed.
"""

import argparse
import gc
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from import_junit import MAX_BYTES, MB, import_once

from report_contract.formatters import FORMATTERS
from report_processor.formats import load
from report_processor.garbage import search_seldom

HERE = Path(__file__).resolve().parent
PIECE = 1 << 18
ROUNDS = 5
XML_PART = 0.5
JSON_PART = 0.5
JSON_SPEED = 40.0


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("keys", nargs="*", help="formats (default: all)")
    arguments.add_argument("--size", type=int, default=60, help="MB of the file for the speed (default: %(default)s)")
    arguments.add_argument("--large", type=int, default=500, help="MB of the file for the memory; 0 leaves it out")
    arguments.add_argument("--once", nargs=3, metavar=("KEY", "FILE", "JUNIT"), help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.once:
        print(json.dumps(once(*chosen.once)))
        return 0
    keys = chosen.keys or [key for key in FORMATTERS if sample(key).exists()]
    print("| format | MB/s | against | ratio | MiB of an import |\n| --- | --- | --- | --- | --- |")
    ok = True
    for key in keys:
        found = measure(key, chosen.size, chosen.large)
        ok = show(key, found) and ok
    return int(not ok)


def show(key: str, found: dict[str, float]) -> bool:
    """One line of the table; whether the limits are kept."""
    speed, peak = found["speed"], found.get("peak", 0)
    kinds = FORMATTERS[key].kinds
    if "json" not in found and "xml" not in kinds:
        against, ratio, fast = "", 0.0, True
    elif "json" in found:
        against, ratio = f"json.load {found['json']:.0f}", speed / found["json"]
        fast = ratio >= JSON_PART or speed >= JSON_SPEED
    else:
        against, ratio = f"junit {found['junit']:.0f}", speed / found["junit"]
        fast = ratio >= XML_PART
    small = peak <= MAX_BYTES
    memory = f"{peak / 1024 / 1024:.0f}{'' if small else ' (missed)'}" if peak else ""
    print(f"| {key} | {speed:.0f} | {against} | {ratio:.2f}{'' if fast else ' (missed)'} | {memory} |", flush=True)
    return fast and small


def measure(key: str, size: int, large: int) -> dict[str, float]:
    """Speeds in MB/s, and the peak memory in bytes."""
    with tempfile.TemporaryDirectory(prefix="bench-formats-") as folder:
        path = Path(folder) / f"sample.{key}"
        write(path, key, size * MB)
        junit = Path(folder) / "sample.junit"
        write(junit, "junit", size * MB)
        command = [sys.executable, __file__, "--once", key, str(path), str(junit)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found: dict[str, float] = json.loads(output)
        if large:
            write(path, key, large * MB)
            found["peak"] = import_once(path)["peak"]
        return found


def sample(key: str) -> Path:
    return HERE / "samples" / f"{key.replace('-', '_')}.py"


def pieces_of(key: str) -> Callable[[int], Iterator[str]]:
    """What writes the text of a typical report with so many tests."""
    pieces: Callable[[int], Iterator[str]] = importlib.import_module(f"samples.{key.replace('-', '_')}").pieces
    return pieces


def write(path: Path, key: str, size: int) -> None:
    """A file of about this size."""
    pieces = pieces_of(key)
    per_test = sum(map(len, pieces(2_000))) / 2_000
    with path.open("w", encoding=encoding(key), newline="") as file:
        file.writelines(pieces(max(1, round(size / per_test))))


def once(key: str, name: str, junit: str) -> dict[str, float]:
    """The speeds of a parser and of what it is compared with, in MB/s, by turns: a busy host slows both."""
    path, other = Path(name), Path(junit)
    is_json = "json" in FORMATTERS[key].kinds and path.read_bytes()[:1] in {b"{", b"["}
    own, others = [], []
    usual = gc.get_threshold()
    for _ in range(ROUNDS):
        if is_json:
            others.append(load_json(path))
        search_seldom()  # as the process of an import does, and as ``python -c "json.load"`` does not
        own.append(parse(key, path))
        if not is_json:
            others.append(parse("junit", other))
        gc.unfreeze()
        gc.set_threshold(*usual)
    size = path.stat().st_size / MB
    return {
        "speed": size / min(own),
        ("json" if is_json else "junit"): (size if is_json else other.stat().st_size / MB) / min(others),
    }


def parse(key: str, path: Path) -> float:
    parser = load(key).parser()
    seconds, rows = 0.0, 0
    for text in texts(path, encoding(key)):
        begin = time.process_time()
        events = parser.feed(text)
        seconds += time.process_time() - begin
        rows += len(events)
    begin = time.process_time()
    rows += len(parser.close())
    if not rows:
        raise SystemExit(f"{key}: no events")
    return seconds + time.process_time() - begin


def encoding(key: str) -> str:
    """What the parser is fed: text, or characters that stand for bytes."""
    return "latin-1" if "binary" in FORMATTERS[key].kinds else "utf-8"


def texts(path: Path, code: str) -> Iterator[str]:
    with path.open(encoding=code, newline="") as file:
        while text := file.read(PIECE):
            yield text


def load_json(path: Path) -> float:
    begin = time.process_time()
    try:
        with path.open(encoding="utf-8") as file:
            json.load(file)
    except ValueError:  # one value on each line
        begin = time.process_time()
        with path.open(encoding="utf-8") as file:
            for line in file:
                json.loads(line)
    return time.process_time() - begin


if __name__ == "__main__":
    sys.exit(main())
