"""Bring the template to a repository that was not made from it."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.answers import read_answers
from scripts.propagate.clones import Clone
from scripts.propagate.messages import adopt_message, fill_texts
from scripts.propagate.origins import ANSWERS_FILE, recorded
from scripts.propagate.remaining import list_remaining
from scripts.propagate.results import Result
from scripts.propagate.templates import Template

BRANCH = "copier-adopt"


def adopt_repository(
    result: Result, template: Template, answers: Mapping[str, Any], scratch: Path
) -> None:
    """Copy the template into a repository, and push the branch if that is not there yet.

    Args:
        result: names the repository, and takes what happened
        template: the version to adopt
        answers: those of the organisation, which come before what the repository says
        scratch: an empty folder

    Raises:
        Failed: with the reason; the repository is as it was.
        ValueError: an answer does not fit.
    """
    result.branch = BRANCH
    clone = Clone(result.repository, BRANCH, scratch / "repository")
    if not can_adopt(result, template, clone):
        return
    result.new = template.version
    if clone.foreign_tip():
        clone.keep(result)
        return
    message = make_adoption(clone, result, template, answers)
    clone.push(result)
    fill_texts(message, result)
    result.draft = True
    result.status = "adopted"


def can_adopt(result: Result, template: Template, clone: Clone) -> bool:
    """Whether a repository was made from no template yet; where it was, the result says from which."""
    if not clone.has(ANSWERS_FILE):
        return True
    recorded_answers = clone.read(ANSWERS_FILE)
    source, result.old = (recorded(recorded_answers, key) for key in ("_src_path", "_commit"))
    if template.made(source):
        result.status = "current"
        result.reason = "made from the template already: use update"
    else:
        result.status = "refused"
        result.reason = f"made from {source}" if source else f"it has a {ANSWERS_FILE}"
    return False


def make_adoption(
    clone: Clone, result: Result, template: Template, answers: Mapping[str, Any]
) -> str:
    """Run Copier, commit what it makes, and return the commit's message."""
    import copier

    clone.git("checkout", "--quiet", "--detach", clone.base)
    # The year of the commit, so that the next year makes the same commit.
    seconds = max(clone.base_date(), template.seconds)
    year = datetime.datetime.fromtimestamp(seconds, datetime.UTC).year
    worker = copier.run_copy(
        template.url,
        clone.folder,
        data={"copyright_year": str(year), **read_answers(clone.folder), **answers},
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=False,
        vcs_ref=template.version,
    )
    given = worker.answers.combined
    names = (given["kind"], given["command_name"], given["package_name"])
    clone.add_all()
    replaced, added = (
        clone.paths("diff", "--cached", "--name-only", f"--diff-filter={kinds}", clone.base)
        for kinds in ("MD", "A")
    )
    message = adopt_message(template, replaced, list_remaining(clone.folder, *names, added))
    result.commit = clone.commit(message, template.seconds)
    return message
