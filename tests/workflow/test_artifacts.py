"""Artifacts behave as GitHub's: what stands in for its actions creates and extracts them with their packages."""

import stat
from collections.abc import Callable
from pathlib import Path

from tests.support.runner import WORKFLOW, Repository
from tests.workflow.small_workflow import Step, action, job, script, workflow

Small = Callable[..., Repository]

MAKE = script(
    "mkdir -p dist/below && echo theirs | tee dist/tool dist/new dist/below/file && chmod +x dist/*"
)


def upload(**inputs: str) -> Step:
    return action("actions/upload-artifact", **{"name": "built", "path": "dist/", **inputs})


def download(**inputs: str) -> Step:
    return action("actions/download-artifact", **inputs)


def look(*steps: Step) -> dict[str, object]:
    """A job that has a checkout, fetches, and writes down what is in its workspace."""
    find = 'find . -path ./.git -prune -o -type f -printf "%P\\n" | sort >"$RECORDS/files"'
    return job(action("actions/checkout"), *steps, script(find), needs=["build"])


def test_a_download_without_a_path_replaces_a_script_of_the_checkout(small: Small) -> None:
    jobs = {
        "build": job(MAKE, upload()),
        "publish": look(
            script("chmod +x tool"), download(name="built"), script('./tool >"$RECORDS/said"')
        ),
    }
    one = small({"tool": "#!/bin/sh\necho ours\n", WORKFLOW: workflow(**jobs)})
    # `tool` of the artifact is not a script: what runs is "theirs", as a command.
    run = one.run("push")
    assert run.jobs == {"build": "success", "publish": "failure"}
    assert "theirs: command not found" in run.text or "theirs: not found" in run.text


def test_a_new_file_of_a_download_has_lost_its_mode_and_an_old_one_keeps_its_own(
    small: Small,
) -> None:
    modes = script("chmod +x tool"), download(name="built"), script('cp -a tool new "$RECORDS"')
    one = small(
        {"tool": "ours\n", WORKFLOW: workflow(build=job(MAKE, upload()), publish=look(*modes))}
    )
    run = one.run("push")
    assert run.passed, run.text
    for name, executable in {"tool": True, "new": False}.items():
        file = run.folder / name
        assert file.read_text() == "theirs\n"
        assert bool(file.stat().st_mode & stat.S_IXUSR) == executable


def test_a_name_exists_once_in_a_run(small: Small) -> None:
    one = small({WORKFLOW: workflow(build=job(MAKE, upload(), upload()))})
    run = one.run("push")
    assert run.jobs == {"build": "failure"}
    assert "(409) Conflict" in run.text
    assert list(run.artifacts) == ["built"]


def test_a_name_is_replaced_where_that_is_asked_for(small: Small) -> None:
    again = script("rm -r dist/below")
    one = small({WORKFLOW: workflow(build=job(MAKE, upload(), again, upload(overwrite="true")))})
    run = one.run("push")
    assert run.passed, run.text
    assert run.artifacts["built"].names == ["new", "tool"]


def test_one_artifact_that_a_pattern_finds_gets_no_folder_of_its_own(small: Small) -> None:
    """So a pattern does not protect from what an artifact is called."""
    one = small(
        {WORKFLOW: workflow(build=job(MAKE, upload()), publish=look(download(pattern="b*")))}
    )
    run = one.run("push")
    assert run.passed, run.text
    assert "tool" in (run.folder / "files").read_text().splitlines()


def test_several_artifacts_get_folders_unless_they_are_merged(small: Small) -> None:
    build = job(MAKE, upload(), upload(name="second", path="dist/new"))
    for merge, wanted in {"false": "to/built/tool", "true": "to/tool"}.items():
        jobs = {"build": build, "publish": look(download(path="to", merge_multiple=merge))}
        run = small({WORKFLOW: workflow(**jobs)}).run("push")
        assert run.passed, run.text
        assert wanted in (run.folder / "files").read_text().splitlines()


def test_a_missing_name_fails_and_a_pattern_without_a_match_does_not(small: Small) -> None:
    build = job(MAKE, upload())
    run = small({WORKFLOW: workflow(build=build, publish=look(download(name="x")))}).run("push")
    assert run.jobs["publish"] == "failure"
    run = small({WORKFLOW: workflow(build=build, publish=look(download(pattern="x")))}).run("push")
    assert run.passed, run.text


def test_an_artifact_whose_bytes_have_changed_is_refused(small: Small) -> None:
    spoil = script('echo more >>"$ARTIFACTS/1"')
    jobs = {"build": job(MAKE, upload()), "publish": look(spoil, download(name="built"))}
    run = small({WORKFLOW: workflow(**jobs)}).run("push")
    assert run.jobs["publish"] == "failure"
    assert "Digest validation failed" in run.text


def test_a_hidden_file_stays_behind_and_one_file_can_go_as_it_is(small: Small) -> None:
    make = script("mkdir dist && touch dist/.hidden dist/seen")
    alone = upload(path="dist/seen", archive="false")
    run = small({WORKFLOW: workflow(build=job(make, upload(), alone))}).run("push")
    assert run.passed, run.text
    assert run.artifacts["built"].names == ["seen"]
    assert not run.artifacts["seen"].zip


def test_an_upload_follows_a_link_out_of_its_folder(small: Small, tmp_path: Path) -> None:
    """So nothing that is uploaded may be one."""
    decoy = tmp_path / "decoy"
    decoy.write_text("decoy")
    make = script(f"mkdir -p dist && ln -s {decoy} dist/tool && ln -s {tmp_path} dist/below")
    run = small({WORKFLOW: workflow(build=job(make, upload()))}).run("push")
    assert run.passed, run.text
    found = run.artifact("built")
    assert (found / "tool").read_text() == (found / "below/decoy").read_text() == "decoy"
