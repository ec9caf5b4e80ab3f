"""Bring a version of this template to repositories.

usage: python -m scripts.propagate update [options] REPOSITORY …
       python -m scripts.propagate find [options] OWNER [NAME …]
       python -m scripts.propagate adopt [options] REPOSITORY …

A repository is a URL or a path. No code of any repository runs, because Copier runs without trust.

`update` runs `copier update --defaults` in a shallow clone of each repository that was made from
the template, and pushes the result as one commit on the branch `copier-update`.

`find` prints the repositories of an owner on GitHub that were made from the template, as a matrix
for a workflow.

`adopt` runs `copier copy --defaults` in a shallow clone of each repository that was not made from
the template, and pushes the result as one commit on the branch `copier-adopt`. The project's own
files stay as they are. The text says what remains to be done by hand. Answers come from
`--data-file`, and then from the repository: its URL, metadata (pyproject.toml, setup.cfg, setup.py,
Poetry's tables), README, licence and Git log.

What `update` and `adopt` commit depends only on the repository, the template and the answers. So a
second run changes nothing, and a run that was killed can be started again.

What happens to a repository:

  updated   the branch holds the update
  adopted   the branch holds the template's files
  current   there was nothing to do
  conflict  the branch holds the update, but the files on both sides of a conflict are left as the
            repository has them; the text names them and shows what the template changes there
  kept      somebody has committed to the branch: it is left alone
  refused   it was made from another template, or for `update` from none
  failed    the reason is given, and nothing was pushed

The template's versions come from the tags of this clone. Each repository has ten minutes, and limits
of memory and size. The command exits with 1 if any repository was refused or has failed. With
PROPAGATE_DEBUG=1 in the environment it also prints the traceback of each failure.
"""

import argparse
import dataclasses
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.propagate import finding, processes, templates
from scripts.propagate.commands import Failed
from scripts.propagate.results import Result, printable


def read_data_file(file: Path | None) -> dict[str, Any]:
    """The organisation's answers in a file of YAML.

    Raises:
        Failed: it cannot be read, or is not a list of answers.
    """
    import yaml

    try:
        answers = yaml.safe_load(file.read_text()) if file else {}
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise Failed(f"{file}: {' '.join(str(error).split())}") from error
    if not isinstance(answers, dict):
        raise Failed(f"{file}: write one answer per line, such as github_owner: acme-org")
    return answers


def make_task(
    options: argparse.Namespace, template: templates.Template, answers: dict[str, Any]
) -> processes.Task:
    """What is to be done to each repository."""
    from scripts.propagate import adopting, pull_requests, updating  # `find` runs without Copier

    def task(url: str, folder: Path) -> Result:
        if options.command == "adopt":
            result = adopting.adopt_repository(url, template, answers, folder)
        else:
            result = updating.update_repository(url, template, folder)
        return pull_requests.offer(result) if options.pull_requests and result.title else result

    return task


def change(options: argparse.Namespace) -> bool:
    """Update or adopt repositories, say what happened, and return whether all is well."""
    results: list[Result] = []
    report = options.report.open("w") if options.report else None
    answers = read_data_file(options.data_file)
    with tempfile.TemporaryDirectory(prefix="propagate-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        template = templates.load(options.template, options.to, options.moved_from, scratch)

        task = make_task(options, template, answers)
        urls = list(dict.fromkeys(options.repositories))
        for result in processes.work_all(urls, task, scratch, min(options.jobs, len(urls))):
            result = dataclasses.replace(result, repository=printable(result.repository))
            print(result, flush=True)
            results.append(result)
            if report:
                print(json.dumps(dataclasses.asdict(result)), file=report, flush=True)
    kinds = [result.status for result in results]
    print(", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))))
    return not {"failed", "refused"} & set(kinds)


def find(options: argparse.Namespace) -> bool:
    """Print the repositories that are named, or all that were made from the template."""
    names = finding.check_names(options.owner, options.names)
    if not names:
        url = options.template or templates.default_url()
        names = finding.find_names(options.owner, [url, options.moved_from or url])
    print(json.dumps(finding.matrix(names)))
    return True


def positive(text: str) -> int:
    """A number of processes.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: write a whole number, 1 or greater")
    return int(text)


def command_line() -> argparse.ArgumentParser:
    """The commands and their options."""
    parser = argparse.ArgumentParser(
        prog="propagate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, dest="command", metavar="update|find|adopt")

    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--template", metavar="URL", help="the template's URL (default: origin's)")
    every.add_argument("--moved-from", metavar="URL", help="where the template was before")

    changing = argparse.ArgumentParser(add_help=False)
    changing.set_defaults(run=change, data_file=None)
    changing.add_argument("--to", metavar="VERSION", help="its tag (default: the newest version)")
    cores = os.cpu_count() or 1
    changing.add_argument(
        "--jobs",
        type=positive,
        default=cores,
        help="number of repositories to process at a time",
    )
    changing.add_argument("--pull-requests", action="store_true", help="open them, with gh")
    changing.add_argument("--report", type=Path, metavar="FILE", help="write the results as JSON")
    changing.add_argument("repositories", nargs="+", metavar="REPOSITORY")

    commands.add_parser("update", parents=[every, changing], help="update repositories")
    adopt = commands.add_parser("adopt", parents=[every, changing], help="adopt repositories")
    adopt.add_argument(
        "--data-file", type=Path, metavar="FILE", help="answers for all of them, as YAML"
    )
    search = commands.add_parser("find", parents=[every], help="find repositories on GitHub")
    search.set_defaults(run=find)
    search.add_argument("owner", metavar="OWNER")
    search.add_argument("names", nargs="*", metavar="NAME")
    return parser


def main(arguments: Sequence[str]) -> None:
    """Read the command line and do what it says."""
    options = command_line().parse_args(arguments)
    try:
        well = options.run(options)
    except Failed as error:
        sys.exit(f"propagate: {error}")
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main(sys.argv[1:])
