"""The message of a commit, which is the text of the pull request too."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from scripts import changelog
from scripts.propagate.templates import Template

# The trailers of a commit: what it brings, and a line for each conflict.
UPDATE, ADOPT, CONFLICT = "Template-Update", "Template-Adopt", "Template-Conflict"
# A pull request's text has at most 65536 characters. Nobody reads a diff longer than this there.
LONGEST_TEXT, LONGEST_DIFF = 60000, 4000


def describe_conflict(path: str, diff: str) -> str:
    """What the template changes in a file that is left as it is."""
    if not diff:
        return f"- `{path}`: the template no longer has this file.\n"
    hunks = diff[diff.find("@@") :] if "@@" in diff else ""
    if len(hunks) > LONGEST_DIFF:
        hunks = f"{hunks[:LONGEST_DIFF].rpartition(chr(10))[0]}\n… and more\n"
    # A fence longer than every one in the text: https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    fence = max(["``", *re.findall("`{3,}", hunks)], key=len) + "`"
    shown = f"\n{fence}diff\n{hunks}{fence}\n" if hunks else ""
    return f"- `{path}`: the template changes it as follows:\n{shown}"


def update_message(template: Template, old: str, rejected: Mapping[str, str]) -> str:
    """The message of an update.

    Args:
        template: the version that it brings
        old: the version before
        rejected: each file in conflict, with what the template changes there
    """
    title = f"Update the template from {old} to {template.version}"
    if old == template.version:
        title = f"Change the template's URL to {template.url}"
    conflicts = "".join(describe_conflict(path, diff) for path, diff in rejected.items())
    if conflicts:
        title = f"{title} (conflicts remain)"
        conflicts = f"""\
**Not applied**: these files belong to the template but were changed here, on the same lines. This
branch leaves them unchanged. Before you merge, apply the template's change by hand or discard your
lines, because no later update repeats the change.

{conflicts}
"""
    news = changelog.between(template.changelog, old, template.version)
    text = f"{title}\n\n{conflicts}{news}"[:LONGEST_TEXT].rstrip()
    trailers = "".join(f"{CONFLICT}: {path}\n" for path in rejected)
    return f"{text}\n\n{UPDATE}: {old}..{template.version}\n{trailers}"


def adopt_message(
    template: Template, replaced: Sequence[str], left_to_do: Sequence[tuple[str, str]]
) -> str:
    """The message of an adoption.

    Args:
        template: the version that it brings
        replaced: the files that were there before and are the template's now
        left_to_do: what somebody must do by hand, each a sentence and commands
    """
    text = f"""\
Adopt the template {template.version}

This branch brings the files of {template.url}.
The project's own files stay as they are: source, tests, pyproject.toml, README, licence and spec.
The template's docs/adopting.md explains each step.

"""
    if replaced:
        paths = "".join(f"- `{path}`\n" for path in replaced)
        text += f"""\
**Replaced**: these files were here before, and are the template's from now on. Look at what the
diff removes from them:

{paths}
"""
    text += "**Left to do by hand**:\n\n"
    for sentence, commands in left_to_do:
        text += f"- [ ] {sentence}\n"
        if commands:
            text += textwrap.indent(f"\n```sh\n{commands}\n```\n", "  ")
    text += "\n`make --keep-going lint test smoke` tells you what is still missing.\n"
    return f"{text[:LONGEST_TEXT].rstrip()}\n\n{ADOPT}: {template.version}\n"


def split_message(message: str) -> dict[str, Any]:
    """The title, the text and the conflicts of a result, from the message of its commit."""
    text, _, trailers = message.rstrip().rpartition("\n\n")
    title, _, body = text.partition("\n\n")
    conflicts = re.findall(rf"(?m)^{CONFLICT}: (.+)$", trailers)
    return {"title": title, "body": body, "conflicts": conflicts}
