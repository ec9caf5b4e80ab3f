"""downloads.yml, sign.yml and publish-release.yml, run by act: every system is released, or none.

The builds for Windows and macOS cannot run here. A script provides files of their names, so that
everything after the builds is the real thing. tests/image/ builds the programs for Linux.
"""

import hashlib
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.git import commit
from tests.support.jobs import read
from tests.support.quick import program
from tests.support.rendering import Render
from tests.support.runner import WORKFLOW, Repository
from tests.support.runs import Run
from tests.workflow.small_workflow import FORGET_THE_LOGIN, job, script

SYSTEMS = ("linux-amd64", "linux-arm64", "darwin-arm64", "windows-amd64")
AZURE = {
    "AZURE_CLIENT_ID": "client",
    "AZURE_TENANT_ID": "tenant",
    "AZURE_SIGNING_ENDPOINT": "https://example.org",
    "AZURE_SIGNING_ACCOUNT": "account",
    "AZURE_SIGNING_PROFILE": "profile",
}

# Provides what a build does. A system that is called BROKEN fails after that.
BUILD = """#!/usr/bin/env bash
set -euo pipefail
program=my-tool-$SYSTEM suffix='' archive=$program.tar.gz
[[ $SYSTEM != windows-* ]] || suffix=.exe archive=$program.zip
mkdir -p dist folder/my-tool
cp program "dist/$program$suffix"
cp program "folder/my-tool/my-tool$suffix"
python3 scripts/freezer/archive.py create folder/my-tool "dist/$archive"
sbom='{"serialNumber": "x", "components": [{"type": "file", "name": "%s", "hashes": []}]}'
printf "$sbom" "$program$suffix" >"dist/$program.cdx.json"
touch "dist/$program.licenses.txt" dist/evil
[[ $SYSTEM != linux-* ]] || echo 2.36 >"dist/glibc-$SYSTEM.txt"
[[ $SYSTEM != "${BROKEN:-}" ]]
"""

Make = Callable[..., Repository]


def elsewhere(project: Path, broken: str) -> None:
    """Let every build be that script."""
    file = project / ".github/workflows/downloads.yml"
    workflow = read(file)
    for name in ("linux", "native"):
        steps: list[dict[str, Any]] = workflow["jobs"][name]["steps"]
        setups = [step for step in steps if step.get("name", "").startswith("Set up ")]
        [build] = [step for step in steps if step.get("name") == "Build the programs"]
        assert len(setups) == 1
        steps.remove(setups[0])
        build["run"] = "./build-for-tests"
        build.setdefault("env", {"SYSTEM": "linux-${{ matrix.arch }}"})["BROKEN"] = broken
    file.write_text(yaml.safe_dump(workflow, sort_keys=False, width=10_000))
    (project / "build-for-tests").write_text(BUILD)
    (project / "program").write_bytes(program("my-tool 1.2.3"))
    for name in ("build-for-tests", "program"):
        (project / name).chmod(0o755)


@pytest.fixture
def make(render: Render, hosted: Callable[..., Repository]) -> Make:
    """A repository whose docker-image.yml has the jobs around the programs, and no image."""

    def make(broken: str = "", signing: Sequence[str] = (), **more: Any) -> Repository:
        project = render(platforms=["linux/amd64", "linux/arm64"], signing=list(signing))
        elsewhere(project, broken)
        workflow = read(project / WORKFLOW)
        jobs = workflow["jobs"]
        for name in ("test", "build", "preview", "publish", "clean", "passed"):
            del jobs[name]
        assert jobs["release"]["needs"] == ["check", "publish"]
        jobs["release"]["needs"] = ["check", "sign" if signing else "downloads"]
        jobs.update(more)
        (project / WORKFLOW).write_text(yaml.safe_dump(workflow, sort_keys=False, width=10_000))
        file = project / "pyproject.toml"
        file.write_text(file.read_text().replace('version = "0.1.0"', 'version = "1.2.3"'))
        commit(project, "Leave the image out")
        return hosted(project)

    return make


def files(one: Repository) -> dict[str, bytes]:
    """The files of the one release, which is published."""
    [release] = one.hosted.releases
    assert (release["tag_name"], release["draft"]) == ("v1.2.3", False)
    return {asset["name"]: asset["content"] for asset in release["assets"]}


def names(run: Run) -> set[str]:
    """The jobs that ran and passed, by their own names."""
    return {job.rpartition(" / ")[2] for job, how in run.jobs.items() if how == "success"}


def install(readme: str, name: str) -> dict[str, Any]:
    """A job that installs the program as RELEASES.md says."""
    [block] = [b for b in re.findall(r"(?s)```sh\n(.*?)```", readme) if "curl" in b]
    lines = f"{FORGET_THE_LOGIN}\n{block.replace('Acme-Org/my-tool', name)}"
    return job(script(lines), needs=["release"], permissions={})


