"""The standalone server as its users start it: a process, a folder, and HTTP."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from support.binaries import binary

SAMPLE = Path(__file__).parents[2] / "standalone/report_standalone/sample/shop.xml"
SECONDS = 60
ENDED = {"success", "partial", "failed", "cancelled"}


class Machine:
    """One server process on one data folder."""

    def __init__(self, folder: Path, *arguments: str):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.said: list[str] = []
        self._all_said = threading.Event()
        command = [sys.executable, "-m", "report_client.main", "standalone", "--port", str(port), "--data", str(folder)]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._all_said.wait(SECONDS), self.said
        self.key = (folder / "api-key").read_text().strip()
        self.http = httpx.Client(base_url=self.address, headers={"x-api-key": self.key}, timeout=SECONDS)

    def _read(self):
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                self._all_said.set()
        self._all_said.set()

    def upload(self, name, data):
        answer = self.http.post("/api/v2/profile/1/import", files=[("file[]", (name, data))])
        assert answer.status_code == 201, answer.text
        return answer.json()["report_id"]

    def status(self, report_id):
        answer = self.http.get(f"/api/v2/reports/{report_id}/status")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def end(self, report_id):
        """The final status; the stream of events ends with it."""
        with self.http.stream("GET", f"/api/v2/reports/{report_id}/events") as events:
            for _ in events.iter_lines():
                pass
        status = self.status(report_id)
        assert status["import_status"] in ENDED, status
        return status

    def kill(self, number=signal.SIGKILL):
        self.http.close()
        self.process.send_signal(number)
        self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        self.process.stdout.close()


@pytest.fixture
def start(tmp_path):
    machines = []

    def make(*arguments):
        machines.append(Machine(tmp_path / "data", *arguments))
        return machines[-1]

    yield make
    for machine in machines:
        if machine.process.poll() is None:
            machine.kill()


def many_tests(count):
    cases = "".join(f'<testcase classname="a.B" name="test {n}" time="0.001"/>\n' for n in range(count))
    return f'<testsuite name="many">{cases}</testsuite>'.encode()


def test_it_says_where_everything_is_and_imports_a_sample(start):
    machine = start("--sample")
    said = "\n".join(machine.said)
    assert machine.address in said
    assert machine.key in said
    assert "curl -H 'x-api-key: " in said
    report_url = re.search(r"sample +(\S+)", said)[1]
    assert httpx.get(report_url).status_code == 200
    status = machine.status(int(report_url.rsplit("/", 1)[1]))
    counts = {"total": 8, "passed": 5, "failed": 1, "broken": 1, "skipped": 1, "unknown": 0, "informational": 0}
    assert (status["import_status"], status["counts"]) == ("success", counts)


def test_the_curl_line_that_it_prints_works_as_printed(start, tmp_path):
    binary("curl", "curl, which the printed line calls,")
    machine = start()
    (tmp_path / "results.xml").write_bytes(SAMPLE.read_bytes())
    (line,) = [line.strip() for line in machine.said if line.strip().startswith("curl ")]
    answer = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert '"import_status":"queued"' in answer.replace(": ", ":")


def test_after_kill_9_what_was_finished_is_there_and_what_was_accepted_is_finished(start):
    machine = start()
    finished = machine.upload("shop.xml", SAMPLE.read_bytes())
    before = machine.end(finished)
    accepted = [machine.upload(f"many-{n}.xml", many_tests(50_000)) for n in range(3)]
    machine.kill()

    machine = start()
    assert machine.status(finished) | {"report_url": "", "report_status_url": ""} == before | {
        "report_url": "",
        "report_status_url": "",
    }
    for report_id in accepted:
        status = machine.end(report_id)
        assert (status["import_status"], status["counts"]["total"]) == ("success", 50_000)
    assert machine.upload("shop.xml", SAMPLE.read_bytes()) > max(accepted)


def test_the_id_of_a_deleted_report_is_never_given_again(start):
    machine = start()
    report_id = machine.upload("shop.xml", SAMPLE.read_bytes())
    machine.end(report_id)
    assert machine.http.delete(f"/api/v2/reports/{report_id}").is_success
    machine.kill()
    assert start().upload("shop.xml", SAMPLE.read_bytes()) > report_id


def test_a_second_server_in_the_same_folder_says_so_and_harms_nothing(start, tmp_path):
    machine = start()
    second = subprocess.run(
        [sys.executable, "-m", "report_client.main", "standalone", "--port", "0", "--data", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert second.returncode == 2
    assert "another report-import standalone works in this folder" in second.stderr
    assert machine.end(machine.upload("shop.xml", SAMPLE.read_bytes()))["import_status"] == "success"


def test_ctrl_c_ends_it_in_order(start):
    machine = start()
    machine.kill(signal.SIGINT)
    assert machine.process.returncode in (0, 130)
    assert not any("Traceback" in line for line in machine.said)
