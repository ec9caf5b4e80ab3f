"""A repository on GitHub and its runner: one event after another, given to act."""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.actions import Actions
from tests.support.api import Hosted
from tests.support.attestations import claims
from tests.support.git import commit, git
from tests.support.github import GitHub
from tests.support.jobs import FormerJobs, Maker, actions, read
from tests.support.registry import Gate
from tests.support.runs import ACTOR, Event, Run
from tests.support.servers import Failure
from tests.support.signing import MODULES, Sigstore
from tests.support.tokens import Grant

BIN = Path(__file__).parent / "bin"
WORKFLOW = ".github/workflows/docker-image.yml"
RUNNER = re.compile(r"\b(?:ubuntu|windows|macos)-\d+(?:\.\d+)?(?:-arm|-intel)?\b")


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
    tests: bool = False  # whether lint-and-test.yml runs too, on the project's own code
    runs: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Put it on the server."""
        self.github.repositories[self.name] = Hosted(self.name, self.folder, self.private)

    @property
    def hosted(self) -> Hosted:
        """What the server holds of it: releases, attestations, dispatches, and switches to turn."""
        return self.github.repositories[self.name]

    def commit(self, message: str = "Change") -> "Repository":
        """Commit what was changed in its folder."""
        commit(self.folder, message)
        return self

    def write(self, name: str, text: str, executable: bool = False) -> None:
        """Write a file, and commit it."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755 if executable else 0o644)
        self.commit(f"Change {name}")

    @property
    def records(self) -> Path:
        """Where the next run keeps its records: a test may put files there for it."""
        return self.scratch / f"run-{self.runs + 1}" / "attempt-1"

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
        head = git(self.folder, "rev-parse", "HEAD").strip()
        given = {"ref": ref, "repository": self.describe(), "sender": {"login": actor}, **payload}
        begun = Event(event, ref, head, variables or {}, secrets or {}, given, actor)
        return self.start(begun, None, None, fail, how)

    def start(
        self,
        event: Event,
        before: Run | None,
        former: FormerJobs | None,
        fail: int | None = None,
        how: Failure = "500",
    ) -> Run:
        """Run an event, or what is left of it."""
        attempt = before.attempt + 1 if before else 1
        folder = before.folder.parent / f"attempt-{attempt}" if before else self.records
        self.runs += 0 if before else 1
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
        self.maker(event, attempt).workflow(checkout, self.file, former)

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
        # Each is this machine: what only another system has must be stood in for.
        texts = [file.read_text() for file in checkout.glob(".github/workflows/*.yml")]
        for runner in sorted({name for text in texts for name in RUNNER.findall(text)}):
            command += ["--platform", f"{runner}=-self-hosted"]
        for option, values in (("var", event.variables), ("secret", event.secrets)):
            command += [f"--{option}={name}={value}" for name, value in values.items()]
        environment = self.environment(folder, attempt)
        command += [f"--env={name}={value}" for name, value in environment.items()]

        self.hosted.artifacts = folder.parent / "artifacts"
        self.gate.traffic.begin(fail, how)
        result = subprocess.run(
            command,
            cwd=checkout,
            env=self.home(folder / "home", self.gate.address),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if (folder / "loaded").exists():  # what bin/docker loaded
            images = (folder / "loaded").read_text().split()
            subprocess.run(
                ["docker", "image", "rm", "--force", *images], capture_output=True, check=False
            )
        lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
        (folder / "log.json").write_text(result.stdout + result.stderr)
        log = [json.loads(line) for line in lines]

        def restart(before: Run, former: FormerJobs | None, fail: int | None, how: Failure) -> Run:
            return self.start(event, before, former, fail, how)

        return Run(log, folder, self.gate.traffic.requests, restart, attempt, before)

    def maker(self, event: Event, attempt: int) -> Maker:
        """What makes the workflow ready for act."""

        def token(job: str, granted: Mapping[str, str], file: str) -> str:
            token_claims = claims(
                self.describe(),
                event.ref,
                event.commit,
                event.name,
                self.file,
                file,
                str(self.runs),
            )
            token_claims["run_attempt"] = str(attempt)
            return self.github.tokens.issue(Grant(self.name, job, granted, token_claims))

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

        servers = {
            "registry-url": f"http://{self.gate.address}",
            "github-api-url": f"http://{self.github.address}",
        }
        skipped = () if self.tests else ("test",)
        return Maker(token, environment, inputs, event.untrusted, servers, skipped)

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
            "NODE_COMPILE_CACHE": str(MODULES.parent / "compiled"),
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
            "PATH": os.pathsep.join([*map(str, [BIN, *self.tools]), os.environ["PATH"]]),
        }
