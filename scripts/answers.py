"""Print the answers to the template's questions that an existing project already gives.

usage: answers [FOLDER]

It reads the project's metadata, its README and licence, and what Git knows, and runs none of its code.
It prints YAML for `copier copy --data-file`, with the reason for each answer. What it does not find it
leaves out.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from scripts.metadata import (
    Metadata,
    from_poetry,
    from_project,
    from_setup_cfg,
    from_setup_py,
    read_file,
)

# The choices of copier.yml, the newest first, and its default.
PYTHONS = ("3.15", "3.14", "3.13", "3.12", "3.11")
PYTHON = "3.14"
# How people write licences that copier.yml offers, in lowercase and with single spaces.
LICENSES = {
    "MIT": r"(the )?mit( license)?",
    "Apache-2.0": r"apache( software)?( license)?( version)?( 2( 0)?)?",
    "BSD-3-Clause": r"(the )?bsd 3 clause( license)?",
    "GPL-3.0-or-later": r"gpl( v3| 3 0| 3) or later|gpl ?v?3( 0)?\+|gnu general public license v3 or later.*",
}
SOURCES = {
    "[project] of pyproject.toml": from_project,
    "[tool.poetry] of pyproject.toml": from_poetry,
    "setup.cfg": from_setup_cfg,
    "setup.py": from_setup_py,
}
# What tells the texts of licences apart.
TEXTS = {
    "MIT": r"Permission is hereby granted, free of charge",
    "Apache-2.0": r"Apache License\s+Version 2\.0",
    "BSD-3-Clause": r"(?s)Redistribution and use in source and binary forms.*Neither the name",
}


class Answer(NamedTuple):
    """An answer, and why it is that one."""

    value: str
    reason: str


def git(folder: Path, *arguments: str) -> str:
    """What a git command prints in a folder; nothing if it fails."""
    result = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return result.stdout.strip() if result.returncode == 0 else ""


def newest_python(requirement: str) -> str:
    """The newest Python of the template's that a requirement allows; nothing if that is unknown."""
    from packaging.specifiers import SpecifierSet

    try:
        allowed = SpecifierSet(requirement)
        fits = [one for one in PYTHONS if f"{one}.0" in allowed or f"{one}.99" in allowed]
    except ValueError:  # it is none, or has a number of thousands of digits
        return ""
    if not requirement or not fits:
        return ""
    return PYTHON if PYTHON in fits else fits[0]


def from_url(url: str) -> tuple[str, str]:
    """The owner and the name in a repository's URL. The URL of a folder has no owner."""
    parts = re.split("[/:]", url.rstrip("/").removesuffix(".git"))
    remote = re.match(r"(?!file:)(\w+://|[\w.-]+@[\w.-]+:)", url)
    return (parts[-2] if remote and len(parts) > 2 else "", parts[-1])


def from_readme(folder: Path) -> str:
    """The first sentence of the README; headings, badges and links are none."""
    for file in sorted(folder.glob("README*")):
        text = read_file(folder, file.name)[:20_000]
        if match := re.search(
            r"(?m)^[A-Z]\w* (?:[^<>|*\[\]\n]|\n(?!\s)){1,300}?\w[.!?](?=\s|$)", text
        ):
            return match[0]
    return ""


def from_license_file(folder: Path) -> str:
    """The licence whose text the project holds."""
    files = [*folder.glob("LICEN[CS]E*"), *folder.glob("COPYING*")]
    texts = [read_file(folder, file.name)[:20_000] for file in sorted(files)]
    found = [name for name, pattern in TEXTS.items() for text in texts if re.search(pattern, text)]
    return found[0] if len(set(found)) == 1 else ""


def find(tables: Mapping[str, Metadata], key: str) -> Answer:
    """The first source that has a value for a key."""
    for source, known in tables.items():
        if isinstance(value := known[key], str) and value.strip():
            return Answer(value, source)
    return Answer("", "")


