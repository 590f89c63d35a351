"""An installed release of the chart, and the ways to talk to it."""

import base64
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import minio
import urllib3
from cluster.kit.kubectl import Kubectl
from support.binaries import cache
from support.processes import wait_until

ROOT = Path(__file__).resolve().parents[3]
RELEASE = "report-import"
CRD = "reportimports.reportimport.dev"


class Release:
    """The chart in a namespace of its own."""

    def __init__(self, kubectl: Kubectl) -> None:
        self.kubectl = kubectl
        self.key = ""
        self._made_crd = False

    def install(self, *values: str) -> None:
        """Install the chart, and wait until all of it is ready."""
        kubectl = self.kubectl
        self._made_crd = kubectl.find("crd", CRD) is None
        chosen = [*values, f"crds.enabled={str(self._made_crd).lower()}"]
        settings = [part for value in chosen for part in ("--set", value)]
        # The namespace holds every pod to the restricted standard, those of Jobs too.
        kubectl.run("create", "namespace", kubectl.namespace)
        kubectl.run("label", "namespace", kubectl.namespace, "pod-security.kubernetes.io/enforce=restricted")
        self._helm("install", RELEASE, str(ROOT / "charts" / "report-import"), "--wait", "--timeout=3m", *settings)
        secret = kubectl.json("get", "secret", f"{RELEASE}-first-key")
        self.key = base64.b64decode(secret["data"]["key"]).decode()

    def uninstall(self) -> None:
        """Take away what ``install`` made: the release, the namespace, and the CRD when it was ours."""
        kubectl = self.kubectl
        # First the resources, while the operator lives that takes its finalizers off them.
        if kubectl.find("crd", CRD) is not None:
            kubectl.run("delete", "reportimports", "--all", "--wait=true", "--timeout=60s", timeout=90)
        self._helm("uninstall", RELEASE, "--ignore-not-found", "--wait", "--timeout=3m")
        kubectl.run("delete", "namespace", kubectl.namespace, "--ignore-not-found", "--wait=true", timeout=180)
        if self._made_crd:
            kubectl.run("delete", "crd", CRD, "--ignore-not-found", "--wait=true")

    def pods(self, component: str) -> list[dict]:
        """Pods of a component that are not on their way out."""
        found = self.kubectl.items("pods", f"app.kubernetes.io/component={component}")
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def ready_pods(self, component: str) -> list[str]:
        """Names of those that are ready."""
        return [pod["metadata"]["name"] for pod in self.pods(component) if _is_ready(pod)]

    def wait_until_ready(self) -> None:
        """Wait until every Deployment has all its pods."""
        for component in ("api", "operator"):
            self.kubectl.run("rollout", "status", f"deployment/{RELEASE}-{component}", "--timeout=120s", timeout=150)

    @contextmanager
    def operator_settings(self, **settings: str) -> Iterator[None]:
        """Run the operator with other settings for a while: ``max_concurrent="1"``."""
        deployment = f"deployment/{RELEASE}-operator"
        names = {f"REPORT_IMPORT_{name.upper()}": value for name, value in settings.items()}
        container = self.kubectl.json("get", deployment)["spec"]["template"]["spec"]["containers"][0]
        before = {entry["name"]: entry.get("value", "") for entry in container["env"] if entry["name"] in names}
        self.kubectl.run("set", "env", deployment, *(f"{name}={value}" for name, value in names.items()))
        self.wait_until_ready()
        try:
            yield
        finally:
            restored = [f"{name}={before[name]}" if name in before else f"{name}-" for name in names]
            self.kubectl.run("set", "env", deployment, *restored)
            self.wait_until_ready()

    @contextmanager
    def api(self, pod: str = "") -> Iterator["Api"]:
        """The HTTP API through a port of this machine; of one pod, or of any."""
        target = f"pod/{pod}" if pod else f"service/{RELEASE}-api"
        with ExitStack() as stack:

            def connect() -> Api | None:
                # A forward to a container that was just killed listens, but never answers.
                with ExitStack() as attempt:
                    port = attempt.enter_context(self._forward(target, "http" if pod else "80"))
                    client = attempt.enter_context(
                        httpx.Client(
                            base_url=f"http://127.0.0.1:{port}",
                            headers={"x-api-key": self.key},
                            timeout=60,
                            trust_env=False,
                        )
                    )
                    if not Api(client).answers():
                        return None
                    stack.push(attempt.pop_all())
                    return Api(client)

            api = wait_until(connect, seconds=60, what=f"{target} answers", pause=0.2)
            assert isinstance(api, Api)
            yield api

    def _helm(self, *arguments: str) -> None:
        helm = find_helm()
        assert helm, "helm is missing"
        place = ["--kubeconfig", self.kubectl.kubeconfig, "--namespace", self.kubectl.namespace]
        done = subprocess.run([helm, *arguments, *place], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"helm {arguments[0]}: {done.stderr}\n{self._troubles()}"

    def _troubles(self) -> str:
        """What a person would look at first when an installation hangs."""
        texts = [self.kubectl.run("get", "pods", "--output=wide"), self.kubectl.run("get", "events")]
        pods = self.kubectl.items("pods", "app.kubernetes.io/name=report-import")
        names = [pod["metadata"]["name"] for pod in pods if not _is_ready(pod)]
        logs = [self.kubectl.run("logs", f"pod/{name}", "--tail=40", "--prefix", "--ignore-errors") for name in names]
        return "\n".join([*texts, *logs])

    @contextmanager
    def storage(self) -> Iterator[tuple[minio.Minio, str]]:
        """A client of the object storage in the cluster, and the name of its bucket."""
        secret = self.kubectl.json("get", "secret", f"{RELEASE}-storage")["data"]
        access, secret_key = (base64.b64decode(secret[name]).decode() for name in ("access-key", "secret-key"))
        with self._forward(f"service/{RELEASE}-minio", "9000") as port:
            pool = urllib3.PoolManager(retries=urllib3.Retry(connect=20, backoff_factor=0.1))
            client = minio.Minio(
                f"127.0.0.1:{port}", access, secret_key, secure=False, region="us-east-1", http_client=pool
            )
            try:
                yield client, "report-import"
            finally:
                pool.clear()

    @contextmanager
    def _forward(self, target: str, port: str) -> Iterator[int]:
        local = _free_port()
        process = subprocess.Popen(
            self.kubectl.command("port-forward", target, f"{local}:{port}"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: process.poll() is not None or _listens(local), seconds=30, what=f"{target} is forwarded")
            assert process.poll() is None, f"kubectl port-forward {target} ended"
            yield local
        finally:
            process.kill()
            process.wait()

    def resource(self, report_id: int) -> dict | None:
        """The ReportImport, or None."""
        return self.kubectl.find("reportimport", f"report-{report_id}")

    def phase(self, report_id: int) -> str:
        """Its phase; empty while it has none."""
        return ((self.resource(report_id) or {}).get("status") or {}).get("phase", "")

    def wait_for_end(self, report_id: int, seconds: float = 120) -> dict:
        """Wait for ``Complete`` and return the resource."""
        self.kubectl.run(
            *("wait", "--for=condition=Complete", f"reportimport/report-{report_id}", f"--timeout={seconds:.0f}s"),
            timeout=seconds + 10,
        )
        return self.kubectl.json("get", "reportimport", f"report-{report_id}")

    def processor_pods(self, report_id: int) -> list[dict]:
        """Pods of an import's attempts."""
        return self.kubectl.items("pods", f"reportimport.dev/report-id={report_id}")

    def wait_for_running(self, report_id: int, seconds: float = 60) -> dict:
        """Wait until the processor has counted tests, and return its pod."""

        def look() -> dict | None:
            progress = ((self.resource(report_id) or {}).get("status") or {}).get("progress") or {}
            running = [pod for pod in self.processor_pods(report_id) if pod["status"].get("phase") == "Running"]
            return running[0] if running and progress.get("tests", 0) > 0 else None

        found = wait_until(look, seconds=seconds, what=f"report {report_id} is being processed", pause=0.1)
        assert isinstance(found, dict)
        return found


class Api:
    """Calls that tests make again and again."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def answers(self) -> bool:
        """Whether anybody listens."""
        try:
            return self.client.get("/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def upload(self, content: bytes, *, profile: str = "1", name: str = "report.xml", key: str = "") -> int:
        """Import one file and return the report's number."""
        answer = self.post(content, profile=profile, name=name, key=key)
        assert answer.status_code == 201, answer.text
        return answer.json()["report_id"]

    def post(self, content: bytes, *, profile: str = "1", name: str = "report.xml", key: str = "") -> httpx.Response:
        """The same, with the whole answer. ``key`` is an Idempotency-Key."""
        return self.client.post(
            f"/api/v2/profile/{profile}/import/junit",
            files={"file[]": (name, content, "application/xml")},
            headers={"Idempotency-Key": key} if key else {},
        )

    def status(self, report_id: int) -> dict:
        """The report's status."""
        answer = self.client.get(f"/api/v2/reports/{report_id}/status")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def report(self, report_id: int) -> dict:
        """The report in the old shape."""
        answer = self.client.get(f"/api/v2/reports/{report_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["report"]


def new_namespace() -> str:
    """A name that no earlier run has left."""
    return f"report-import-e2e-{secrets.token_hex(3)}"


def find_helm() -> str | None:
    """Helm of the cache of programs, else of the PATH."""
    built = cache() / "bin" / "helm"
    return str(built) if built.exists() else shutil.which("helm")


def _is_ready(pod: dict) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
