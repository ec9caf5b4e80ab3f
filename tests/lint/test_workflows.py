"""What linters do not check in workflows: pins, inputs, permissions, and GitHub's expressions."""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.documents import ORGANISATION, section
from tests.support.rendering import Render, combinations, distinct, workflows
from tools.projects import KINDS, ROOT

HERE = Path(__file__).parent
INPUTS: dict[str, list[str]] = yaml.safe_load((HERE / "actions.yml").read_text())
TEMPLATES = ROOT / "template/.github/workflows"
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")


@pytest.fixture(scope="module")
def projects(render: Render) -> Sequence[Path]:
    """A repository for every combination of answers."""
    return [render(**answers) for answers in combinations()]


@pytest.fixture(scope="module")
def rendered(projects: Sequence[Path]) -> Sequence[Path]:
    """Their workflows, each once."""
    return distinct(projects, ".github/workflows/*")


@cache
def parsed(text: str) -> dict[str, Any]:
    """YAML, parsed once."""
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def parse(file: Path) -> dict[str, Any]:
    """A workflow, parsed."""
    return parsed(file.read_text())


def steps(file: Path) -> Iterator[dict[str, Any]]:
    """Every step of a workflow."""
    for job in parse(file)["jobs"].values():
        yield from job.get("steps", [])  # a job that calls another workflow has none


def test_every_action_is_pinned_by_commit_with_its_version_beside_it(
    rendered: Sequence[Path],
) -> None:
    found = [
        (file, line)
        for file in [*rendered, *workflows(ROOT)]
        for line in re.findall(r"(?m)^ *(?:- )?uses: (.*)$", file.read_text())
        if not line.startswith("$/")  # a workflow of the same commit
    ]
    assert found
    for file, line in found:
        pinned = re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
        assert pinned, f"{file}: write OWNER/NAME@COMMIT # v1.2.3 instead of {line}"


# Actions that an action uses: GitHub asks whether these are allowed, too.
PARTS = {"Azure/artifact-signing-action": {"actions/cache"}}


def test_the_documents_list_every_action_that_an_organisation_must_allow(
    rendered: Sequence[Path],
) -> None:
    """One that is refused stops the whole workflow: JSONbored/metagraphed#10252."""
    used = {
        step["uses"].split("@")[0] for file in rendered for step in steps(file) if "uses" in step
    }
    used |= {part for action in used for part in PARTS.get(action, set())}
    listed = re.findall(r"(?m)^(\S+)@\*,$", section(ORGANISATION, "Allow the actions"))
    wanted = sorted(used, key=str.lower)
    wrong = sorted(used.symmetric_difference(listed)) or "their order"
    assert listed == wanted, f"docs/organisation.md, Allow the actions: see {wrong}"


def test_every_input_is_one_that_the_action_has(rendered: Sequence[Path]) -> None:
    for file in [*rendered, *workflows(ROOT)]:
        for step in steps(file):
            if "uses" in step:
                action = step["uses"].split("@")[0]
                assert action in INPUTS, f"tests/lint/actions.yml: add {action} with its inputs"
                wrong = set(step.get("with", {})) - set(INPUTS[action])
                assert not wrong, (
                    f"{file}: {action} has no inputs {wrong} in tests/lint/actions.yml"
                )


def test_our_stand_ins_have_no_input_that_the_action_lacks() -> None:
    for file in sorted((ROOT / "tests/workflow/actions").glob("*/action.yml")):
        [action] = [name for name in INPUTS if name.split("/")[1] == file.parent.name]
        assert set(yaml.safe_load(file.read_text()).get("inputs", {})) <= set(INPUTS[action])


