"""The rendered workflow, run event by event, judged by what is in the registry afterwards."""

import datetime
import hashlib
import json
import re
import subprocess
from collections.abc import Callable

import pytest

from tests.support.git import commit, git
from tests.support.publishing import layout
from tests.support.registry import Registry
from tests.support.runner import Repository
from tests.support.runs import Run
from tests.support.servers import Request
from tools.projects import read_versions, set_versions

Make = Callable[..., Repository]
Fails = Callable[[Callable[[Request], bool]], None]
OCI = "org.opencontainers.image"

# A project's own check: writes down which image it was given.
SMOKE = """#!/usr/bin/env bash
docker image inspect --format '{"job": "'"$GITHUB_JOB"'", "id": "{{.Id}}"}' "$1" >>"$RECORDS/smoke.jsonl"
"""


def without_date(tags: dict[str, str]) -> set[str]:
    """The tags, with the one date tag that every run sets checked and taken away."""
    dates = {tag for tag in tags if re.fullmatch(r"\d{8}", tag)}
    now = datetime.datetime.now(datetime.UTC)
    assert len(dates) == 1
    assert dates <= {f"{now - datetime.timedelta(days=back):%Y%m%d}" for back in (0, 1)}
    return set(tags) - dates


def write(repository: Repository, name: str, text: str, executable: bool = False) -> None:
    """Write a file of a repository, and commit it."""
    file = repository.folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    file.chmod(0o755 if executable else 0o644)
    commit(repository.folder, f"Change {name}")


# The events, and the tags that they set.


@pytest.mark.parametrize(
    ("event", "ref", "tags"),
    [
        ("push", "refs/heads/prerel", {"prerel"}),
        ("push", "refs/tags/v2.0.8-beta.67", {"v2.0.8-beta.67", "latest"}),
        ("workflow_dispatch", "refs/heads/master", {"master"}),
        ("workflow_dispatch", "refs/heads/releases/v1", {"releases-v1"}),
        ("schedule", "refs/heads/main", {"nightly", "main"}),
    ],
)
def test_each_event_sets_exactly_its_tags_and_the_date(
    repository: Make, registry: Registry, event: str, ref: str, tags: set[str]
) -> None:
    one = repository()
    run = one.run(event, ref)
    assert run.passed, run.text
    found = registry.tags(one.image)
    assert without_date(found) == tags
    assert len(set(found.values())) == 1


@pytest.mark.parametrize(
    ("ref", "tags"),
    [
        ("refs/tags/v1.2.3", {"1.2.3", "1.2", "1", "latest"}),
        ("refs/tags/v2.0.8-beta.67", {"2.0.8-beta.67"}),
        ("refs/tags/v0.3.1", {"0.3.1", "0.3", "latest"}),
    ],
)
def test_the_scheme_semver_moves_latest_for_stable_releases_only(
    repository: Make, registry: Registry, ref: str, tags: set[str]
) -> None:
    one = repository(tag_scheme="semver")
    run = one.run("push", ref)
    assert run.passed, run.text
    found = registry.tags(one.image)
    assert without_date(found) == tags
    assert len(set(found.values())) == 1


@pytest.mark.parametrize("target", ["linux", "windows"])
def test_a_builder_is_also_tagged_by_what_it_freezes_with(
    repository: Make, registry: Registry, target: str
) -> None:
    one = repository(kind="builder", target=target)
    run = one.run("push", "refs/tags/v1.2.3")
    assert run.jobs == dict.fromkeys(("build", "publish", "verify"), "success"), run.text
    versions = read_versions(one.folder / "versions.env")
    tools = "{PYINSTALLER_VERSION}-py{PYTHON_VERSION}-upx{UPX_VERSION}".format(**versions)
    found = registry.tags(one.image)
    [date] = {tag for tag in found if re.fullmatch(r"\d{8}", tag)}
    assert without_date(found) == {"v1.2.3", "latest", tools, f"{tools}-{date}"}
    assert len(set(found.values())) == 1


# One release, looked at from all sides.


