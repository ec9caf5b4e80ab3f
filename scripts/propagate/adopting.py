"""Bring the template to a repository that was not made from it."""

import dataclasses
import datetime
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.answers import read_answers
from scripts.propagate import copying
from scripts.propagate.clones import Clone
from scripts.propagate.messages import adopt_message, split_message
from scripts.propagate.origins import ANSWERS_FILE, made_from
from scripts.propagate.recorded import parse
from scripts.propagate.results import Result
from scripts.propagate.templates import Template

BRANCH = "copier-adopt"


def adopt_repository(
    url: str, template: Template, answers: Mapping[str, Any], scratch: Path
) -> Result:
    """Copy the template into a repository, push the branch if that is not there yet.

    Args:
        url: the repository
        template: the version to adopt
        answers: those of the organisation, which come before what the repository says
        scratch: an empty folder

    Raises:
        Failed: with the reason; the repository is as it was.
        ValueError: an answer does not fit.
    """
    clone = Clone(url, BRANCH, scratch / "repository")
    result = Result(url, branch=BRANCH)
    text = clone.read(ANSWERS_FILE)
    if text is not None:
        recorded = parse(text)
        result = dataclasses.replace(result, old=recorded.version)
        if template.made(recorded.source):
            reason = "made from the template already: use update"
            return dataclasses.replace(result, status="current", reason=reason)
        return dataclasses.replace(result, status="refused", reason=made_from(recorded.source))
    result = dataclasses.replace(result, new=template.version)
    if clone.foreign_tip():
        return dataclasses.replace(result, status="kept", reason=clone.kept())
    message, commit = make_adoption(clone, template, answers)
    return dataclasses.replace(
        result,
        status="adopted",
        draft=True,
        commit=commit,
        pushed=clone.push(commit),
        **split_message(message),
    )


def make_adoption(clone: Clone, template: Template, answers: Mapping[str, Any]) -> tuple[str, str]:
    """Run Copier, commit what it makes, and return the commit's message and the commit."""
    clone.checkout()
    # The year of the commit, so that the next year makes the same commit.
    seconds = max(clone.base_date(), template.seconds)
    year = datetime.datetime.fromtimestamp(seconds, datetime.UTC).year
    data = {"copyright_year": str(year), **read_answers(clone.folder), **answers}
    output = copying.copy(template, clone, clone.folder, template.version, data)
    clone.add_all()
    replaced = clone.paths("diff", "--cached", "--name-only", "--diff-filter=MD", clone.base)
    message = adopt_message(template, replaced, left_to_do(output))
    return message, clone.commit(message, template.seconds)


def left_to_do(output: str) -> list[tuple[str, str]]:
    """What the template's last lines list: each a sentence, and the commands for it.

    hooks/after_copy.jinja writes them, after `Left to do:`.
    """
    items = re.findall(r"(?m)^  - (.+(?:\n    .+)*)", output.partition("\nLeft to do:\n")[2])
    parts = (item.partition("\n") for item in items)
    return [(sentence, textwrap.dedent(commands)) for sentence, _, commands in parts]