def test_the_table_of_inputs_is_that_of_the_real_actions() -> None:
    folder = os.environ.get("ACTIONS")
    if not folder:
        pytest.skip("ACTIONS names no folder of real actions: see tests/workflow/README.md")
    pins = {
        tuple(use.split("@"))
        for file in TEMPLATES.iterdir()
        for use in re.findall(r"uses: (\S+)", file.read_text())
    }
    compared = []
    for action, commit in sorted(pins):
        git: list[str | Path] = ["git", "-C", Path(folder, action), "show", f"{commit}:action.yml"]
        result = subprocess.run(git, capture_output=True, check=False)
        if result.returncode == 0:
            assert sorted(yaml.safe_load(result.stdout)["inputs"]) == INPUTS[action], action
            compared.append(action)
    assert compared


def test_no_expression_of_github_was_eaten_or_made_by_jinja(rendered: Sequence[Path]) -> None:
    for template in TEMPLATES.iterdir():
        name = template.name.removesuffix(".jinja")
        found = [set(EXPRESSION.findall(f.read_text())) for f in rendered if f.name == name]
        assert set().union(*found) == set(EXPRESSION.findall(template.read_text()))


def test_no_expression_stands_inside_a_script(rendered: Sequence[Path]) -> None:
    """A shell would run its value: https://docs.github.com/en/actions/concepts/security/script-injections"""
    for file in [*rendered, *workflows(ROOT)]:
        for step in steps(file):
            assert "${{" not in step.get("run", ""), (file, step)


# What each job may do. A job that is not here may read the repository.
RIGHTS = {
    ("docker-image.yml", "publish"): {
        "contents": "read",
        "packages": "write",
        "attestations": "write",
        "id-token": "write",
    },
    ("docker-image.yml", "release"): {
        "contents": "write",
        "attestations": "write",
        "id-token": "write",
    },
    ("docker-image.yml", "preview"): {"contents": "read", "packages": "write"},
    ("docker-image.yml", "clean"): {"actions": "write"},
    ("docker-image.yml", "passed"): {},
    ("publish-image.yml", "push"): {
        "contents": "read",
        "packages": "write",
        "attestations": "write",
        "id-token": "write",
    },
    ("publish-image.yml", "verify"): {
        "contents": "read",
        "packages": "read",
        "attestations": "read",
    },
    ("publish-image.yml", "tags"): {"contents": "read", "packages": "write"},
    ("publish-release.yml", "release"): {
        "contents": "write",
        "attestations": "write",
        "id-token": "write",
    },
    ("weekly.yml", "start"): {"contents": "read", "actions": "write"},
    ("audit.yml", "report"): {"issues": "write"},
    ("tidy.yml", "tidy"): {"contents": "read", "packages": "write", "pull-requests": "read"},
}
# What runs code of the project, or of the image or program that was made of it.
PROJECT = re.compile(
    r"\b(make|pytest|uv|pip)\b|scripts/smoke|docker (run|build|load)|scripts/start"
)


