"""Bring a version of this template to the repositories that were made from it.

usage: python -m scripts.propagate update [options] REPOSITORY …
       python -m scripts.propagate find [options] OWNER [NAME …]

`update` runs `copier update --defaults`, without trust, in a shallow clone of each repository (a
URL or a path), and pushes the result as one commit on the branch `copier-update`. What it commits
depends on nothing but the repository and the template, so a second run changes nothing and a run
that was killed can be started again. `find` prints the repositories of an owner on GitHub that were
made from this template, as a matrix for a workflow.

What happens to a repository:

  updated   the branch holds the update
  current   there was nothing to do
  conflict  the branch holds the update, but the files on both sides of a conflict are left as the
            repository has them; they are named, and what the template changes there is shown
  kept      somebody has committed to the branch: it is left alone
  refused   it was not made from this template
  failed    the reason is given, and nothing was pushed

The template's versions come from the tags of this clone. Ends with 1 if any repository was refused
or has failed.
"""

import argparse
import dataclasses
import json
import math
import multiprocessing
import multiprocessing.connection
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts import changelog

ROOT = Path(__file__).parent.parent
ANSWERS = ".copier-answers.yml"
BRANCH = "copier-update"
# As Copier itself commits. A tip of the branch that another has committed is never replaced.
COMMITTER = "Copier <copier@copier>"
# The trailers of the commit: what it updates, and a line for each conflict.
UPDATE, CONFLICT = "Template-Update", "Template-Conflict"
# A workflow's matrix has at most 256 jobs: https://docs.github.com/actions/reference/limits
MATRIX = 256
# A pull request's text has at most 65536 characters; a diff longer than this is not read there.
TEXT, DIFF = 60000, 4000

ENVIRONMENT = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}

# Asks the repositories themselves. The code search ends at 1000 results, answers ten requests a
# minute, and does not index a repository that nobody has touched for a year.
QUERY = f"""
query($owner: String!, $endCursor: String) {{
  repositoryOwner(login: $owner) {{
    repositories(first: 100, after: $endCursor, ownerAffiliations: OWNER) {{
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        name
        isArchived
        isFork
        answers: object(expression: "HEAD:{ANSWERS}") {{ ... on Blob {{ text }} }}
      }}
    }}
  }}
}}
"""


class Failed(Exception):
    """A command failed; the text says why, in one line."""


@dataclasses.dataclass(frozen=True)
class Template:
    """The version of the template that the repositories shall have."""

    url: str
    version: str
    seconds: int
    changelog: str
    moved_from: str | None

    def made(self, source: str) -> bool:
        """Whether a repository with this `_src_path` was made from this template."""
        return identity(source) == identity(self.url) or self.moved(source)

    def moved(self, source: str) -> bool:
        """Whether it was made from where the template has been before."""
        return self.moved_from is not None and identity(source) == identity(self.moved_from)


@dataclasses.dataclass
class Result:
    """What happened to one repository, as `--report` writes it."""

    repository: str
    status: str = "failed"
    reason: str = ""
    old: str = ""
    new: str = ""
    conflicts: list[str] = dataclasses.field(default_factory=list)
    commit: str = ""
    pushed: bool = False
    title: str = ""
    body: str = ""
    pull_request: str = ""

    def __str__(self) -> str:
        """One line for people."""
        versions = f"{self.old} → {self.new}" if self.new and self.old != self.new else self.old
        words = [f"{self.status:<9}{self.repository}", versions, ", ".join(self.conflicts)]
        return "  ".join(filter(None, [*words, self.reason, self.pull_request]))


def run(*command: str | Path, cwd: Path | None = None, stdin: str = "", **variables: str) -> str:
    """Run a command and return what it prints.

    Raises:
        Failed: it ended with an error, or is not there.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**ENVIRONMENT, **variables},
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except OSError as error:
        raise Failed(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        told = [line for line in lines if re.match(r"fatal:|error:|! \[", line)]
        said = (told or lines[-1:] or [f"ended with {done.returncode}"])[0]
        raise Failed(f"{command[0]}: {said}")
    return done.stdout


def identity(url: str) -> str:
    """A repository's host, owner and name, whichever way its URL is spelled."""
    url = re.sub(r"^gh:/?", "https://github.com/", url)
    url = re.sub(r"^gl:/?", "https://gitlab.com/", url)
    url = re.sub(r"^(git\+)?(https?|ssh|git)://([^@/]+@)?", "", url)
    url = re.sub(r"^[\w.-]+@([\w.-]+):", r"\1/", url)
    return url.rstrip("/").removesuffix(".git").lower()