@pytest.fixture(scope="module")
def released(repository: Make) -> tuple[Repository, Run]:
    """A push of the tag v1.2.3 to a repository with a version of its own and a smoke test of its own."""
    one = repository()
    set_versions(one.folder, {"GREETING_VERSION": "7.8.9"})
    dockerfile = one.folder / "Dockerfile"
    dockerfile.write_text(
        f"{dockerfile.read_text()}ARG GREETING_VERSION\nLABEL greeting=${{GREETING_VERSION}}\n"
    )
    write(one, "tests/smoke", SMOKE, executable=True)
    run = one.run("push", "refs/tags/v1.2.3")
    assert run.passed, run.text
    return one, run


@pytest.fixture(scope="module")
def published(released: tuple[Repository, Run], registry: Registry) -> str:
    """The digest of its index."""
    tags = registry.tags(released[0].image)
    assert len(set(tags.values())) == 1
    return tags["latest"]


def test_a_release_sets_its_tag_latest_and_the_date(
    released: tuple[Repository, Run], registry: Registry
) -> None:
    assert without_date(registry.tags(released[0].image)) == {"v1.2.3", "latest"}


def test_every_job_of_a_release_runs(released: tuple[Repository, Run]) -> None:
    assert list(released[1].jobs) == ["build", "publish", "verify", "release"]


