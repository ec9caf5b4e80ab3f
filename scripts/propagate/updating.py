"""Update one repository."""

import re
from pathlib import Path

from scripts import changelog
from scripts.propagate.clones import Clone
from scripts.propagate.commands import Failed
from scripts.propagate.messages import UPDATE, fill_texts, update_message
from scripts.propagate.origins import ANSWERS_FILE, recorded
from scripts.propagate.results import Result
from scripts.propagate.templates import Template

BRANCH = "copier-update"


def update_repository(result: Result, template: Template, scratch: Path) -> None:
    """Update a repository, and push its branch if that is not there yet.

    Raises:
        Failed: with the reason; the repository is as it was.
    """
    result.branch = BRANCH
    clone = Clone(result.repository, BRANCH, scratch / "repository")
    answers = clone.read(ANSWERS_FILE)
    if not needs_update(result, template, answers):
        return
    result.new = template.version
    if clone.foreign_tip():
        clone.keep(result)
        return
    message = earlier_message(clone, result)
    if message:
        result.commit = clone.tip
    else:
        message = make_update(clone, result, template, answers)
        clone.push(result)
    fill_texts(message, result)
    result.draft = bool(result.conflicts)
    result.status = "conflict" if result.conflicts else "updated"


def needs_update(result: Result, template: Template, answers: str) -> bool:
    """Whether a repository is behind the template; where it is not, the result says why."""
    source, result.old = recorded(answers, "_src_path"), recorded(answers, "_commit")
    if not template.made(source):
        result.status = "refused"
        result.reason = f"made from {source}" if source else f"no _src_path in {ANSWERS_FILE}"
        return False
    ours, wanted = changelog.version(result.old), changelog.version(template.version)
    if ours and wanted and ours > wanted:
        result.status, result.reason = "current", "newer than that"
        return False
    if result.old == template.version and not template.moved(source):
        result.status = "current"
        return False
    return True


def earlier_message(clone: Clone, result: Result) -> str:
    """The message at the tip of the branch, if an earlier run has made this very update."""
    if not clone.tip:
        return ""
    message = clone.message_of(clone.tip)
    done = f"\n{UPDATE}: {result.old}..{result.new}\n" in message
    parents = re.findall("(?m)^parent (.+)$", clone.header_of(clone.tip))
    return message if done and parents == [clone.base] else ""


def make_update(clone: Clone, result: Result, template: Template, answers: str) -> str:
    """Run Copier, commit what it makes, and return the commit's message.

    Raises:
        Failed: with the reason.
    """
    import copier  # slow, and `find` runs without it

    clone.git("checkout", "--quiet", "--detach", clone.base)
    if template.moved(recorded(answers, "_src_path")):
        # Copier updates from where the answers say, and only what is committed.
        changed = re.sub("(?m)^_src_path: .*$", f"_src_path: {template.url}", answers)
        (clone.folder / ANSWERS_FILE).write_text(changed)
        clone.git("reset", "--quiet", clone.commit("Follow the template", template.seconds))
    copier.run_update(
        clone.folder,
        defaults=True,
        overwrite=True,
        quiet=True,
        unsafe=False,
        vcs_ref=template.version,
    )
    rejected = {**unmerged(clone), **deleted(clone, template, answers, result.old)}
    if rejected:
        clone.git("checkout", "--quiet", clone.base, "--", *rejected)
    message = update_message(template, result.old, rejected)
    result.commit = clone.commit(message, template.seconds)
    refuse_markers(clone, result.commit)
    return message


def unmerged(clone: Clone) -> dict[str, str]:
    """The files that both sides have changed, each with what the template changes there."""
    blobs: dict[str, dict[str, str]] = {}
    for line in clone.paths("ls-files", "--unmerged"):
        entry, path = line.split("\t", 1)
        _, blob, stage = entry.split()
        blobs.setdefault(path, {})[stage] = blob
    nothing = clone.git("hash-object", "-w", "--stdin").strip() if blobs else ""
    return {
        path: clone.git("diff", found.get("1", nothing), found.get("3", nothing))
        for path, found in blobs.items()
    }


def deleted(clone: Clone, template: Template, answers: str, old: str) -> dict[str, str]:
    """The files that the template no longer has and the repository has changed.

    Copier deletes them without a word, and with them the lines of the repository.
    """
    import copier
    import yaml

    gone = clone.paths("diff", "--name-only", "--diff-filter=D", "--no-renames", clone.base)
    if not gone:
        return {}
    before = clone.folder.parent / "before"
    data = {key: value for key, value in yaml.safe_load(answers).items() if key[0] != "_"}
    copier.run_copy(
        template.url,
        before,
        data=data,
        defaults=True,
        quiet=True,
        unsafe=False,
        vcs_ref=old,
    )
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
