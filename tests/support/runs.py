"""What starts a run of a workflow, and what came of it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support.artifacts import Artifact, artifacts
from tests.support.jobs import BEGIN, RECORD, FormerJobs, coded, identity, is_stub
from tests.support.servers import Failure, Request

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
    restart: "Restart"
    attempt: int = 1
    before: "Run | None" = None

    @cached_property
    def results(self) -> dict[str, dict[str, str]]:
        """How each job ended, by its name and its matrix; a job that did not run is not there.

        A job of a called workflow is named as on GitHub: `publish / push`.
        """
        found: dict[str, dict[str, str]] = {}
        for line in self.log:
            if "jobResult" in line and line["jobResult"] != "skipped" and not is_stub(line):
                key = coded(line.get("matrix") or {})
                found.setdefault(identity(line), {})[key] = line["jobResult"]
        return found

    @property
    def jobs(self) -> dict[str, str]:
        """How each job ended: failure if one of its matrix did."""
        return {
            name: "success" if set(results.values()) == {"success"} else "failure"
            for name, results in self.results.items()
        }

    @property
    def between(self) -> dict[str, str]:
        """How each job ended, without those that every run begins and ends with."""
        around = {"check", "clean", "passed"}
        return {name: how for name, how in self.jobs.items() if name not in around}

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
        return "".join(f"{identity(line)}| {line['msg'].rstrip()}\n" for line in self.log)

    def steps(self, job: str) -> dict[str, str]:
        """How each step of a job ended, by its name."""
        return {
            line["step"]: line["stepResult"]
            for line in self.log
            if identity(line) == job and line.get("stage") == "Main" and "stepResult" in line
            if line["step"] not in (BEGIN, RECORD)
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
        return "".join(line["content"] for line in lines if identity(line) == job)

    @property
    def builds(self) -> list[str]:
        """Every `docker buildx build` that an action ran, as a command line."""
        lines = (line["msg"].strip() for line in self.log if line.get("step") == "Build the image")
        return [line for line in lines if re.search(r"docker buildx build .*--tag", line)]

    def read(self, kind: str) -> list[Any]:
        """What our stand-ins and a test's own scripts wrote down in $RECORDS."""
        file = self.folder / f"{kind}.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def outputs(self) -> dict[str, dict[str, str]]:
        """The outputs of each job that passed; of several in a matrix the last that is not empty."""
        outputs = dict(self.before.outputs) if self.before else {}
        folder = self.folder / "outputs"
        for file in sorted(folder.rglob("*.jsonl")):
            name = str(file.relative_to(folder).with_suffix(""))
            merged = outputs.get(name, {})
            for line in file.read_text().splitlines():
                merged = {**merged, **{k: v for k, v in json.loads(line).items() if v}}
            outputs[name] = merged
        return outputs

    @property
    def artifacts(self) -> dict[str, Artifact]:
        """What was uploaded, the newest of each name."""
        return artifacts(self.folder.parent / "artifacts")

    def artifact(self, name: str) -> Path:
        """An artifact, unpacked, also one that was deleted since."""
        found = artifacts(self.folder.parent / "artifacts", deleted=True)
        return found[name].unpack(self.folder / "unpacked" / name)

    def rerun_all(self) -> "Run":
        """Re-run all jobs."""
        return self.restart(self, None, None, "500")

    def rerun_failed(self, fail: int | None = None, how: Failure = "500") -> "Run":
        """Re-run the failed jobs, and all that need them; what passed keeps outputs and artifacts."""
        results: dict[str, dict[str, str]] = {}
        one: Run | None = self
        while one:
            for name, ended in one.results.items():
                results[name] = {**ended, **results.get(name, {})}
            one = one.before
        return self.restart(self, FormerJobs(results, self.outputs), fail, how)


Restart = Callable[[Run, FormerJobs | None, int | None, Failure], Run]