def answer(answers: str, key: str) -> str:
    """A value of Copier's answers file that Copier itself has written, such as `_commit`."""
    found = re.search(rf"(?m)^{key}: *(['\"]?)(.+?)\1 *$", answers)
    return found[2] if found else ""


class Repository:
    """A shallow clone of a repository, and what becomes of it."""

    def __init__(self, url: str, template: Template, folder: Path) -> None:
        """Use an empty folder for the clone."""
        self.url = Path(url).resolve().as_uri() if Path(url).exists() else url
        self.template = template
        self.folder = folder
        self.result = Result(url)

    def git(self, *arguments: str, **options: str) -> str:
        """Run git in the clone, without the hooks that somebody has for all repositories."""
        command = ("git", "-c", f"core.hooksPath={os.devnull}")
        return run(*command, *arguments, cwd=self.folder, **options)

    def paths(self, *arguments: str) -> list[str]:
        """The paths that a git command prints."""
        return [path for path in self.git(*arguments, "-z").split("\0") if path]

    def update(self) -> None:
        """Update the repository, and push its branch if that is not there yet.

        Raises:
            Failed: with the reason; the repository is as it was.
        """
        self.git("init", "--quiet")
        here = "refs/propagate"
        # One connection for both: the asterisk lets the branch be missing.
        branches = f"+refs/heads/{BRANCH}*:{here}/{BRANCH}*"
        self.git("fetch", "-q", "--depth=1", "--no-tags", self.url, f"+HEAD:{here}/base", branches)
        self.base = self.git("rev-parse", f"{here}/base").strip()
        tips = self.git("for-each-ref", "--format=%(objectname)", f"{here}/{BRANCH}").split()
        self.tip = tips[0] if tips else ""

        result, template = self.result, self.template
        try:
            answers = self.git("show", f"{self.base}:{ANSWERS}")
        except Failed:
            answers = ""
        source, result.old = answer(answers, "_src_path"), answer(answers, "_commit")
        if not template.made(source):
            result.status = "refused"
            result.reason = f"made from {source}" if source else f"no _src_path in {ANSWERS}"
            return
        ours, wanted = changelog.version(result.old), changelog.version(template.version)
        moved = template.moved(source)
        if ours and wanted and (ours > wanted or (result.old == template.version and not moved)):
            result.status = "current"
            result.reason = "newer than that" if ours > wanted else ""
            return

        result.new = template.version
        message = ""
        if self.tip:
            head, _, message = self.git("cat-file", "commit", self.tip).partition("\n\n")
            if f"\ncommitter {COMMITTER} " not in head:
                result.status = "kept"
                result.reason = f"somebody has committed to {BRANCH}: merge it or delete it"
                return
            done = f"\n{UPDATE}: {result.old}..{result.new}\n" in message
            if not done or re.findall("(?m)^parent (.+)$", head) != [self.base]:
                message = ""
        if message:
            result.commit = self.tip
        else:
            message = self.commit(answers, moved)
            self.push()
        text, _, trailers = message.rstrip().rpartition("\n\n")
        result.title, _, result.body = text.partition("\n\n")
        result.conflicts = re.findall(rf"(?m)^{CONFLICT}: (.+)$", trailers)
        result.status = "conflict" if result.conflicts else "updated"

    def commit(self, answers: str, moved: bool) -> str:
        """Run Copier, commit what it makes, and return the commit's message.

        Raises:
            Failed: with the reason.
        """
        import copier

        self.git("checkout", "--quiet", "--detach", self.base)
        if moved:
            # Copier updates from where the answers say, and only what is committed.
            changed = re.sub("(?m)^_src_path: .*$", f"_src_path: {self.template.url}", answers)
            (self.folder / ANSWERS).write_text(changed)
            self.write(self.base, "Follow the template to where it is now")
            self.git("reset", "--quiet", self.result.commit)
        copier.run_update(
            self.folder,
            defaults=True,
            overwrite=True,
            quiet=True,
            unsafe=False,
            vcs_ref=self.template.version,
        )
        rejected = {**self.unmerged(), **self.deleted(answers)}
        if rejected:
            self.git("checkout", "--quiet", self.base, "--", *rejected)
        message = self.message(rejected)
        self.write(self.base, message)
        added = self.git("diff", "--unified=0", self.base, self.result.commit)
        if re.search("(?m)^\\+(<{7} before|>{7} after) updating$", added) or re.search(
            r"(?m)^\+\+\+ .*\.rej$", added
        ):
            raise Failed("Copier left a conflict that git does not know of")
        return message

    def unmerged(self) -> dict[str, str]:
        """The files that both sides have changed, each with what the template changes there."""
        blobs: dict[str, dict[str, str]] = {}
        for line in self.paths("ls-files", "--unmerged"):
            entry, path = line.split("\t", 1)
            _, blob, stage = entry.split()
            blobs.setdefault(path, {})[stage] = blob
        nothing = self.git("hash-object", "-w", "--stdin").strip() if blobs else ""
        return {
            path: self.git("diff", found.get("1", nothing), found.get("3", nothing))
            for path, found in blobs.items()
        }

    def deleted(self, answers: str) -> dict[str, str]:
        """The files that the template no longer has and the repository has changed.

        Copier deletes them without a word, and with them the lines of the repository.
        """
        import copier

        gone = self.paths("diff", "--name-only", "--diff-filter=D", "--no-renames", self.base)
        if not gone:
            return {}
        before = self.folder.parent / "before"
        (self.folder.parent / "answers.yml").write_text(answers)
        copier.run_copy(
            self.template.url,
            before,
            data={key: value for key, value in self.recorded().items() if key[0] != "_"},
            defaults=True,
            quiet=True,
            unsafe=False,
            vcs_ref=self.result.old,
        )
        return {
            path: ""
            for path in gone
            if not (before / path).is_file()
            or self.git("rev-parse", f"{self.base}:{path}").strip()
            != self.git("hash-object", "--no-filters", str(before / path)).strip()
        }

    def recorded(self) -> dict[str, object]:
        """The answers that the repository has recorded."""
        import yaml

        found: dict[str, object] = yaml.safe_load(self.git("show", f"{self.base}:{ANSWERS}"))
        return found

    def message(self, rejected: dict[str, str]) -> str:
        """The message of the commit, which is the text of the pull request too."""
        old, new = self.result.old, self.template.version
        title = f"Update the template from {old} to {new}"
        if old == new:
            title = f"Follow the template to {self.template.url}"
        news = changelog.between(self.template.changelog, old, new)
        conflicts = ""
        for path, diff in rejected.items():
            hunks = diff[diff.find("@@") :] if "@@" in diff else ""
            if len(hunks) > DIFF:
                hunks = f"{hunks[:DIFF].rpartition(chr(10))[0]}\n… and more\n"
            fence = max(["``", *re.findall("`{3,}", hunks)], key=len) + "`"
            told = (
                "the template changes it so:" if diff else "the template no longer has this file."
            )
            conflicts += f"- `{path}`: {told}\n"
            conflicts += f"\n{fence}diff\n{hunks}{fence}\n" if hunks else ""
        if conflicts:
            conflicts = f"""\
**Not taken**: these files belong to the template but were changed here, on the same lines. This
branch leaves them as they are. Bring the change in by hand, or give up the lines that are yours,
before you merge: no later update repeats it.

{conflicts}
"""
        text = f"{title}\n\n{conflicts}{news}"[:TEXT].rstrip()
        trailers = "".join(f"{CONFLICT}: {path}\n" for path in rejected)
        return f"{text}\n\n{UPDATE}: {old}..{new}\n{trailers}"

    def write(self, parent: str, message: str) -> None:
        """Commit the folder as it is; the same folder gives the same commit."""
        self.git("add", "--all")
        tree = self.git("write-tree").strip()
        # The later of two dates that do not depend on the run.
        dated = int(self.git("show", "--no-patch", "--format=%ct", parent))
        who = dict(zip(("NAME", "EMAIL"), COMMITTER.rstrip(">").split(" <"), strict=True))
        who["DATE"] = f"@{max(dated, self.template.seconds)} +0000"
        both = {f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who}
        command = ("commit-tree", "--no-gpg-sign", "-p", parent, tree)
        self.result.commit = self.git(*command, stdin=message, **both).strip()

    def push(self) -> None:
        """Push the commit, unless the branch has moved since it was fetched.

        Raises:
            Failed: the repository does not take it.
        """
        head = f"refs/heads/{BRANCH}"
        lease = f"--force-with-lease={head}:{self.tip}"
        if self.result.commit != self.tip:
            self.git("push", "--quiet", lease, self.url, f"{self.result.commit}:{head}")
            self.result.pushed = True

    def pull_request(self) -> None:
        """Open the pull request of the branch, or refresh it; a draft if there are conflicts.

        Raises:
            Failed: GitHub does not take it.
        """
        result = self.result
        draft = bool(result.conflicts)
        here = ("--repo", self.url)
        fields = "number,url,state,isDraft,title,body,headRefOid"
        listed = ("--head", BRANCH, "--state", "all", "--json", fields)
        found = json.loads(run("gh", "pr", "list", *here, *listed))
        texts = ("--title", result.title, "--body-file", "-")
        for one in found:
            if one["state"] == "OPEN":
                result.pull_request = one["url"]
                number = str(one["number"])
                # GitHub may store lines as its web form sends them.
                body = one["body"].replace("\r\n", "\n").strip()
                if (one["title"], body) != (result.title, result.body.strip()):
                    run("gh", "pr", "edit", number, *here, *texts, stdin=result.body)
                if one["isDraft"] != draft:
                    run("gh", "pr", "ready", number, *here, *(["--undo"] if draft else []))
                return
        for one in found:
            if one["state"] == "CLOSED" and one["headRefOid"] == result.commit:
                result.reason = f"somebody has closed {one['url']}"
                return
        options = ["--head", BRANCH, *(["--draft"] if draft else [])]
        made = run("gh", "pr", "create", *here, *options, *texts, stdin=result.body)
        result.pull_request = made.strip()


