"""kubectl as people use it, with JSON where a program has to read the answer."""

import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from support.binaries import cache


class KubectlError(AssertionError):
    """kubectl failed; the text is what it said."""


def find_kubectl() -> list[str] | None:
    """kubectl of the PATH, else the one in the cache of programs."""
    if found := shutil.which("kubectl"):
        return [found]
    kube = cache() / "bin" / "kube"
    return [str(kube), "kubectl"] if kube.exists() else None


class Kubectl:
    """kubectl for one namespace of one cluster."""

    def __init__(self, program: list[str], kubeconfig: str, namespace: str) -> None:
        self._program = program
        self.kubeconfig = kubeconfig
        self.namespace = namespace

    def command(self, *arguments: str) -> list[str]:
        """The whole command line."""
        return [*self._program, "--kubeconfig", self.kubeconfig, "--namespace", self.namespace, *arguments]

    def run(self, *arguments: str, stdin: str | None = None, timeout: float = 120) -> str:
        """Run it and return what it printed. Raises ``KubectlError``."""
        done = subprocess.run(
            self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=timeout, check=False
        )
        if done.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    @contextmanager
    def kubeconfig_of(self, token: str) -> Iterator[str]:
        """A kubeconfig with the token of a ServiceAccount in place of the user's own rights."""
        view = json.loads(self.run("config", "view", "--minify", "--raw", "--output=json"))
        view["users"][0]["user"] = {"token": token}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(view, file)
            file.flush()
            yield file.name

    def json(self, *arguments: str) -> dict:
        """Run it with ``--output=json``."""
        return json.loads(self.run(*arguments, "--output=json"))

    def find(self, kind: str, name: str) -> dict | None:
        """One object, or None."""
        text = self.run("get", kind, name, "--ignore-not-found", "--output=json")
        return json.loads(text) if text else None

    def items(self, kind: str, selector: str = "") -> list[dict]:
        """All objects of a kind that have the labels."""
        return self.json("get", kind, f"--selector={selector}")["items"]

    @contextmanager
    def watching(self, kind: str, selector: str = "") -> Iterator[list[dict]]:
        """A list that grows by each event of a watch, which is established when the block begins."""
        seen: list[dict] = []
        established = threading.Event()
        process = subprocess.Popen(
            # At this verbosity it tells when the server has answered the request.
            self.command(
                *("get", kind, f"--selector={selector}", "--watch", "--output-watch-events", "--output=json", "--v=6")
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

        def read_events() -> None:
            for line in process.stdout or ():
                seen.append(json.loads(line))  # noqa: PERF401  # others look at the list meanwhile

        def read_log() -> None:
            for line in process.stderr or ():
                if "watch=true" in line:
                    established.set()

        readers = [threading.Thread(target=target, daemon=True) for target in (read_events, read_log)]
        for reader in readers:
            reader.start()
        try:
            assert established.wait(30), f"kubectl get {kind} --watch did not begin"
            yield seen
        finally:
            process.terminate()
            process.wait()
            for reader in readers:
                reader.join()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
