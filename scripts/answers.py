"""Print the answers to the template's questions that an existing project already gives.

usage: python -m scripts.answers FOLDER

It reads the URL of origin, pyproject.toml, setup.cfg, the README and the log of Git, runs no code
of the project, and prints YAML for `copier copy --data-file`. What it does not find it leaves out.
"""

import configparser
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# The choices of copier.yml; the first is its default.
PYTHONS = ("3.14", "3.13", "3.12", "3.11")
LICENSES = {
    "MIT": r"MIT( License)?",
    "Apache-2.0": r"Apache([ -]License)?,?[ -]*(Version )?2(\.0)?|Apache Software License",
    "BSD-3-Clause": r"BSD[ -]3[ -]Clause( License)?",
    "GPL-3.0-or-later": r"GPL-?(3\.0-or-later|v?3\+|3\.0\+)|GPL-3\.0-or-later|"
    r"GNU General Public License v3 or later \(GPLv3\+\)",
}


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints in a folder; nothing if it fails."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def read_pyproject(folder: Path) -> dict[str, Any]:
    """The whole of pyproject.toml; nothing if there is none.

    Raises:
        ValueError: it is not TOML.
    """
    file = folder / "pyproject.toml"
    try:
        return tomllib.loads(file.read_text()) if file.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"pyproject.toml: {error}") from error


def from_project(table: Mapping[str, Any]) -> dict[str, str]:
    """The metadata in `[project]`: https://packaging.python.org/en/latest/specifications/pyproject-toml/."""
    license = table.get("license", "")
    if isinstance(license, dict):
        license = license.get("text", "")
    author = (table.get("authors") or [{}])[0]
    return {
        "name": table.get("name", ""),
        "description": table.get("description", ""),
        "author": author.get("name", ""),
        "email": author.get("email", ""),
        "license": license or from_classifiers(table.get("classifiers", [])),
        "python": table.get("requires-python", ""),
    }


def from_poetry(table: Mapping[str, Any]) -> dict[str, str]:
    """The metadata in `[tool.poetry]`: https://python-poetry.org/docs/pyproject/."""
    author, _, email = (table.get("authors") or [""])[0].partition("<")
    python = table.get("dependencies", {}).get("python", "")
    # https://python-poetry.org/docs/dependency-specification/#caret-requirements
    python = re.sub(r"\^(\d+)([\d.]*)", lambda at: f">={at[0][1:]},<{int(at[1]) + 1}", python)
    python = re.sub(r"~(\d+\.\d+)", r"~=\1.0", python)
    return {
        "name": table.get("name", ""),
        "description": table.get("description", ""),
        "author": author.strip(),
        "email": email.strip("> "),
        "license": table.get("license", ""),
        "python": python,
    }


def from_setup_cfg(folder: Path) -> dict[str, str]:
    """The metadata in setup.cfg: https://setuptools.pypa.io/en/latest/userguide/declarative_config.html.

    Raises:
        ValueError: it cannot be read.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(folder / "setup.cfg")
    except configparser.Error as error:
        raise ValueError(f"setup.cfg: {error.message.splitlines()[0]}") from error
    table = dict(parser["metadata"]) if parser.has_section("metadata") else {}
    given = {
        "name": table.get("name", ""),
        "description": table.get("description", ""),
        "author": table.get("author", ""),
        "email": table.get("author_email", table.get("author-email", "")),
        "license": table.get("license", "")
        or from_classifiers(table.get("classifiers", "").splitlines()),
        "python": parser.get("options", "python_requires", fallback=""),
    }
    # `attr:` and `file:` say where the value is.
    return {key: "" if re.match("(attr|file):", value) else value for key, value in given.items()}


def from_classifiers(classifiers: Sequence[str]) -> str:
    """The licence in a list of classifiers: https://pypi.org/classifiers/."""
    found = [one for one in classifiers if one.strip().startswith("License :: ")]
    return found[0].rpartition(" :: ")[2].strip() if found else ""


def newest_python(requirement: str) -> str:
    """The newest Python of the template's that a requirement allows; nothing if it allows none."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(requirement)
    except InvalidSpecifier:
        return ""
    fits = [one for one in PYTHONS if f"{one}.0" in allowed or f"{one}.99" in allowed]
    return fits[0] if requirement and fits else ""


def from_readme(folder: Path) -> str:
    """The first sentence of the README that is neither a heading, a badge nor a link."""
    for file in sorted(folder.glob("README*")):
        found = re.search(r"(?m)^[A-Z][^<>|]*? [^<>|]*?[.!]?$", file.read_text(errors="replace"))
        if found and file.is_file():
            return found[0]
    return ""


def from_url(url: str) -> tuple[str, str]:
    """The owner and the name in the URL of a repository; that of a folder has no owner."""
    parts = re.split("[/:]", url.rstrip("/").removesuffix(".git"))
    remote = ("://" in url and not url.startswith("file:")) or re.match(r"[\w.-]+@[\w.-]+:", url)
    return (parts[-2] if remote and len(parts) > 2 else "", parts[-1])


def read_answers(folder: Path) -> dict[str, str]:
    """The answers that a project in a git repository gives, by the names of the questions.

    Raises:
        ValueError: a file cannot be read; the text names it and the line.
    """
    pyproject = read_pyproject(folder)
    sources = [
        from_project(pyproject.get("project", {})),
        from_poetry(pyproject.get("tool", {}).get("poetry", {})),
        from_setup_cfg(folder),
    ]
    known = {key: next(filter(None, (one[key] for one in sources)), "") for key in sources[0]}
    owner, repository = from_url(git(folder, "config", "remote.origin.url"))
    repository = repository or folder.resolve().name
    people = git(folder, "shortlog", "--summary", "--numbered", "HEAD").splitlines()
    people = [line.split("\t", 1)[1] for line in people if not line.endswith("[bot]")]
    license = [
        key for key, text in LICENSES.items() if re.fullmatch(text, known["license"], re.IGNORECASE)
    ]
    answers = {
        "project_name": known["name"] or repository,
        "description": known["description"] or from_readme(folder),
        "github_owner": owner,
        "repository_name": repository,
        "python_version": newest_python(known["python"]),
        # A project without a licence that we know must not get one.
        "license": license[0] if license else "none",
        "author_name": known["author"] or (people[0] if people else ""),
        "author_email": known["email"],
    }
    return {key: " ".join(value.split()) for key, value in answers.items() if value}


def main(arguments: Sequence[str]) -> None:
    """Read a folder, and print what it answers."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.exit(__doc__)
    folder = Path(arguments[0])
    if not folder.is_dir():
        sys.exit(f"answers: {folder}: no such folder")
    try:
        answers = read_answers(folder)
    except ValueError as error:
        sys.exit(f"answers: {folder}/{error}")
    for key, value in answers.items():
        # A string of JSON is one of YAML too: https://yaml.org/spec/1.2.2/
        print(f"{key}: {json.dumps(value, ensure_ascii=False)}")


if __name__ == "__main__":
    main(sys.argv[1:])
