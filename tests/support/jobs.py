"""A workflow made ready for act: what GitHub gives each job and act does not.

act gives every job the same token and the same machine, and keeps no outputs. So a copy of the
workflow is run in which each job has a token of its own rights, knows its runner, writes down its
outputs, and is replaced by what it left where it need not run again.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from tests.support.tokens import rights, within

Job = dict[str, Any]
EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
CALL = re.compile(r"[.$]/(\.github/workflows/[\w.-]+)")
BEGIN = "Begin without the login of another job"
RECORD = "Keep the outputs"
MARK = "called by "
# act drops what a step that fails has written last: it does not wait for its own reader. So each
# script, and each action by tests/support/bin/node, runs in a command that waits after a failure.
PATIENT = "patient"
# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
SHELLS = {None: "bash -e {0}", "bash": "bash --noprofile --norc -eo pipefail {0}"}
STUB = "kept"


def read(file: Path) -> dict[str, Any]:
    """A workflow, parsed. YAML 1.1 reads the key `on` as true."""
    found: dict[str, Any] = yaml.safe_load(re.sub("(?m)^on:", "'on':", file.read_text()))
    return found


def instances(job: Job) -> Sequence[dict[str, Any]] | None:
    """The jobs that a matrix makes; None where only GitHub could tell."""
    matrix = job.get("strategy", {}).get("matrix", {})
    if not isinstance(matrix, dict) or not all(isinstance(one, list) for one in matrix.values()):
        return None
    if "include" in matrix or "exclude" in matrix:
        alone = matrix.keys() == {"include"}
        return matrix["include"] if alone else None
    return [dict(zip(matrix, values, strict=True)) for values in product(*matrix.values())]


@dataclass
class FormerJobs:
    """What a former attempt left: how each job ended, by its matrix, and the outputs."""

    results: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def below(self, name: str) -> set[str]:
        """How a job ended, or all jobs of a workflow that it called."""
        ours = (name, f"{name} / ")
        found = [
            self.results[one] for one in self.results if one == ours[0] or one.startswith(ours[1])
        ]
        return {result for results in found for result in results.values()}

    def again(self, jobs: Mapping[str, Job], prefix: str) -> set[str]:
        """The jobs that run again: those that did not pass, and all that need them.

        https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
        """
        names = {name for name in jobs if self.below(f"{prefix}{name}") - {"success"}}
        while more := {
            name
            for name, job in jobs.items()
            if name not in names and names & set(listed(job.get("needs")))
        }:
            names |= more
        return names


def listed(value: Any) -> Sequence[str]:
    """One name or several."""
    return [value] if isinstance(value, str) else list(value or [])


@dataclass
class Maker:
    """Makes the copy. `token` gives a job its token, `environment` what its runner sets beside."""

    token: Callable[[str, Mapping[str, str], str], str]
    environment: Callable[[str, Mapping[str, str]], Mapping[str, str]]
    inputs: Callable[[str], Mapping[str, Any]]
    read_only: bool
    servers: Mapping[str, str]
    skipped: Sequence[str] = ()

    def workflow(
        self,
        folder: Path,
        path: str,
        former: FormerJobs | None,
        outer: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> None:
        """Write the copy of a workflow in place of it; a called one gets a copy for each caller."""
        workflow = read(folder / path)
        default = workflow.get("permissions")
        jobs: dict[str, Job] = workflow["jobs"]
        again = former.again(jobs, prefix) if former else set(jobs)
        if prefix:  # GitHub gives a called workflow the name of its caller; here it marks the jobs
            workflow["name"] = f"{MARK}{prefix.removesuffix(' / ')}"
        for name, job in list(jobs.items()):
            full = f"{prefix}{name}"
            granted = rights(job.get("permissions", default), self.read_only)
            granted = granted if outer is None else within(granted, outer)
            if full in self.skipped:
                jobs[name] = stub(job, FormerJobs(), full)
            elif former and name not in again and ("uses" not in job or not former.below(full)):
                jobs[name] = stub(job, former, full)
            elif called := CALL.fullmatch(job.get("uses", "")):
                copy = f".github/workflows/{name}.{Path(called[1]).name}"
                (folder / copy).write_text((folder / called[1]).read_text())
                # All of it runs again where what it needs does.
                whole = again & set(listed(job.get("needs")))
                self.workflow(folder, copy, None if whole else former, granted, f"{full} / ")
                job["uses"] = f"./{copy}"
            else:
                jobs[name] = self.job(full, job, granted, called_path(path, prefix))
                if former and not again & set(listed(job.get("needs"))):
                    only_failed(jobs[name], former.results.get(full, {}))
        (folder / path).write_text(yaml.safe_dump(workflow, sort_keys=False, width=10_000))

    def job(self, name: str, job: Job, granted: Mapping[str, str], path: str) -> Job:
        """One job with its own token, which knows its runner and writes down its outputs."""
        token = self.token(name, granted, path)
        label = job["runs-on"] if isinstance(job["runs-on"], str) else job["runs-on"][0]
        inner = re.fullmatch(r"\$\{\{(.*)\}\}", label, re.DOTALL)
        named = inner[1].strip() if inner else f"'{label}'"
        arch = f"(contains({named}, 'arm') && 'ARM64' || 'X64')"

        def give(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: give(one) for key, one in value.items()}
            if isinstance(value, list):
                return [give(one) for one in value]
            if not isinstance(value, str):
                return value
            return EXPRESSION.sub(lambda found: known(found[0]), value)

        def known(text: str) -> str:
            text = re.sub(r"\b(github\.token|secrets\.GITHUB_TOKEN)\b", f"'{token}'", text)
            return re.sub(r"\brunner\.arch\b", arch, text)

        for step in job["steps"]:
            # An action's own address of a server is that of the tests'.
            for key in self.inputs(step.get("uses", "")).keys() & self.servers.keys():
                step.setdefault("with", {}).setdefault(key, self.servers[key])
            # An action's own default for its token is that of the job.
            for key, about in self.inputs(step.get("uses", "")).items():
                if "github.token" in str((about or {}).get("default", "")):
                    step.setdefault("with", {}).setdefault(key, "${{ github.token }}")
        ready: Job = give(job)
        usual = ready.get("defaults", {}).get("run", {}).get("shell")
        for step in ready["steps"]:  # act sets it for each step, to this machine's
            step["env"] = {"RUNNER_ARCH": f"${{{{ {arch} }}}}", **(step.get("env") or {})}
            if "run" in step:
                step["shell"] = f"{PATIENT} {SHELLS[step.get('shell', usual)]}"
        ready["steps"].insert(0, {"name": BEGIN, "run": 'rm -f "$HOME/.docker/config.json"'})
        ready["env"] = {
            "RUNNER_LABEL": f"${{{{ {named} }}}}",
            **self.environment(token, granted),
            **(ready.get("env") or {}),
        }
        if isinstance(ready.get("concurrency"), dict):
            ready["concurrency"].pop("queue", None)  # act does not know it yet
        if "strategy" in ready:
            ready["strategy"]["max-parallel"] = 1  # so that requests come in one order
        if outputs := ready.get("outputs"):
            ready["steps"].append(recording(name, outputs))
        return ready


def stub(job: Job, former: FormerJobs, name: str) -> Job:
    """What stands for a job that passed: its outputs. For one that was skipped: nothing."""
    stub: Job = {"runs-on": "ubuntu-24.04", "needs": listed(job.get("needs"))}
    if not former.below(name):
        return {**stub, "if": "false", "steps": [{"run": "true"}]}
    outputs = former.outputs.get(name, {})
    lines = [
        f"printf '%s<<END-OF-OUTPUT\\n%s\\nEND-OF-OUTPUT\\n' '{key}' \"$(printenv 'OUTPUT_{key}')\" >>\"$GITHUB_OUTPUT\""
        for key in outputs
    ]
    return {
        **stub,
        "name": STUB,
        "outputs": {key: f"${{{{ steps.kept.outputs.{key} }}}}" for key in outputs},
        "steps": [
            {
                "id": "kept",
                "env": {f"OUTPUT_{key}": value for key, value in outputs.items()},
                "run": "\n".join(["true", *lines]),
            }
        ],
    }


def only_failed(job: Job, results: Mapping[str, str]) -> None:
    """Let a matrix run again only where it did not pass."""
    passed = {key for key, result in results.items() if result == "success"}
    every = instances(job)
    if passed and len(results) > len(passed) and every:
        rest = [one for one in every if coded(one) not in passed]
        job["strategy"]["matrix"] = {"include": rest}


def identity(line: Mapping[str, Any]) -> str:
    """The job that a line of act's log is about: `build`, or `publish / push` in a called workflow."""
    called = re.search(rf"/{MARK}([\w -]+(?: / [\w -]+)*)/", line.get("job", ""))
    return f"{called[1]} / {line['jobID']}" if called else str(line.get("jobID", ""))


