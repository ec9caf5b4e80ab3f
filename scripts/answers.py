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

# The choices of copier.yml, the newest first, and its default.
PYTHONS = ("3.15", "3.14", "3.13", "3.12", "3.11")
PYTHON = "3.14"
# How people write each licence that copier.yml offers, in lowercase and with single spaces.
LICENSES = {
    "MIT": r"(the )?mit( license)?",
    "Apache-2.0": r"apache( software)?( license)?( version)?( 2( 0)?)?",
    "BSD-3-Clause": r"(the )?bsd 3 clause( license)?",
    "GPL-3.0-or-later": r"gpl( v3| 3 0| 3) or later|gpl ?v?3( 0)?\+|gnu general public license v3 or later.*",
}
Metadata = Mapping[str, str]


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints in a folder; nothing if it fails."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def read_file(folder: Path, name: str) -> str:
    """The text of a project's file; nothing if it is none, or a link out of the project."""
    file = (folder / name).resolve()
    here = file.is_relative_to(folder.resolve()) and file.is_file()
    return file.read_text(errors="replace") if here else ""


def read_pyproject(folder: Path) -> dict[str, Any]:
    """The whole of pyproject.toml; nothing if there is none.

    Raises:
        ValueError: it is not TOML.
    """
    try:
        return tomllib.loads(read_file(folder, "pyproject.toml"))
    except ValueError as error:
        raise ValueError(f"pyproject.toml: {error}") from error


def from_classifiers(classifiers: Sequence[str]) -> str:
    """The licence in a list of classifiers: https://pypi.org/classifiers/."""
    found = [one.strip() for one in classifiers if one.strip().startswith("License :: ")]
    return found[0].rpartition(" :: ")[2] if found else ""


def from_project(table: Mapping[str, Any]) -> Metadata:
    """The metadata in `[project]`.

    https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    licence = table.get("license", "")
    author = (table.get("authors") or [{}])[0]
    return {
        "name": table.get("name", ""),
        "description": table.get("description", ""),
        "author": author.get("name", ""),
        "email": author.get("email", ""),
        "license": (licence.get("text", "") if isinstance(licence, dict) else licence)
        or from_classifiers(table.get("classifiers", [])),
        "python": table.get("requires-python", ""),
    }


def from_poetry(table: Mapping[str, Any]) -> Metadata:
    """The metadata in `[tool.poetry]`: https://python-poetry.org/docs/pyproject/."""
    author, _, email = (table.get("authors") or [""])[0].partition("<")
    python = table.get("dependencies", {}).get("python", "")
    # https://python-poetry.org/docs/dependency-specification/#caret-requirements
    python = re.sub(r"\^(\d+)[\d.]*", lambda at: f">={at[0][1:]},<{int(at[1]) + 1}", python)
    return {
        "name": table.get("name", ""),
        "description": table.get("description", ""),
        "author": author.strip(),
        "email": email.strip("> "),
        "license": table.get("license", ""),
        "python": re.sub(r"~(\d+\.\d+)", r"~=\1.0", python),
    }


def from_setup_cfg(folder: Path) -> Metadata:
    """The metadata in setup.cfg.

    https://setuptools.pypa.io/en/latest/userguide/declarative_config.html

    Raises:
        ValueError: it cannot be read.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_file(folder, "setup.cfg"), "setup.cfg")
    except configparser.Error as error:
        raise ValueError(f"setup.cfg: {' '.join(str(error).split())}") from error
    table = parser["metadata"] if parser.has_section("metadata") else {}
    # `attr:` and `file:` say where a value is.
    table = {key: value for key, value in table.items() if not re.match("(attr|file):", value)}
    return {
        **{key: table.get(key, "") for key in ("name", "description", "author")},
        "email": table.get("author_email", ""),
        "license": table.get("license", "")
        or from_classifiers(table.get("classifiers", "").splitlines()),
        "python": parser.get("options", "python_requires", fallback=""),
    }


def from_readme(folder: Path) -> str:
    """The first sentence of the README; headings, badges and links are none."""
    for file in sorted(folder.glob("README*")):
        text = read_file(folder, file.name)
        if found := re.search(r"(?m)^[A-Z]\w* [^<>|\[\]]+?\w[.!](?=\s|$)", text):
            return found[0]
    return ""


def newest_python(requirement: str) -> str:
    """The newest Python of the template's that a requirement allows; nothing if that is unknown."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(requirement)
    except InvalidSpecifier:
        return ""
    fits = [one for one in PYTHONS if f"{one}.0" in allowed or f"{one}.99" in allowed]
    if not requirement or not fits:
        return ""
    return PYTHON if PYTHON in fits else fits[0]


def from_url(url: str) -> tuple[str, str]:
    """The owner and the name in a repository's URL. The URL of a folder has no owner."""
    parts = re.split("[/:]", url.rstrip("/").removesuffix(".git"))
    remote = re.match(r"(?!file:)(\w+://|[\w.-]+@[\w.-]+:)", url)
    return (parts[-2] if remote and len(parts) > 2 else "", parts[-1])


def read_answers(folder: Path) -> dict[str, str]:
    """The answers that a project in a Git repository gives, by the names of the questions.

    Raises:
        ValueError: a file cannot be read. The text names it.
    """
    pyproject = read_pyproject(folder)
    tables = (
        from_project(pyproject.get("project", {})),
        from_poetry(pyproject.get("tool", {}).get("poetry", {})),
        from_setup_cfg(folder),
    )
    known = {key: next(filter(None, (one[key] for one in tables)), "") for key in tables[0]}
    owner, repository = from_url(git(folder, "config", "remote.origin.url"))
    repository = repository or folder.resolve().name
    people = git(folder, "shortlog", "--summary", "--numbered", "HEAD").splitlines()
    people = [line.partition("\t")[2] for line in people if not line.endswith("[bot]")]
    spelling = re.sub("[^a-z0-9+]+", " ", known["license"].lower()).strip()
    licences = [key for key, pattern in LICENSES.items() if re.fullmatch(pattern, spelling)]
    answers = {
        "project_name": known["name"] or repository,
        "description": known["description"] or from_readme(folder),
        "github_owner": owner,
        "repository_name": repository,
        "python_version": newest_python(known["python"]),
        # A project whose licence is unknown must not get one.
        "license": licences[0] if licences else "none",
        "author_name": known["author"] or "".join(people[:1]),
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