def name_of(tables: Mapping[str, Metadata]) -> Answer:
    """The project's name: that of its command, because the program gets it."""
    name, commands = find(tables, "name"), find(tables, "commands")
    names = commands.value.split()
    if not names or name.value in names:
        return name
    if len(names) == 1:
        return Answer(names[0], f"the command in {commands.reason}")
    return Answer(names[0], f"the first command in {commands.reason}: {', '.join(names)}")


def explain(folder: Path) -> dict[str, Answer]:
    """The answers that a project in a Git repository gives, with their reasons.

    Raises:
        ValueError: a file cannot be read. The text names it.
    """
    tables = {source: read(folder) for source, read in SOURCES.items()}
    owner, repository = from_url(git(folder, "config", "remote.origin.url"))
    origin = Answer(repository, "the URL of origin") if repository else None
    repository_name = origin or Answer(folder.resolve().name, "the name of the folder")
    people = git(folder, "shortlog", "--summary", "--numbered", "HEAD").splitlines()
    people = [line.partition("\t")[2] for line in people if not line.endswith("[bot]")]

    python = find(tables, "python")
    licence = find(tables, "license")
    spelling = re.sub("[^a-z0-9+]+", " ", licence.value.lower()).strip()
    licences = [key for key, pattern in LICENSES.items() if re.fullmatch(pattern, spelling)]
    if not licence.value and (text := from_license_file(folder)):
        licences, licence = [text], Answer(text, "the licence's text")
    answers = {
        "project_name": name_of(tables) if name_of(tables).value else repository_name,
        "description": find(tables, "description"),
        "github_owner": Answer(owner, "the URL of origin"),
        "repository_name": repository_name,
        "python_version": Answer(newest_python(python.value), f"{python.value} in {python.reason}"),
        # A project whose licence is unknown must not get one.
        "license": Answer(licences[0], licence.reason)
        if licences
        else Answer(
            "none",
            f"{licence.value} is not a licence that is known here"
            if licence.value
            else "the repository names no licence",
        ),
        "author_name": find(tables, "author"),
        "author_email": find(tables, "email"),
    }
    branch = git(folder, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")[len("origin/") :]
    if branch != "main" and re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._/-]*", branch):
        answers["default_branch"] = Answer(branch, "the default branch of origin")
    if not re.fullmatch(r"[^\s@<>\",]+@[^\s@<>\",]+", answers["author_email"].value):
        del answers["author_email"]
    if not answers["description"].value:
        answers["description"] = Answer(from_readme(folder), "the first sentence of the README")
    if not answers["author_name"].value:
        answers["author_name"] = Answer("".join(people[:1]), "who has the most commits")
    return {
        key: Answer(" ".join(answer.value.split()), " ".join(answer.reason.split()))
        for key, answer in answers.items()
        if answer.value.strip()
    }


def distribution_name(folder: Path) -> str:
    """The name of the project as a package. Its command may have another name.

    Raises:
        ValueError: a file cannot be read. The text names it.
    """
    return find({source: read(folder) for source, read in SOURCES.items()}, "name").value


def read_answers(folder: Path) -> dict[str, str]:
    """The answers alone, by the names of the questions.

    Raises:
        ValueError: a file cannot be read. The text names it.
    """
    return {key: answer.value for key, answer in explain(folder).items()}


def main() -> None:
    """Read a folder, and print what it answers."""
    arguments: Sequence[str] = sys.argv[1:] or ["."]
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.exit(__doc__)
    folder = Path(arguments[0])
    if not folder.is_dir():
        sys.exit(f"answers: {folder}: no such folder")
    try:
        answers = explain(folder)
    except ValueError as error:
        sys.exit(f"answers: {folder}/{error}")
    for key, answer in answers.items():
        # A string of JSON is one of YAML too: https://yaml.org/spec/1.2.2/
        print(f"{key}: {json.dumps(answer.value, ensure_ascii=False)}  # {answer.reason}")


if __name__ == "__main__":
    main()