def is_stub(line: Mapping[str, Any]) -> bool:
    """Whether a line of act's log is about what stands for a job."""
    return str(line.get("job", "")).rstrip().endswith(f"/{STUB}")


def coded(matrix: Mapping[str, Any]) -> str:
    """The values of a matrix as one key."""
    return json.dumps(matrix, sort_keys=True)


def called_path(path: str, prefix: str) -> str:
    """The file that a job stands in, under its own name: a called one's copy has the caller's before it."""
    if not prefix:
        return path
    caller = prefix.removesuffix(" / ").rpartition(" / ")[2]
    return f".github/workflows/{Path(path).name.removeprefix(f'{caller}.')}"


def recording(name: str, outputs: Mapping[str, str]) -> dict[str, Any]:
    """The step that writes down the outputs of a job."""
    environment = {f"OUTPUT_{number}": value for number, value in enumerate(outputs.values())}
    pairs = ", ".join(f'"{key}": $ENV.OUTPUT_{number}' for number, key in enumerate(outputs))
    lines = [
        f'file="$RECORDS/outputs/{name}.jsonl"',
        'mkdir -p "$(dirname "$file")"',
        f"jq --null-input --compact-output '{{{pairs}}}' >>\"$file\"",
    ]
    return {"name": RECORD, "shell": "bash", "env": environment, "run": "\n".join(lines)}


def actions(folder: Path) -> Iterator[tuple[str, str]]:
    """The actions that workflows pin, each with its commit."""
    for file in sorted((folder / ".github/workflows").glob("*.y*ml")):
        yield from re.findall(r"uses: ['\"]?([\w.-]+/[\w.-]+)@([0-9a-f]{40})", file.read_text())
