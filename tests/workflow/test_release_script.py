""".github/scripts/release, run for real: the real gh makes releases at our server, as it would at GitHub."""

from collections.abc import Callable

import pytest

from tests.support.git import git
from tests.support.runner import WORKFLOW, Repository
from tests.support.runs import Run
from tests.support.servers import Request
from tests.workflow.small_workflow import action, gh, job, workflow
from tools.projects import ROOT

Small = Callable[..., Repository]
SCRIPT = (ROOT / "template/.github/scripts/release").read_text()
FILES = {"tool-linux-amd64": b"program\n", "SHA256SUMS": b"sums\n"}


def publishes(*before: str, latest: str = "true", prerelease: str = "false", more: str = "") -> str:
    """A workflow that runs the script, after other commands."""
    commands = [
        "printf 'program\\n' >tool-linux-amd64; printf 'sums\\n' >SHA256SUMS",
        *before,
        f"export LATEST={latest} PRERELEASE={prerelease}",
        f"bash .github/scripts/release v1.0.0 tool-linux-amd64 SHA256SUMS {more}",
    ]
    steps = (action("actions/checkout"), gh("\n".join(commands)))
    return workflow(release=job(*steps, permissions={"contents": "write"}))


@pytest.fixture
def publish(small: Small) -> Callable[..., tuple[Repository, Run]]:
    """Run the script in a repository with the tag v1.0.0."""

    def publish(*before: str, immutable: bool = False, **options: str) -> tuple[Repository, Run]:
        files = {".github/scripts/release": SCRIPT, WORKFLOW: publishes(*before, **options)}
        one = small(files)
        git(one.folder, "tag", "v1.0.0")
        one.hosted.immutable = immutable
        return one, one.run("push")

    return publish


Publish = Callable[..., tuple[Repository, Run]]


def files(one: Repository) -> dict[str, bytes]:
    """The files of the one release, which is published."""
    [release] = one.hosted.releases
    assert (release["tag_name"], release["draft"]) == ("v1.0.0", False)
    return {asset["name"]: asset["content"] for asset in release["assets"]}


@pytest.mark.parametrize("immutable", [False, True])
def test_a_release_is_published_with_all_its_files(publish: Publish, immutable: bool) -> None:
    one, run = publish(immutable=immutable)
    assert run.passed, run.text
    assert files(one) == FILES
    assert one.hosted.latest == one.hosted.releases[0]["id"]


@pytest.mark.parametrize(("prerelease", "latest"), [("true", "false"), ("false", "false")])
def test_a_release_that_is_not_the_newest_is_not_the_latest(
    publish: Publish, prerelease: str, latest: str
) -> None:
    one, run = publish(prerelease=prerelease, latest=latest)
    assert run.passed, run.text
    assert one.hosted.releases[0]["prerelease"] == (prerelease == "true")
    assert one.hosted.latest is None


@pytest.mark.parametrize("immutable", [False, True])
def test_a_second_try_with_the_same_files_changes_nothing(
    publish: Publish, immutable: bool
) -> None:
    create = "gh release create v1.0.0 tool-linux-amd64 SHA256SUMS --notes Ours"
    one, run = publish(create, immutable=immutable)
    assert run.passed, run.text
    assert files(one) == FILES
    assert one.hosted.releases[0]["body"] == "Ours"
    writes = [one.method for one in run.traffic if one.writes and not one.path.endswith("/graphql")]
    assert writes[-1] == "PATCH"  # the publishing by `create`, and nothing after it


@pytest.mark.parametrize("immutable", [False, True])
def test_a_release_with_other_files_is_left_and_named(publish: Publish, immutable: bool) -> None:
    create = "echo other >x && mv tool-linux-amd64 y && mv x tool-linux-amd64 && gh release create v1.0.0 tool-linux-amd64 SHA256SUMS --notes x && mv y tool-linux-amd64"
    one, run = publish(create, immutable=immutable)
    assert not run.passed
    assert files(one)["tool-linux-amd64"] == b"other\n"
    [(message, _)] = run.annotations("error")
    assert message.startswith("The release v1.0.0 already has a different tool-linux-amd64")