def work(
    url: str,
    template: Template,
    scratch: Path,
    pull_requests: bool,
    answer: multiprocessing.connection.Connection,
) -> None:
    """Update one repository in a process of its own, for Copier changes the working directory."""
    os.environ["COPIER_CACHE_DIR"] = str(scratch.with_suffix(".cache"))
    tempfile.tempdir = str(scratch)
    repository = Repository(url, template, scratch / "repository")
    repository.folder.mkdir()
    result = repository.result
    try:
        repository.update()
        if pull_requests and result.title:
            repository.pull_request()
    except Exception as error:  # noqa: BLE001  # whatever it is, the others go on
        result.status = "failed"
        if isinstance(error, Failed):
            result.reason = str(error)
        else:
            # Copier raises errors of many kinds; the last line is the one that says it.
            lines = [line.strip(" |") for line in str(error).splitlines() if line.strip(" |")]
            result.reason = f"{type(error).__name__}: {lines[-1] if lines else ''}".rstrip(": ")
            if os.environ.get("PROPAGATE_DEBUG"):
                traceback.print_exc()
    answer.send(result)


def work_all(
    urls: Sequence[str], template: Template, scratch: Path, pull_requests: bool, jobs: int
) -> Iterator[Result]:
    """Update repositories, some at a time, and yield what happened to each as it ends."""
    # Without threads, so that to fork is safe; and a fork has Copier imported already.
    fork = multiprocessing.get_context("fork")
    waiting = list(reversed(urls))
    free = [scratch / f"job-{number}" for number in range(jobs)]
    running: dict[int, tuple[str, Path, multiprocessing.connection.Connection]] = {}
    processes = {}
    while waiting or running:
        while waiting and free:
            url, folder = waiting.pop(), free.pop()
            folder.mkdir()
            ours, theirs = fork.Pipe(duplex=False)
            process = fork.Process(target=work, args=(url, template, folder, pull_requests, theirs))
            process.start()
            theirs.close()
            running[process.sentinel] = (url, folder, ours)
            processes[process.sentinel] = process
        connections = [ours for _, _, ours in running.values()]
        for ready in multiprocessing.connection.wait(connections):
            [sentinel] = [key for key, value in running.items() if value[2] is ready]
            url, folder, ours = running.pop(sentinel)
            process = processes.pop(sentinel)
            try:
                result: Result = ours.recv()
            except EOFError:
                process.join()
                result = Result(url, reason=f"its process ended with {process.exitcode}")
            process.join()
            ours.close()
            shutil.rmtree(folder)
            free.append(folder)
            yield result


