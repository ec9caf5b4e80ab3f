"""What an existing project says of itself in its files. None of its code runs."""

import ast
import configparser
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# `name`, `description`, `author`, `email`, `license`, `python`, and `commands`, separated by spaces.
Metadata = Mapping[str, str]

# A command in a list of entry points. Its spaces end with the line: blank lines do not make it slow.
SCRIPT = r"(?m)^[^\S\n]*([\w.-]+)[^\S\n]*="


def read_file(folder: Path, name: str) -> str:
    """The text of a project's file; nothing if it is none, or a link out of the project."""
    file = (folder / name).resolve()
    here = file.is_relative_to(folder.resolve()) and file.is_file()
    return file.read_text(encoding="utf-8", errors="replace") if here else ""


def read_pyproject(folder: Path) -> dict[str, Any]:
    """The whole of pyproject.toml; nothing if there is none.

    Raises:
        ValueError: it is not TOML.
    """
    try:
        return tomllib.loads(read_file(folder, "pyproject.toml"))
    except ValueError as error:
        raise ValueError(f"pyproject.toml: {error}") from error


def table(value: object) -> Mapping[str, Any]:
    """A table of TOML; an empty one if the file holds something else there."""
    return value if isinstance(value, dict) else {}


def tool(folder: Path, name: str) -> Mapping[str, Any]:
    """The table `[tool.NAME]` of pyproject.toml.

    Raises:
        ValueError: it is not TOML.
    """
    return table(table(read_pyproject(folder).get("tool")).get(name))


def array(value: object) -> Sequence[Any]:
    """A list; an empty one if the file holds something else there."""
    return value if isinstance(value, list | tuple) else []


def texts(value: object) -> Sequence[str]:
    """The texts in a list."""
    return [one for one in array(value) if isinstance(one, str)]


def from_classifiers(classifiers: object) -> str:
    """The licence in a list of classifiers: https://pypi.org/classifiers/."""
    found = [one.strip() for one in texts(classifiers) if one.strip().startswith("License :: ")]
    return found[0].rpartition(" :: ")[2] if found else ""


def from_project(folder: Path) -> Metadata:
    """The metadata in `[project]` of pyproject.toml.

    https://packaging.python.org/en/latest/specifications/pyproject-toml/
    """
    project = table(read_pyproject(folder).get("project"))
    licence = project.get("license", "")
    people = [*array(project.get("authors")), *array(project.get("maintainers"))]
    author = table(next(iter(people), {}))
    return {
        "name": project.get("name", ""),
        "description": project.get("description", ""),
        "author": author.get("name", ""),
        "email": author.get("email", ""),
        "license": (table(licence).get("text", "") if isinstance(licence, dict) else licence)
        or from_classifiers(project.get("classifiers")),
        "python": project.get("requires-python", ""),
        "commands": " ".join(
            {**table(project.get("scripts")), **table(project.get("gui-scripts"))}
        ),
    }


def from_poetry(folder: Path) -> Metadata:
    """The metadata in `[tool.poetry]`: https://python-poetry.org/docs/pyproject/."""
    poetry = tool(folder, "poetry")
    author, _, email = next(iter(texts(poetry.get("authors"))), "").partition("<")
    python = "".join(texts([table(poetry.get("dependencies")).get("python")]))
    return {
        "name": poetry.get("name", ""),
        "description": poetry.get("description", ""),
        "author": author.strip(),
        "email": email.strip("> "),
        "license": poetry.get("license", "") or from_classifiers(poetry.get("classifiers")),
        "python": from_poetrys_constraint(python),
        "commands": " ".join(table(poetry.get("scripts"))),
    }


def from_poetrys_constraint(text: str) -> str:
    """A constraint of Poetry's as PEP 440 writes it; nothing for several that exclude each other.

    https://python-poetry.org/docs/dependency-specification/#caret-requirements
    """
    text = re.sub(r"\^(\d{1,4})[\d.]*", lambda at: f">={at[0][1:]},<{int(at[1]) + 1}", text)
    text = re.sub(r"~(\d+\.\d+)(\.\d+)?", lambda at: f"~={at[1]}{at[2] or '.0'}", text)
    return "" if "|" in text or text == "*" else re.sub(r"^(?=\d)", "==", text)


def read_setup_cfg(folder: Path) -> configparser.ConfigParser:
    """The whole of setup.cfg.

    Raises:
        ValueError: it cannot be read.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_file(folder, "setup.cfg"), "setup.cfg")
    except configparser.Error as error:
        raise ValueError(f"setup.cfg: {' '.join(str(error).split())}") from error
    return parser


def from_setup_cfg(folder: Path) -> Metadata:
    """The metadata in setup.cfg.

    https://setuptools.pypa.io/en/latest/userguide/declarative_config.html

    Raises:
        ValueError: it cannot be read.
    """
    parser = read_setup_cfg(folder)
    section = parser["metadata"] if parser.has_section("metadata") else {}
    # `attr:` and `file:` say where a value is.
    known = {key: value for key, value in section.items() if not re.match("(attr|file):", value)}
    scripts = parser.get("options.entry_points", "console_scripts", fallback="")
    return {
        **{key: known.get(key, "") for key in ("name", "description", "author")},
        "email": known.get("author_email", ""),
        "license": known.get("license", "")
        or from_classifiers(known.get("classifiers", "").splitlines()),
        "python": parser.get("options", "python_requires", fallback=""),
        "commands": " ".join(re.findall(SCRIPT, scripts)),
    }


def literal(value: ast.expr) -> object:
    """What an expression is; nothing if it is computed."""
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return None


def setup_arguments(folder: Path) -> Sequence[ast.keyword]:
    """The arguments of the call of `setup` in setup.py."""
    try:
        tree = ast.parse(read_file(folder, "setup.py"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    calls = [call for call in ast.walk(tree) if isinstance(call, ast.Call)]
    names = ("setup", "setuptools.setup")
    return [one for call in calls if ast.unparse(call.func) in names for one in call.keywords]


def from_setup_py(folder: Path) -> Metadata:
    """The metadata that stands in setup.py as it is: a value that is computed is unknown."""
    keywords: dict[str | None, Any] = {
        one.arg: literal(one.value) for one in setup_arguments(folder)
    }
    entries = keywords.get("entry_points", "")
    listed = table(entries).get("console_scripts", []) if isinstance(entries, dict) else [entries]
    text = "\n".join([listed] if isinstance(listed, str) else texts(listed))
    scripts = [Path(script).name for script in texts(keywords.get("scripts"))]
    strings = {key: value if isinstance(value, str) else "" for key, value in keywords.items()}
    return {
        **{key: strings.get(key, "") for key in ("name", "description", "author")},
        "email": strings.get("author_email", ""),
        "license": strings.get("license", "") or from_classifiers(keywords.get("classifiers")),
        "python": strings.get("python_requires", ""),
        "commands": " ".join([*re.findall(SCRIPT, text), *scripts]),
    }
