"""A runner: one event of a repository, given to act, and what came of it."""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.support.actions import Actions
from tests.support.api import Hosted
from tests.support.artifacts import Artifact, artifacts
from tests.support.attestations import claims
from tests.support.git import git
from tests.support.github import GitHub
from tests.support.jobs import RECORD, Kept, Maker, actions, coded, read
from tests.support.registry import Gate
from tests.support.servers import Failure, Request
from tests.support.signing import MODULES, Sigstore
from tests.support.tokens import Grant

WORKFLOW = ".github/workflows/docker-image.yml"
ACTOR = "Ada-Lovelace"


@dataclass
class Event:
    """What starts a run, and starts it again."""

    name: str
    ref: str
    commit: str
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    payload: Mapping[str, Any]
    actor: str = ACTOR

    @property
    def untrusted(self) -> bool:
        """Whether it is a fork's or Dependabot's, whose token is read-only."""
        pull = self.payload.get("pull_request", {})
        head, base = (pull.get(side, {}).get("repo", {}) for side in ("head", "base"))
        fork = head.get("full_name") != base.get("full_name")
        return self.name == "pull_request" and (fork or self.actor == "dependabot[bot]")


@dataclass
class Run:
    """What one run of the workflow did."""

    log: list[dict[str, Any]]
    folder: Path
    traffic: list[Request]
    repository: "Repository"
    event: Event
    attempt: int = 1
    before: "Run | None" = None

    @cached_property
    def results(self) -> dict[str, dict[str, str]]:
        """How each job ended, by its id and by its matrix; a job that did not run is not there."""
        found: dict[str, dict[str, str]] = {}
        for line in self.log:
            if "jobResult" in line and line["jobResult"] != "skipped":
                key = coded(line.get("matrix") or {})
                found.setdefault(line["jobID"], {})[key] = line["jobResult"]
        return found

    @property
    def jobs(self) -> dict[str, str]:
        """How each job ended, by its id: failure if one of its matrix did."""
        return {
            name: "success" if set(results.values()) == {"success"} else "failure"
            for name, results in self.results.items()
        }

    @property
    def passed(self) -> bool:
        """Whether every job that ran passed."""
        return bool(self.jobs) and set(self.jobs.values()) == {"success"}

    @property
    def requests(self) -> list[Request]:
        """What it asked of the registry."""
        return [request for request in self.traffic if request.server == "registry"]

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
            if line["step"] != RECORD
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

    def summary_of(self, job: str) -> str:
        """The summary of one job."""
        lines = [line for line in self.log if line.get("command") == "summary"]
        return "".join(line["content"] for line in lines if line.get("jobID") == job)

    @property
    def builds(self) -> list[str]:
        """Every `docker buildx build` that an action ran, as a command line."""
        lines = (line["msg"].strip() for line in self.log if line.get("step") == "Build")
        return [line for line in lines if re.search(r"docker buildx build .*--tag", line)]

    def read(self, kind: str) -> list[Any]:
        """What our stand-ins and a test's own scripts wrote down in $RECORDS."""
        file = self.folder / f"{kind}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def outputs(self) -> dict[str, dict[str, str]]:
        """The outputs of each job that passed; of several in a matrix the last that is not empty."""
        found = dict(self.before.outputs) if self.before else {}
        for file in sorted((self.folder / "outputs").glob("*.jsonl")):
            merged = found.get(file.stem, {})
            for line in file.read_text().splitlines():
                merged = {**merged, **{k: v for k, v in json.loads(line).items() if v}}
            found[file.stem] = merged
        return found

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """What was uploaded, the newest of each name."""
        return artifacts(self.folder.parent / "artifacts")

    def artifact(self, name: str) -> Path:
        """An artifact, unpacked."""
        return self.artifacts[name].unpack(self.folder / "unpacked" / name)

    def rerun_failed(self, fail: int | None = None, how: Failure = "500") -> "Run":
        """Re-run the failed jobs, and all that need them; what passed keeps outputs and artifacts."""
        results: dict[str, dict[str, str]] = {}
        one: Run | None = self
        while one:
            for name, ended in one.results.items():
                results[name] = {**ended, **results.get(name, {})}
            one = one.before
        return self.repository.start(self.event, self, Kept(results, self.outputs), fail, how)


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
    sigstore: Sigstore | None = None
    runs: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Put it on the server."""
        self.github.repositories[self.name] = Hosted(self.name, self.folder, self.private)

    @property
    def hosted(self) -> Hosted:
        """What the server holds of it: releases, attestations, dispatches, and switches to turn."""
        return self.github.repositories[self.name]

    @property
    def image(self) -> str:
        """Its path in the registry, which is lowercase."""
        return self.name.lower()

    @property
    def workflow(self) -> dict[str, Any]:
        """The workflow, parsed."""
        return read(self.folder / self.file)

    def describe(self) -> dict[str, Any]:
        """The repository as GitHub's API and its events describe it."""
        return self.hosted.describe()

    def run(
        self,
        event: str,
        ref: str = "refs/heads/main",
        variables: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        actor: str = ACTOR,
        fail: int | None = None,
        how: Failure = "500",
        **payload: Any,
    ) -> Run:
        """Give the repository one event, and wait for the workflow's end.

        `fail` is the number of a request to the registry or the API that fails once.
        """
        git(self.folder, "update-ref", ref, "HEAD")
        commit = git(self.folder, "rev-parse", "HEAD").strip()
        given = {"ref": ref, "repository": self.describe(), "sender": {"login": actor}, **payload}
        begun = Event(event, ref, commit, variables or {}, secrets or {}, given, actor)
        return self.start(begun, None, None, fail, how)

    def start(
        self,
        event: Event,
        before: Run | None,
        kept: Kept | None,
        fail: int | None = None,
        how: Failure = "500",
    ) -> Run:
        """Run an event, or what is left of it."""
        attempt = before.attempt + 1 if before else 1
        self.runs += 0 if before else 1
        folder = self.scratch / f"run-{self.runs}" / f"attempt-{attempt}"
        folder = before.folder.parent / f"attempt-{attempt}" if before else folder
        checkout = folder / "workflow"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "event.json").write_text(json.dumps(event.payload))
        git(
            folder, "clone", "--quiet", "--shared", "--no-checkout", str(self.folder), str(checkout)
        )
        git(checkout, "checkout", "--quiet", "--detach", event.commit)
        git(checkout, "remote", "set-url", "origin", f"https://github.com/{self.name}.git")
        local = [
            f"--local-repository={action}@{pin}={self.actions.folder(action, pin)}"
            for action, pin in sorted(set(actions(checkout)))
        ]
        self.maker(event, attempt, kept).workflow(checkout, self.file)

        command: list[str | Path] = [
            "act",
            event.name,
            "--json",
            "--no-cache-server",
            "--no-skip-checkout",
            "--concurrent-jobs=1",
            *("--workflows", self.file),
            *("--eventpath", folder / "event.json"),
            *("--actor", event.actor),
            *local,
        ]
        for runner in ("ubuntu-24.04", "ubuntu-24.04-arm"):
            command += ["--platform", f"{runner}=-self-hosted"]
        for option, values in (("var", event.variables), ("secret", event.secrets)):
            command += [f"--{option}={name}={value}" for name, value in values.items()]
        environment = self.environment(folder, attempt)
        command += [f"--env={name}={value}" for name, value in environment.items()]

        self.gate.traffic.begin(fail, how)
        done = subprocess.run(
            command,
            cwd=checkout,
            env=self.home(folder / "home", self.gate.address),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        (folder / "log.json").write_text(done.stdout + done.stderr)
        log = [json.loads(line) for line in lines]
        return Run(log, folder, self.gate.traffic.requests, self, event, attempt, before)

    def maker(self, event: Event, attempt: int, kept: Kept | None) -> Maker:
        """What makes the workflow ready for act."""

        def token(job: str, granted: Mapping[str, str], file: str) -> str:
            said = claims(
                self.describe(),
                event.ref,
                event.commit,
                event.name,
                self.file,
                file,
                str(self.runs),
            )
            said["run_attempt"] = str(attempt)
            return self.github.tokens.issue(Grant(self.name, job, granted, said))

        def environment(token: str, granted: Mapping[str, str]) -> Mapping[str, str]:
            if granted.get("id-token") != "write":
                return {}
            return {
                "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://{self.github.address}/oidc?a=b",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token,
            }

        def inputs(uses: str) -> Mapping[str, Any]:
            action, _, pin = uses.partition("@")
            if len(pin) != 40:
                return {}
            file = self.actions.folder(action, pin) / "action.yml"
            return yaml.safe_load(file.read_text()).get("inputs") or {}

        return Maker(token, environment, inputs, event.untrusted, kept)

    def environment(self, folder: Path, attempt: int) -> Mapping[str, str]:
        """What every job of a run sees."""
        more = {"SIGSTORE_URL": self.sigstore.url} if self.sigstore else {}
        if self.sigstore:
            more["TRUSTED_ROOT"] = str(self.sigstore.root)
        if self.github.certificate:
            more["GITHUB_CERTIFICATE"] = str(self.github.certificate)
        return {
            "GITHUB_API_URL": f"http://{self.github.address}",
            "GITHUB_RUN_ID": str(self.runs),
            "GITHUB_RUN_ATTEMPT": str(attempt),
            "GITHUB_PROXY": f"http://{self.github.address}",
            "NODE_MODULES": str(MODULES),
            "RECORDS": str(folder),
            "ARTIFACTS": str(folder.parent / "artifacts"),
            **more,
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