def prepare(options: argparse.Namespace, scratch: Path) -> Template:
    """Find the version in this clone, and let Copier take the template from here.

    Raises:
        Failed: this clone has no such version.
    """
    if run("git", "rev-parse", "--is-shallow-repository", cwd=ROOT).strip() == "true":
        raise Failed("this clone lacks older versions: git fetch --unshallow --tags")
    tags = {
        number: tag
        for tag in run("git", "tag", "--list", cwd=ROOT).split()
        if (number := changelog.version(tag))
    }
    version = options.to or (tags[max(tags)] if tags else "")
    if version not in tags.values():
        known = ", ".join(tags[number] for number in sorted(tags)) or "none"
        raise Failed(f"{version or 'a version'}: no such tag in this clone, which has {known}")
    folder = scratch / "template.git"
    run("git", "clone", "--quiet", "--mirror", "--no-hardlinks", ROOT.resolve().as_uri(), folder)
    url = options.template or run("git", "remote", "get-url", "origin", cwd=ROOT).strip()
    # Copier fetches a template three times for each update: from this clone instead. With .git, as
    # Copier completes them, for what follows a prefix stays.
    host, _, path = identity(url).partition("/")
    spellings = [url, f"https://{host}/{path}", f"git@{host}:{path}", f"ssh://git@{host}/{path}"]
    if options.moved_from:
        spellings.append(options.moved_from)
    variables = {"GIT_CONFIG_COUNT": str(len(spellings))}
    for index, spelling in enumerate(spellings):
        variables[f"GIT_CONFIG_KEY_{index}"] = f"url.{folder.as_uri()}.insteadOf"
        variables[f"GIT_CONFIG_VALUE_{index}"] = f"{spelling.removesuffix('.git')}.git"
    os.environ.update(variables)
    return Template(
        url=url,
        version=version,
        seconds=int(run("git", "log", "-1", "--format=%ct", version, cwd=ROOT)),
        changelog=run("git", "show", f"{version}:CHANGELOG.md", cwd=ROOT),
        moved_from=options.moved_from,
    )


