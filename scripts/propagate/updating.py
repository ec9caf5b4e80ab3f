"""Update one repository."""

import dataclasses
import re
from pathlib import Path

from scripts import changelog
from scripts.propagate import copying
from scripts.propagate.clones import Clone
from scripts.propagate.commands import Failed
from scripts.propagate.messages import UPDATE, split_message, update_message
from scripts.propagate.origins import ANSWERS_FILE, is_plain, made_from
from scripts.propagate.recorded import Recorded, parse
from scripts.propagate.results import Result
from scripts.propagate.templates import Template

BRANCH = "copier-update"


def update_repository(url: str, template: Template, scratch: Path) -> Result:
    """Update a repository, push its branch if that is not there yet, and return what happened.

    Raises:
        Failed: with the reason; the repository is as it was.
    """
    clone = Clone(url, BRANCH, scratch / "repository")
    recorded = parse(clone.read(ANSWERS_FILE) or "{}")
    result = Result(url, branch=BRANCH, old=recorded.version)
    if not template.made(recorded.source):
        return dataclasses.replace(result, status="refused", reason=made_from(recorded.source))
    if is_newer(recorded.version, template.version):
        return dataclasses.replace(result, status="current", reason="newer than that")
    if recorded.version == template.version and not template.moved(recorded.source):
        return dataclasses.replace(result, status="current")
    result = dataclasses.replace(result, new=template.version)
    if clone.foreign_tip():
        return dataclasses.replace(result, status="kept", reason=clone.kept())
    message, commit = earlier_message(clone, recorded, template), clone.tip
    if not message:
        message, commit = make_update(clone, template, recorded)
    texts = split_message(message)
    return dataclasses.replace(
        result,
        status="conflict" if texts["conflicts"] else "updated",
        draft=bool(texts["conflicts"]),
        commit=commit,
        pushed=clone.push(commit),
        **texts,
    )


def is_newer(ours: str, wanted: str) -> bool:
    """Whether a repository is ahead of a version."""
    first, second = changelog.version(ours), changelog.version(wanted)
    return bool(first and second and first > second)


def earlier_message(clone: Clone, recorded: Recorded, template: Template) -> str:
    """The message at the tip of the branch, if an earlier run has made this very update."""
    if not clone.tip:
        return ""
    message = clone.message_of(clone.tip)
    done = f"\n{UPDATE}: {recorded.version}..{template.version}\n" in message
    parents = re.findall("(?m)^parent (.+)$", clone.header_of(clone.tip))
    return message if done and parents == [clone.base] else ""


def make_update(clone: Clone, template: Template, recorded: Recorded) -> tuple[str, str]:
    """Run Copier, commit what it makes, and return the commit's message and the commit.

    Raises:
        Failed: with the reason.
    """
    clone.checkout()
    # Copier updates from where the answers say, and only what is committed.
    answers = clone.folder / ANSWERS_FILE
    answers.write_text(recorded.written(template.url))
    # A link in the place of a template's file is a conflict where the template changes the file.
    # Copier would keep the link and not say so.
    links = clone.links()
    named = clone.commit("Name the template", template.seconds, as_files=links)
    clone.git("reset", "--quiet", named)
    copying.update(template, clone)
    if is_plain(recorded.source) and not template.moved(recorded.source):
        # Its owner may reach the template by this URL alone.
        text, line = answers.read_text(), f"\n_src_path: {template.url}\n"
        answers.write_text(text.replace(line, f"\n_src_path: {recorded.source}\n"))
    rejected = {**unmerged(clone), **deleted(clone, template, recorded)}
    clone.restore([*rejected, *(link.partition("\t")[2] for link in links)])
    message = update_message(template, recorded.version, rejected)
    commit = clone.commit(message, template.seconds)
    refuse_markers(clone, commit)
    return message, commit


def unmerged(clone: Clone) -> dict[str, str]:
    """The files that both sides have changed, each with what the template changes there."""
    blobs: dict[str, dict[str, str]] = {}
    for line in clone.paths("ls-files", "--unmerged"):
        entry, path = line.split("\t", 1)
        _, blob, stage = entry.split()
        blobs.setdefault(path, {})[stage] = blob
    nothing = clone.git("hash-object", "-w", "--stdin").strip() if blobs else ""
    return {
        path: clone.git("diff", stages.get("1", nothing), stages.get("3", nothing))
        for path, stages in blobs.items()
    }


def deleted(clone: Clone, template: Template, recorded: Recorded) -> dict[str, str]:
    """The files that the template no longer has and the repository has changed.

    Copier deletes them without a word, and with them the lines of the repository.
    """
    gone = clone.paths("diff", "--name-only", "--diff-filter=D", "--no-renames", clone.base)
    if not gone:
        return {}
    before = clone.folder.parent / "before"
    copying.copy(template, clone, before, recorded.version, recorded.answers)
    return {
        path: ""
        for path in gone
        if not (before / path).is_file()
        or clone.git("rev-parse", f"{clone.base}:{path}").strip()
        != clone.git("hash-object", "--no-filters", str(before / path)).strip()
    }


def refuse_markers(clone: Clone, commit: str) -> None:
    """Make sure that a commit adds neither conflict markers nor rejected files.

    Raises:
        Failed: it does.
    """
    added = clone.git("diff", "--unified=0", clone.base, commit)
    markers = re.search("(?m)^\\+(<{7} before|>{7} after) updating$", added)
    if markers or re.search(r"(?m)^\+\+\+ .*\.rej$", added):
        raise Failed("Copier left a conflict that git does not know of")