def test_a_version_becomes_one_release_with_the_programs_of_every_system(make: Make) -> None:
    one = make()
    readme = (one.folder / ".github/RELEASES.md").read_text()
    workflow = one.workflow
    workflow["jobs"]["install"] = install(readme, one.name)
    (one.folder / WORKFLOW).write_text(yaml.safe_dump(workflow, sort_keys=False, width=10_000))
    run = one.commit().run("push", "refs/tags/v1.2.3")
    assert run.passed, run.text

    found = files(one)
    endings = {system: ("", ".tar.gz") for system in SYSTEMS} | {"windows-amd64": (".exe", ".zip")}
    wanted = {f"my-tool-{system}{ending}" for system in SYSTEMS for ending in endings[system]} | {
        "my-tool-sbom.tar.gz"
    }
    assert set(found) == {*wanted, "SHA256SUMS", "my-tool.sigstore.json"}
    assert set(re.findall(r"  (.*)", found["SHA256SUMS"].decode())) == wanted
    [attested] = one.hosted.attestations
    subjects = {subject["name"] for subject in attested["statement"]["subject"]}
    assert subjects == {*wanted, "SHA256SUMS"}
    assert json.loads(found["my-tool.sigstore.json"]) == attested["bundle"]
    assert "glibc 2.36 or newer" in one.hosted.releases[0]["body"]
    assert names(run) == {"check", "linux", "native", "release", "install"}
    # The lines of RELEASES.md download, verify and start the program, without a token.
    assert run.jobs["install"] == "success"
    assert "my-tool 1.2.3" in run.text


def test_a_system_that_fails_blocks_the_release(make: Make) -> None:
    one = make("windows-amd64")
    run = one.run("push", "refs/tags/v1.2.3")
    assert not run.passed
    assert one.hosted.releases == []
    assert one.hosted.attestations == []
    assert "release" not in names(run)


def test_a_link_that_a_build_has_made_is_not_uploaded(make: Make, tmp_path: Path) -> None:
    decoy = tmp_path / "decoy"
    decoy.write_text("decoy")
    one = make()
    one.write("build-for-tests", f'{BUILD}ln -s "{decoy}" dist/link\n', executable=True)
    one.file = ".github/workflows/downloads.yml"
    run = one.run("workflow_dispatch")
    assert run.steps("native")["Refuse links"] == "failure", run.text
    assert not [name for name in run.artifacts if not name.startswith("program-linux")]


def test_a_run_by_hand_builds_and_releases_nothing(make: Make) -> None:
    one = make()
    one.file = ".github/workflows/downloads.yml"
    run = one.run("workflow_dispatch")
    assert run.passed, run.text
    assert one.hosted.releases == []
    assert set(run.artifacts) == {f"program-{system}" for system in SYSTEMS}


def test_what_is_signed_for_windows_is_what_is_released(make: Make, tmp_path: Path) -> None:
    one = make(signing=["windows"])
    secrets = {"AZURE_CLIENT_SECRET": "secret"}
    run = one.run("push", "refs/tags/v1.2.3", variables=AZURE, secrets=secrets)
    assert run.passed, run.text
    found = files(one)
    signature = b"signed by https://example.org account profile\n"
    assert found["my-tool-windows-amd64.exe"].endswith(signature)
    assert not found["my-tool-darwin-arm64"].endswith(signature)
    (tmp_path / "a.zip").write_bytes(found["my-tool-windows-amd64.zip"])
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("my-tool/my-tool.exe").endswith(signature)
    (tmp_path / "sbom.tar.gz").write_bytes(found["my-tool-sbom.tar.gz"])
    with tarfile.open(tmp_path / "sbom.tar.gz") as packed:
        sboms = [
            json.loads(file.read())
            for name in ("my-tool-windows-amd64", "my-tool-linux-amd64")
            if (file := packed.extractfile(f"my-tool-sbom/{name}.cdx.json"))
        ]
    exe = hashlib.sha512(found["my-tool-windows-amd64.exe"]).hexdigest()
    [windows], [linux] = (sbom["components"] for sbom in sboms)
    assert windows["hashes"] == [{"alg": "SHA-512", "content": exe}]
    assert linux["hashes"] == []  # it is not signed
    assert names(run) == {"check", "linux", "native", "windows", "start", "release"}
    assert "secret" not in json.dumps(one.hosted.releases, default=str)


def test_a_certificate_without_its_secret_blocks_the_release(make: Make) -> None:
    one = make(signing=["windows"])
    run = one.run("push", "refs/tags/v1.2.3", variables=AZURE)
    assert not run.passed
    assert one.hosted.releases == []


def test_a_tag_that_is_not_the_projects_version_stops_the_run_in_its_first_job(make: Make) -> None:
    one = make()
    run = one.run("push", "refs/tags/v1.3.0")
    assert run.jobs == {"check": "failure"}, run.text
    [(message, where)] = run.annotations("error")
    assert where["file"] == "pyproject.toml"
    assert "git push --delete origin v1.3.0" in message
    assert "uv version 1.3.0" in message