def jobs(files: Sequence[Path]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every job, with the names of its workflow and its own."""
    for file in files:
        assert parse(file).get("permissions") == {}, f"{file}: add `permissions: {{}}` at the top"
        for name, job in parse(file)["jobs"].items():
            yield file.name, name, job


def test_each_job_has_the_rights_that_it_needs_and_no_other(rendered: Sequence[Path]) -> None:
    seen = set()
    for file, name, job in jobs(rendered):
        needed = RIGHTS.get((file, name), {"contents": "read"})
        assert job.get("permissions") == needed, (
            f"{file}, {name}: its `permissions` are {needed}, or RIGHTS in {__file__} says others"
        )
        seen.add((file, name))
    assert seen >= RIGHTS.keys(), (
        f"{__file__}: RIGHTS has {RIGHTS.keys() - seen}, which are not jobs of any workflow"
    )


def test_a_job_that_may_write_or_holds_a_secret_runs_nothing_of_the_project(
    rendered: Sequence[Path],
) -> None:
    holders = set()
    for file, name, job in jobs(rendered):
        secret = "secrets." in str(job)
        if secret:
            holders.add((file, name))
        if secret or "write" in job["permissions"].values():
            for step in job.get("steps", []):
                assert not PROJECT.search(step.get("run", "")), (file, name, step)
    assert holders == {
        ("docker-image.yml", "sign"),  # which passes them on
        *(("sign.yml", "windows"), ("sign.yml", "macos")),
    }


def test_what_is_built_is_uploaded_before_it_is_tested(rendered: Sequence[Path]) -> None:
    """So that no test can change it."""
    checked = set()
    for file, name, job in jobs(rendered):
        found = job.get("steps", [])
        kept = [i for i, step in enumerate(found) if "upload-artifact" in step.get("uses", "")]
        if kept:
            runs = [i for i, step in enumerate(found) if PROJECT.search(step.get("run", ""))]
            after = [found[i]["name"] for i in runs if i > min(kept)]
            what = {"build": "image", "linux": "programs", "native": "programs"}.get(name)
            verb = "Test" if what == "image" else "Start"
            assert after == ([f"{verb} the {what}"] if what else []), (file, name)
            checked.add((file, name))
    assert checked == {
        ("docker-image.yml", "build"),
        *(("downloads.yml", name) for name in ("linux", "native")),
        *(("sign.yml", name) for name in ("windows", "macos")),
    }


def names(step: dict[str, Any], job: dict[str, Any]) -> Iterator[str]:
    """The names that a step of a matrix gives or takes."""
    matrix = job.get("strategy", {}).get("matrix", {})
    values = [*matrix.get("arch", []), *(row["system"] for row in matrix.get("include", []))]
    name = step["with"]["name"]
    for value in values or [""]:
        yield re.sub(r"\$\{\{ matrix\.(arch|system) \}\}", value, name)


def test_an_artifact_is_fetched_by_its_name_out_of_the_workspace(projects: Sequence[Path]) -> None:
    by_project: dict[Path, tuple[list[str], set[str]]] = {}
    for file in (file for project in projects for file in workflows(project)):
        uploads, downloads = by_project.setdefault(file.parent, ([], set()))
        for job in parse(file)["jobs"].values():
            for step in job.get("steps", []):
                use, given = step.get("uses", ""), step.get("with", {})
                if "upload-artifact" in use:
                    uploads += names(step, job)
                    pull = "${{ github.event_name == 'pull_request' && 1 || 10 }}"
                    assert given["retention-days"] == (pull if "image" in given["name"] else 10)
                    assert given["compression-level"] == 0
                    assert given["if-no-files-found"] == "error"
                elif "download-artifact" in use:
                    assert set(given) == {"name", "path"}
                    folder = re.sub("^(program|signed)-", "programs/", given["name"])
                    assert given["path"] == f"${{{{ runner.temp }}}}/{folder}"
                    downloads |= set(names(step, job))
    for uploads, downloads in by_project.values():
        assert len(uploads) == len(set(uploads)), "a run takes each name once"
        assert set(uploads) == downloads


def test_one_run_at_a_time_sets_what_runs_share(rendered: Sequence[Path]) -> None:
    """Tags, the release that is the latest one, and their removal; none of them is dropped.

    https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
    """
    locked = {
        (file, name)
        for file, name, job in jobs(rendered)
        if job.get("concurrency") == {"group": "publish", "queue": "max"}
    }
    assert locked == {
        ("docker-image.yml", "preview"),
        ("publish-image.yml", "tags"),
        ("publish-release.yml", "release"),
        ("tidy.yml", "tidy"),
    }


def test_the_image_runs_on_a_runner_of_its_platform(rendered: Sequence[Path]) -> None:
    runners: dict[bool, set[str]] = {True: set(), False: set()}
    for file, name, job in jobs(rendered):
        if (file, name) in {("docker-image.yml", "build"), ("publish-image.yml", "verify")}:
            arches = job["strategy"]["matrix"]["arch"]
            assert arches
            runners["arm64" in arches].add(job["runs-on"])
    [runner], [alone] = runners[True], runners[False]
    choice = r"\$\{\{ matrix\.arch == 'arm64' && '(ubuntu-[\d.]+)-arm' \|\| '\1' \}\}"
    match = re.fullmatch(choice, runner)
    assert match, runner
    assert alone == match[1]


# A step, a job or a key at the top that follows other lines without a blank one, or whatever follows two.
CROWDED = re.compile(
    r"(?m)^(?! *#|    steps:|jobs:).+\n(?: *#.*\n)*(?=\w|      - \w+:|  [\w-]+:\n    name:)|\n\n\n"
)


def test_every_workflow_can_be_read_from_top_to_bottom(rendered: Sequence[Path]) -> None:
    for file in rendered:
        text = file.read_text()
        assert len(text.splitlines()) <= 310, file
        assert text.startswith("# "), file
        for name in yaml.safe_load(text)["jobs"]:
            assert re.search(rf"(?m)^  # .*\n  {name}:\n    name:", text), f"{file}: {name}"
        lines = [text.count("\n", 0, match.end()) + 1 for match in CROWDED.finditer(text)]
        assert not lines, f"{file}: exactly one blank line belongs above each of the lines {lines}"
        assert not re.search(r"\n\n\Z| +\n", text), file


@pytest.mark.parametrize("branch", ["main", "develop", "release/next", "on"])
def test_a_push_to_the_default_branch_starts_a_run(render: Render, branch: str) -> None:
    """Its cache is the one that pull requests find."""
    file = render(default_branch=branch) / ".github/workflows/docker-image.yml"
    workflow = yaml.safe_load(re.sub("(?m)^on:", "'on':", file.read_text()))
    assert workflow["on"]["push"]["branches"].count(branch) == 1


def test_a_builder_for_windows_is_published_as_one_for_linux_is(render: Render) -> None:
    """Only the platforms differ: Wine runs on amd64."""
    linux = render(**KINDS["linux-builder"], platforms=["linux/amd64"])
    windows = render(**KINDS["windows-builder"])
    assert [file.name for file in workflows(linux)] == [file.name for file in workflows(windows)]
    for one, other in zip(workflows(linux), workflows(windows), strict=True):
        assert one.read_text() == other.read_text()


def test_one_check_needs_every_job_and_its_name_is_the_same_for_all_answers(
    rendered: Sequence[Path],
) -> None:
    for file in rendered:
        if file.name == "docker-image.yml":
            jobs = parse(file)["jobs"]
            assert set(jobs["passed"]["needs"]) == jobs.keys() - {"passed", "clean"}
            assert jobs["passed"]["name"] == "Passed"
            assert jobs["passed"]["if"].startswith("always()")


def test_nothing_that_is_published_comes_before_a_job_that_may_fail(
    rendered: Sequence[Path],
) -> None:
    for file in rendered:
        if file.name == "docker-image.yml":
            jobs = parse(file)["jobs"]
            before = jobs.keys() & {"check", "test", "build", "downloads", "sign"}
            assert set(jobs["publish"]["needs"]) == before
            if "release" in jobs:
                assert "publish" in jobs["release"]["needs"]


def test_only_the_file_with_the_schedule_stops_with_it(rendered: Sequence[Path]) -> None:
    """GitHub disables a workflow with a schedule, with all that may start it, after 60 idle days."""
    for file in [*rendered, *workflows(ROOT)]:
        text = file.read_text()
        assert ("\n  schedule:" in text) == (file.name == "weekly.yml"), file


def test_no_step_needs_a_file_to_be_executable(rendered: Sequence[Path]) -> None:
    """Git for Windows records no such bit."""
    for file in rendered:
        for step in steps(file):
            matches = re.findall(
                r"([\w-]+ )?(?<![\w/])((?:\.github/)?scripts/\S+)", step.get("run", "")
            )
            assert {before for before, _ in matches} <= {
                "bash ",
                "python ",
                "python3 ",
                "run ",
                "-f ",
            }, step


def test_only_an_environment_that_the_owner_protects_signs(rendered: Sequence[Path]) -> None:
    for file in rendered:
        if file.name == "sign.yml":
            for name, job in parse(file)["jobs"].items():
                assert job.get("environment") == (None if name == "start" else "signing")