@pytest.mark.parametrize(("there", "left"), [("tool.sigstore.json", b"old\n"), ("", b"new\n")])
def test_what_an_earlier_run_has_signed_stays_and_a_lost_one_is_added(
    publish: Publish, there: str, left: bytes
) -> None:
    """Each run creates a new signature, and that of an earlier run is valid for the same files."""
    create = f"gh release create v1.0.0 tool-linux-amd64 SHA256SUMS {there} --notes x"
    signed = ("echo old >tool.sigstore.json", create, "echo new >tool.sigstore.json")
    one, run = publish(*signed, more="tool.sigstore.json")
    assert run.passed, run.text
    assert files(one) == {**FILES, "tool.sigstore.json": left}


def test_a_draft_is_filled_and_published(publish: Publish) -> None:
    """Somebody's notes, or what a run has left that died between two requests."""
    create = "echo half >z && mv SHA256SUMS y && mv z SHA256SUMS && gh release create v1.0.0 SHA256SUMS --draft --notes Ours && mv y SHA256SUMS"
    one, run = publish(create, immutable=True)
    assert run.passed, run.text
    assert files(one) == FILES
    assert one.hosted.releases[0]["body"] == "Ours"
    assert one.hosted.latest == one.hosted.releases[0]["id"]


@pytest.mark.parametrize("notes", ["Ours", "Ours\n\nIt needs glibc 2.28.", ""])
def test_a_draft_keeps_its_notes_and_gets_those_of_the_run_once(
    publish: Publish, notes: str
) -> None:
    draft = f"gh release create v1.0.0 --draft --notes '{notes}'"
    one, run = publish(draft, "echo It needs glibc 2.28. >notes.md; export NOTES=notes.md")
    assert run.passed, run.text
    [release] = one.hosted.releases
    assert release["body"].strip() == f"{notes[:4]}\n\nIt needs glibc 2.28.".strip()


def test_a_release_that_somebody_published_without_files_gets_them(publish: Publish) -> None:
    one, run = publish("gh release create v1.0.0 --notes Ours")
    assert run.passed, run.text
    assert files(one) == FILES


def test_an_immutable_release_without_files_is_named_with_what_to_do(publish: Publish) -> None:
    one, run = publish("gh release create v1.0.0 --notes Ours", immutable=True)
    assert not run.passed
    assert files(one) == {}
    [(message, _)] = run.annotations("error")
    assert "it is immutable" in message


def test_another_upload_that_fails_is_not_taken_for_an_immutable_release(
    publish: Publish, fails: Callable[[Callable[[Request], bool]], None]
) -> None:
    fails(lambda request: request.method == "POST" and "/assets" in request.path)
    one, run = publish("gh release create v1.0.0 --notes Ours")
    assert not run.passed
    assert files(one) == {}
    assert "HTTP 500" in run.text
    assert not run.annotations("error")


REQUESTS = 8


@pytest.mark.parametrize("number", range(1, REQUESTS + 1))
def test_each_request_fails_once_and_a_second_try_ends_well(small: Small, number: int) -> None:
    one = small({".github/scripts/release": SCRIPT, WORKFLOW: publishes()})
    git(one.folder, "tag", "v1.0.0")
    run = one.run("push", fail=number)
    failed = [request for request in run.traffic if request.number == number]
    assert failed, f"there are {len(run.traffic)} requests now: change REQUESTS"
    published = [release for release in one.hosted.releases if not release["draft"]]
    if published:
        assert files(one) == FILES
    if not run.passed:
        again = run.rerun_failed()
        assert again.passed, again.text
    shown = [release for release in one.hosted.releases if not release["draft"]]
    assert len(shown) == 1
    assert {asset["name"]: asset["content"] for asset in shown[0]["assets"]} == FILES