def update(options: argparse.Namespace) -> bool:
    """Update the repositories, say what happened, and return whether all is well."""
    results = []
    report = options.report.open("w") if options.report else None
    with tempfile.TemporaryDirectory(prefix="propagate-", ignore_cleanup_errors=True) as name:
        template = prepare(options, Path(name))
        # Here, once for all processes; it reads the environment that `prepare` has set.
        import copier  # noqa: F401

        urls = list(dict.fromkeys(options.repositories))
        jobs = min(options.jobs, len(urls))
        for result in work_all(urls, template, Path(name), options.pull_requests, jobs):
            print(result, flush=True)
            results.append(result)
            if report:
                print(json.dumps(dataclasses.asdict(result)), file=report, flush=True)
    kinds = [result.status for result in results]
    print(", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))))
    return not {"failed", "refused"} & set(kinds)


def find(options: argparse.Namespace) -> bool:
    """Print the repositories of an owner that were made from this template, for a matrix.

    Raises:
        Failed: GitHub does not answer, or a name is none.
    """
    names = [name.removeprefix(f"{options.owner}/") for name in options.names]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
            raise Failed(f"{name}: not a repository of {options.owner}")
    if not names:
        url = options.template or run("git", "remote", "get-url", "origin", cwd=ROOT).strip()
        sources = {identity(url), identity(options.moved_from or url)}
        query = ("--raw-field", f"query={QUERY}", "--raw-field", f"owner={options.owner}")
        pages = run("gh", "api", "graphql", "--paginate", *query).strip()
        while pages:  # one document after another
            page, end = json.JSONDecoder().raw_decode(pages)
            pages = pages[end:].strip()
            names += [
                node["name"]
                for node in page["data"]["repositoryOwner"]["repositories"]["nodes"]
                # A fork takes updates from where it was forked.
                if not (node["isArchived"] or node["isFork"])
                and identity(answer((node["answers"] or {}).get("text") or "", "_src_path"))
                in sources
            ]
    names = sorted(dict.fromkeys(names))
    size = math.ceil(len(names) / MATRIX) or 1
    print(json.dumps([",".join(names[at : at + size]) for at in range(0, len(names), size)]))
    return True


def main(arguments: Sequence[str]) -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(
        prog="propagate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="update|find")
    both = argparse.ArgumentParser(add_help=False)
    both.add_argument("--template", metavar="URL", help="the template's URL (default: origin's)")
    both.add_argument("--moved-from", metavar="URL", help="where the template has been before")
    command = commands.add_parser("update", parents=[both], help="update repositories")
    command.set_defaults(command=update)
    command.add_argument("--to", metavar="VERSION", help="its tag (default: the newest version)")
    command.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    command.add_argument("--pull-requests", action="store_true", help="open them, with gh")
    command.add_argument("--report", type=Path, metavar="FILE", help="write the results as JSON")
    command.add_argument("repositories", nargs="+", metavar="REPOSITORY")
    command = commands.add_parser("find", parents=[both], help="find repositories on GitHub")
    command.set_defaults(command=find)
    command.add_argument("owner", metavar="OWNER")
    command.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args(arguments)
    try:
        well = options.command(options)
    except Failed as error:
        sys.exit(f"propagate: {error}")
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
