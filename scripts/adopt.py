"""Bring the template into the repository of an existing program.

usage: adopt [--defaults] [FOLDER]

It answers the template's questions from what is there, and says why. You are asked the questions, with
these answers as defaults, or with --defaults only those that nothing answers. Then it does what
docs/adopting.md describes, lists what is left to do, and writes uv.lock. Nothing is committed.
"""

import argparse
import json
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from scripts.answers import distribution_name, explain, git
from scripts.packages_for_tests import from_tests
from scripts.project_table import write_project

ROOT = Path(__file__).parent.parent
# The questions without a default.
NEEDED = ("description", "github_owner", "author_name")


def template() -> str:
    """The template that this is of: the URL that it was installed from, or the clone that it runs in."""
    try:
        text = distribution("copier-pyinstaller-ghcr").read_text("direct_url.json")
    except PackageNotFoundError:
        text = None
    installed = json.loads(text or "{}")
    if "vcs_info" not in installed:
        return str(ROOT)
    url = str(installed["url"])
    # Copier takes an address for a repository's if it ends like one.
    return (
        url2pathname(urlsplit(url).path)
        if url.startswith("file:")
        else url.removesuffix(".git") + ".git"
    )


def check(folder: Path) -> None:
    """Refuse a folder whose changes could not be told from the template's.

    Raises:
        SystemExit: it is not a repository's top, has changes, or a name that Copier cannot read.
    """
    command = ["git", "rev-parse", "--show-toplevel"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode or Path(result.stdout.strip()) != folder.resolve():
        sys.exit(
            f"adopt: {folder}: run it at the top of a Git repository\n{result.stderr}".rstrip()
        )
    if git(folder, "status", "--porcelain"):
        sys.exit(f"adopt: {folder}: commit or stash first, so that `git diff` shows what changes")
    names = git(folder, "ls-files", "-z").split("\0")
    if wrong := [name for name in names if "\ufffd" in name]:
        sys.exit(f"adopt: {folder}: rename {wrong[0]}, and commit: its name is not UTF-8")


def ignore(folder: Path) -> None:
    """Add to .gitignore what `make` makes."""
    names = [f"{name}/" for name in (".freezer", ".venv", "build", "dist")]
    file = folder / ".gitignore"
    missing = [name for name in names if not git(folder, "check-ignore", f"{name}x")]
    if missing:
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        end = "" if text.endswith("\n") or not text else "\n"
        file.write_text(text + end + "\n".join(missing) + "\n", encoding="utf-8")


def lists_pytest(file: Path) -> bool:
    """Whether a group or an extra of the project in a uv.lock does: then `make test` installs that."""
    packages = tomllib.loads(file.read_text(encoding="utf-8")).get("package", [])
    own = [
        one for one in packages if {"editable": ".", "virtual": "."}.items() & one["source"].items()
    ]
    groups = [
        {**one.get("dev-dependencies", {}), **one.get("optional-dependencies", {})} for one in own
    ]
    return any(
        "pytest" in (one["name"] for one in listed) for group in groups for listed in group.values()
    )


def lock(folder: Path) -> None:
    """Write uv.lock, if there is none, and let Git see what a .gitignore hides."""
    from uv import find_uv_bin

    uv, file = find_uv_bin(), folder / "uv.lock"
    if (folder / "pyproject.toml").is_file() and not file.is_file():
        subprocess.run([uv, "lock"], cwd=folder, check=False)
    needed, source = from_tests(folder)
    if needed and file.is_file() and not lists_pytest(file):
        print(
            f"pyproject.toml gets a group dev with the packages that {source} lists. "
            "`make test` installs them.",
            flush=True,
        )
        subprocess.run(
            [uv, "add", "--quiet", "--no-sync", "--dev", *needed], cwd=folder, check=False
        )
    for name in ("uv.lock", *(path.name for path in folder.glob("*.spec"))):
        if git(folder, "check-ignore", name):
            git(folder, "add", "--force", "--intent-to-add", name)


def main() -> None:
    """Adopt the template."""
    import copier

    parser = argparse.ArgumentParser(
        "adopt",
        usage=argparse.SUPPRESS,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--defaults", action="store_true", help="ask nothing that has an answer")
    parser.add_argument("--data", action="append", default=[], metavar="NAME=ANSWER")
    parser.add_argument("folder", nargs="?", type=Path, default=Path())
    options = parser.parse_args()
    folder: Path = options.folder
    check(folder)
    recorded = folder / ".copier-answers.yml"
    try:
        data = dict(one.split("=", 1) for one in options.data)
        answers = explain(folder)
        for key, (value, reason) in answers.items():
            print(f"{key}: {value}  ({reason})", flush=True)
        known = {*answers, *data}
        missing = [f"--data {key}=ANSWER" for key in NEEDED if key not in known]
        if options.defaults and missing:
            sys.exit(
                f"adopt: {folder}: nothing in it answers these questions: add {' '.join(missing)}"
            )
        write_project(folder, distribution_name(folder) or answers["project_name"].value)
        copier.run_copy(
            template(),
            folder,
            user_defaults={key: answer.value for key, answer in answers.items()},
            data=data,
            # Another template may have made the repository.
            answers_file=".copier-answers.pyinstaller.yml" if recorded.exists() else None,
            defaults=options.defaults,
            overwrite=True,
            unsafe=False,
        )
    except ValueError as error:
        sys.exit(f"adopt: {folder}: {error}")
    ignore(folder)
    lock(folder)
    if (folder / "uv.lock").is_file():
        print("The step about uv.lock and .gitignore is done.", flush=True)


if __name__ == "__main__":
    main()