def test_the_index_names_its_platforms_and_says_where_it_is_from(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one = released[0]
    index = registry.manifest(one.image, published)
    assert index["mediaType"] == "application/vnd.oci.image.index.v1+json"
    platforms = [(m["platform"]["os"], m["platform"]["architecture"]) for m in index["manifests"]]
    assert platforms == [("linux", "amd64")]
    annotations = index["annotations"]
    assert annotations[f"{OCI}.source"] == f"https://github.com/{one.name}"
    assert annotations[f"{OCI}.description"] == "Greets people."
    assert annotations[f"{OCI}.licenses"] == "MIT"
    assert annotations[f"{OCI}.revision"] == git(one.folder, "rev-parse", "HEAD").strip()


def test_the_image_is_labelled_and_dated_by_its_commit(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one = released[0]
    manifest = registry.manifest(one.image, published)["manifests"][0]["digest"]
    config = registry.config(one.image, manifest)
    labels = config["config"]["Labels"]
    date = git(one.folder, "log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%ct")
    created = datetime.datetime.fromtimestamp(int(date), datetime.UTC)
    assert labels[f"{OCI}.source"] == f"https://github.com/{one.name}"
    assert labels[f"{OCI}.revision"] == git(one.folder, "rev-parse", "HEAD").strip()
    assert labels[f"{OCI}.version"] == "v1.2.3"
    assert labels[f"{OCI}.licenses"] == "MIT"
    assert datetime.datetime.fromisoformat(labels[f"{OCI}.created"]) == created
    assert datetime.datetime.fromisoformat(config["created"]) == created
    annotations = registry.manifest(one.image, manifest)["annotations"]
    assert annotations[f"{OCI}.source"] == f"https://github.com/{one.name}"


def test_a_new_key_of_versions_env_reaches_the_dockerfile(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one = released[0]
    manifest = registry.manifest(one.image, published)["manifests"][0]["digest"]
    assert registry.config(one.image, manifest)["config"]["Labels"]["greeting"] == "7.8.9"


def test_the_bytes_that_were_tested_are_the_bytes_that_were_published(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one, run = released
    [manifest] = registry.manifest(one.image, published)["manifests"]
    [built] = layout(run.artifact("tested-amd64") / "image-amd64.tar")
    assert manifest["digest"] == built["digest"]
    # An engine calls an image by its configuration, its manifest, or the index that it came from.
    config = registry.manifest(one.image, manifest["digest"])["config"]["digest"]
    smoked = {line["job"]: line["id"] for line in run.read("smoke")}
    assert smoked["build"] in (config, manifest["digest"])
    assert smoked["verify"] in (config, manifest["digest"], published)


def test_the_index_is_attested_in_lowercase_with_its_list_of_packages(
    released: tuple[Repository, Run], published: str
) -> None:
    one, run = released
    provenance, packages = [line for line in run.read("attest") if line["job"] == "publish"]
    for attested in (provenance, packages):
        assert attested["NAME"] == f"{one.gate.address}/{one.image}"
        assert attested["DIGEST"] == published
        assert attested["PUSH"] == "true"
    assert not provenance["SBOM"]
    assert packages["SBOM"]
    sbom = json.loads((run.folder / "sbom.json").read_text())
    assert "pyinstaller" in {component["name"] for component in sbom["components"]}


def test_the_attestation_is_verified_after_publishing(
    released: tuple[Repository, Run], published: str
) -> None:
    one, run = released
    image = f"oci://{one.gate.address}/{one.image}@{published}"
    assert ["attestation", "verify", image, "--repo", one.name] in run.read("gh")


def test_the_summary_says_what_was_published_and_how_to_use_it(
    released: tuple[Repository, Run], registry: Registry, published: str
) -> None:
    one, run = released
    name = f"{one.gate.address}/{one.image}"
    lines = [line for line in run.summary.splitlines() if line]
    [manifest] = registry.manifest(one.image, published)["manifests"]
    parts = registry.manifest(one.image, manifest["digest"])
    size = sum(part["size"] for part in [parts["config"], *parts["layers"]])
    assert lines[:2] == [f"### {name}", f"`{published}`"]
    assert f"| linux/amd64 | {size // 100_000 / 10} MB | `{manifest['digest']}` |" in lines
    for tag in registry.tags(one.image):
        assert f"- `{name}:{tag}`" in lines
    assert f"docker run --rm {name}@{published} --version" in lines
    assert f"gh attestation verify oci://{name}@{published} --repo {one.name}" in lines


def test_a_release_offers_the_program_as_one_file_with_checksums_and_provenance(
    released: tuple[Repository, Run],
) -> None:
    _, run = released
    release = run.folder / "releases/v1.2.3"
    assert {file.name for file in release.iterdir()} == {"my-tool-linux-amd64", "SHA256SUMS"}
    program = release / "my-tool-linux-amd64"
    checksum = hashlib.sha256(program.read_bytes()).hexdigest()
    assert (release / "SHA256SUMS").read_text() == f"{checksum}  my-tool-linux-amd64\n"
    [attested] = [line for line in run.read("attest") if line["job"] == "release"]
    assert attested["DIGEST"] == f"{checksum}  my-tool-linux-amd64"
    program.chmod(0o755)  # as a download has to be
    assert subprocess.run([program, "--version"], capture_output=True, check=True).stdout.strip()


def test_a_release_neither_reads_nor_writes_a_cache(released: tuple[Repository, Run]) -> None:
    [build] = released[1].builds
    assert "--cache-from" not in build
    assert "--cache-to" not in build


# What a pull request may do.


@pytest.fixture(scope="module")
def proposed(repository: Make) -> tuple[Repository, Run]:
    """A pull request, number 2."""
    one = repository()
    write(one, "tests/smoke", SMOKE, executable=True)
    head, base = {"ref": "feature"}, {"ref": "main"}
    run = one.run(
        "pull_request", "refs/pull/2/merge", number=2, pull_request={"head": head, "base": base}
    )
    return one, run


def test_a_pull_request_is_built_and_tested_and_published_nowhere(
    proposed: tuple[Repository, Run], registry: Registry
) -> None:
    one, run = proposed
    assert run.jobs == {"build": "success"}, run.text
    assert [line["job"] for line in run.read("smoke")] == ["build"]
    assert run.requests == []
    assert registry.tags(one.image) == {}


def test_a_pull_request_is_labelled_by_its_number(proposed: tuple[Repository, Run]) -> None:
    assert f"{OCI}.version=pr-2" in proposed[1].builds[0]


# What leaves the registry as it was.


@pytest.fixture(scope="module")
def prerel(repository: Make) -> tuple[Repository, Run]:
    """A push of the branch prerel."""
    one = repository()
    run = one.run("push", "refs/heads/prerel")
    assert run.passed, run.text
    return one, run


@pytest.fixture(scope="module")
def before(prerel: tuple[Repository, Run], registry: Registry) -> tuple[Repository, dict[str, str]]:
    """A repository that has published, and its tags."""
    return prerel[0], registry.tags(prerel[0].image)


def test_a_branch_reads_and_writes_the_cache_of_its_platform(
    prerel: tuple[Repository, Run],
) -> None:
    [build] = prerel[1].builds
    assert "--cache-from type=gha,scope=amd64" in build
    assert "--cache-to type=gha,mode=max,scope=amd64" in build


def test_the_same_commit_publishes_the_same_digest(
    before: tuple[Repository, dict[str, str]], registry: Registry
) -> None:
    one, tags = before
    run = one.run("push", "refs/heads/prerel")
    assert run.passed, run.text
    assert registry.tags(one.image) == tags


def fails_from(number: int, wanted: Callable[[Request], bool]) -> Callable[[Request], bool]:
    """Fail every wanted request from the one of that number on."""
    seen = 0

    def fails(request: Request) -> bool:
        nonlocal seen
        seen += wanted(request)
        return wanted(request) and seen >= number

    return fails


@pytest.mark.parametrize(
    ("what", "number", "wanted"),
    [
        ("the beginning of an upload", 1, lambda r: r.method == "POST"),
        ("the end of an upload", 1, lambda r: r.method == "PUT" and "/uploads/" in r.path),
        ("the manifest of a platform", 1, lambda r: r.method == "PUT" and "/manifests/" in r.path),
        ("the index", 2, lambda r: r.method == "PUT" and "/manifests/" in r.path),
        ("the first tag", 1, lambda r: r.tag),
    ],
)
def test_a_registry_that_fails_in_the_middle_keeps_its_tags(
    before: tuple[Repository, dict[str, str]],
    registry: Registry,
    fails: Fails,
    what: str,
    number: int,
    wanted: Callable[[Request], bool],
) -> None:
    one, tags = before
    commit(one.folder, f"Fail at {what}")
    fails(fails_from(number, lambda request: bool(wanted(request))))
    run = one.run("push", "refs/heads/prerel")
    assert run.jobs == {"build": "success", "publish": "failure"}, run.text
    assert any(map(wanted, run.requests))
    assert registry.tags(one.image) == tags


def test_a_failed_smoke_test_publishes_nothing(
    before: tuple[Repository, dict[str, str]], registry: Registry
) -> None:
    one, tags = before
    write(one, "tests/smoke", "#!/bin/sh\nexit 1\n", executable=True)
    run = one.run("push", "refs/heads/prerel")
    (one.folder / "tests/smoke").unlink()
    commit(one.folder)
    assert run.jobs == {"build": "failure"}, run.text
    assert run.steps("build")["Test the image, and the program as one file"] == "failure"
    assert run.requests == []
    assert registry.tags(one.image) == tags


def test_a_bad_versions_env_stops_before_any_build(
    before: tuple[Repository, dict[str, str]], registry: Registry
) -> None:
    one, tags = before
    file = one.folder / "versions.env"
    good = file.read_text()
    bad = len(good.splitlines()) + 1
    write(one, "versions.env", f"{good}GREETING_VERSION=1.0 || reboot\n")
    run = one.run("push", "refs/heads/prerel")
    write(one, "versions.env", good)
    assert run.jobs == {"build": "failure"}, run.text
    assert "Build" not in run.steps("build")
    [(message, where)] = run.annotations("error")
    assert where == {"file": "versions.env", "line": str(bad)}
    assert message
    assert registry.tags(one.image) == tags


# Private repositories.


@pytest.mark.parametrize("allowed", [False, True])
def test_a_private_repository_attests_only_when_it_says_that_it_can(
    repository: Make, registry: Registry, allowed: bool
) -> None:
    one = repository(private=True)
    run = one.run(
        "push", "refs/tags/v1.0.0", variables={"ATTEST_PRIVATE": "true"} if allowed else {}
    )
    assert run.passed, run.text
    assert without_date(registry.tags(one.image)) == {"v1.0.0", "latest"}
    assert bool(run.read("attest")) == allowed
    notices = [message for message, _ in run.annotations("notice")]
    assert len(notices) == (0 if allowed else 1), notices
    commands = {tuple(call[:2]) for call in run.read("gh")}
    assert (("attestation", "verify") in commands) == allowed
    assert ("gh attestation verify" in run.summary) == allowed


# Two platforms.

# What a second platform changes is the workflow's part. No program of it can run here, so the image
# is one file and the smoke test a look at the image; everything else is the workflow as rendered.
DATA_ONLY = """FROM scratch AS binary
COPY program /my-tool
FROM scratch AS sbom
COPY versions.env /sbom.json
FROM scratch
COPY README.md /
"""
# Both runners are this machine, so what `make` exports would be named and filled alike.
SWAP = """if [[ -n ${ARCH:-} ]]; then
  mv dist/my-tool "dist/my-tool-linux-$ARCH"
  rm dist/sbom.json && cp "sbom-$ARCH.json" dist/
fi
"""


@pytest.fixture(scope="module")
def both(repository: Make) -> tuple[Repository, Run]:
    """A release for two platforms."""
    one = repository(platforms=["linux/arm64", "linux/amd64"])
    (one.folder / "Dockerfile").write_text(DATA_ONLY)
    for arch in ("amd64", "arm64"):
        packages = [{"bom-ref": name, "name": name} for name in ("shared", f"for-{arch}")]
        sbom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": arch}
        (one.folder / f"sbom-{arch}.json").write_text(json.dumps({**sbom, "components": packages}))
    write(one, "program", "#!/bin/sh\necho 1.0.0\n", executable=True)
    write(one, "scripts/smoke", f"{SMOKE}{SWAP}", executable=True)
    run = one.run("push", "refs/tags/v1.0.0")
    assert run.passed, run.text
    return one, run


def test_two_platforms_are_joined_under_one_index(
    both: tuple[Repository, Run], registry: Registry
) -> None:
    one, run = both
    tags = registry.tags(one.image)
    assert without_date(tags) == {"v1.0.0", "latest"}
    assert len(set(tags.values())) == 1
    manifests = registry.manifest(one.image, "latest")["manifests"]
    for manifest, arch in zip(manifests, ("amd64", "arm64"), strict=True):
        assert manifest["platform"] == {"os": "linux", "architecture": arch}
        assert registry.config(one.image, manifest["digest"])["architecture"] == arch
        [built] = layout(run.artifact(f"tested-{arch}") / f"image-{arch}.tar")
        assert manifest["digest"] == built["digest"]


def test_the_packages_of_both_platforms_are_attested_once(both: tuple[Repository, Run]) -> None:
    sbom = json.loads((both[1].folder / "sbom.json").read_text())
    names = [component["name"] for component in sbom["components"]]
    assert sorted(names) == ["for-amd64", "for-arm64", "shared"]


def test_a_release_has_a_file_for_each_platform(both: tuple[Repository, Run]) -> None:
    release = both[1].folder / "releases/v1.0.0"
    names = ["my-tool-linux-amd64", "my-tool-linux-arm64"]
    assert sorted(file.name for file in release.iterdir()) == ["SHA256SUMS", *names]
    lines = (release / "SHA256SUMS").read_text().splitlines()
    assert [line.split()[1] for line in lines] == names


def test_each_platform_has_a_cache_of_its_own(repository: Make) -> None:
    one = repository(platforms=["linux/amd64", "linux/arm64"])
    job = one.workflow["jobs"]["build"]
    assert job["strategy"]["matrix"]["arch"] == ["amd64", "arm64"]
    [build] = [step for step in job["steps"] if step.get("name") == "Build"]
    for key in ("cache-from", "cache-to"):
        assert re.search(r"scope=\{0\}', matrix\.arch\)", build["with"][key])
