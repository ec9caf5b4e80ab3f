"""Keep a version of the template, and what it generates, for the upgrade tests of all later versions.

usage: python -m tools.golden VERSION

Writes tests/update/golden/VERSION.bundle, a Git repository in one file. No linter and no bot reads its
files as code of today. The tag VERSION holds the template of the working tree. A branch for each kind
holds a project that it generates. To look inside: git clone --branch app tests/update/golden/VERSION.bundle
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.release import GOLDEN, TEMPLATE
from tools.projects import KINDS, ROOT, redirected

# The template's address in the projects. It does not exist: Git is told to look in a folder instead.
URL = "https://template.example/copier-pyinstaller-ghcr.git"
DATA = {
    "project_name": "My Tool",
    "description": "Greets people.",
    "github_owner": "Acme-Org",
    "author_name": "Ada Lovelace",
}


def environment(template: Path, url: str = URL) -> Mapping[str, str]:
    """An environment in which Git finds a folder at the template's URL, and makes the same commits."""
    who = {
        f"GIT_{role}_{name}": value
        for role in ("AUTHOR", "COMMITTER")
        for name, value in (
            ("NAME", "Ada"),
            ("EMAIL", "ada@example.org"),
            ("DATE", "2026-01-01T00:00Z"),
        )
    }
    cache = {"COPIER_CACHE_DIR": str(template.with_name("cache"))}  # Copier caches by URL
    return {**os.environ, **who, **redirected(url, template), **cache}


def run(*command: str | Path, cwd: Path, env: Mapping[str, str]) -> None:
    """Run a command.

    Raises:
        SystemExit: it fails; with what it printed.
    """
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")


def commit(folder: Path, message: str, env: Mapping[str, str]) -> None:
    """Make a commit of all that is in a folder, and no parent."""
    run("git", "init", "--quiet", "--initial-branch", "main", cwd=folder, env=env)
    run("git", "add", "--all", cwd=folder, env=env)
    run("git", "commit", "--quiet", "--no-gpg-sign", "--message", message, cwd=folder, env=env)


def put_template(folder: Path) -> None:
    """Copy the template's files from the working tree into a folder."""
    listing = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *TEMPLATE)
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, done.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def write(version: str, bundle: Path) -> None:
    """Write the bundle of the working tree as a version."""
    with tempfile.TemporaryDirectory() as work:
        template = Path(work, "template")
        env = environment(template)
        put_template(template)
        commit(template, f"The template {version}", env)
        run("git", "tag", version, cwd=template, env=env)
        for kind, chosen in KINDS.items():
            project = Path(work, kind)
            answers = [f"--data={name}={value}" for name, value in {**DATA, **chosen}.items()]
            copier = (sys.executable, "-m", "copier", "copy", "--defaults", "--quiet")
            run(*copier, *answers, URL, project, cwd=Path(work), env=env)
            commit(project, f"What {version} generates", env)
            run("git", "fetch", "--quiet", project, f"main:{kind}", cwd=template, env=env)
        bundle.parent.mkdir(exist_ok=True)
        create = ("git", "-c", "pack.threads=1", "bundle", "create", "--quiet", bundle.resolve())
        run(*create, version, *KINDS, cwd=template, env=env)


def main(arguments: Sequence[str]) -> None:
    """Write a bundle, unless the version is released."""
    version = arguments[0] if len(arguments) == 1 else ""
    if not re.fullmatch(r"v\d+\.\d+\.\d+", version):
        sys.exit("usage: make golden VERSION=v1.0.0")
    bundle = GOLDEN / f"{version}.bundle"
    tags = subprocess.run(["git", "tag"], cwd=ROOT, capture_output=True, text=True, check=True)
    if bundle.exists() and version in tags.stdout.split():
        sys.exit(f"{version} is released: {bundle.relative_to(ROOT)} holds what it was, and stays.")
    write(version, bundle)
    print(f"{bundle.relative_to(ROOT)}: {bundle.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
