"""The table `[project]` of pyproject.toml, for a project whose setup.py, setup.cfg or Poetry says all of it."""

import ast
import configparser
import json
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from scripts.answers import PYTHONS
from scripts.metadata import (
    from_poetry,
    from_setup_cfg,
    from_setup_py,
    read_file,
    read_pyproject,
    read_setup_cfg,
    setup_arguments,
    table,
    tool,
)

PROJECT = """\
[project]
name = "{name}"
requires-python = "{python}"
# {source} says the rest.
dynamic = {fields}
{tables}"""
PACKAGE = """
[tool.uv]
package = true
"""

# The fields of `[project]`, by what setup.py and setup.cfg call them.
FIELDS = {
    "version": ["version"],
    "description": ["description"],
    "long_description": ["readme"],
    # pbr's names, and what it takes from requirements.txt
    "summary": ["description"],
    "description_file": ["readme"],
    "home_page": ["urls"],
    "pbr": ["dependencies"],
    "extras": ["optional-dependencies"],
    "license": ["license"],
    "author": ["authors"],
    "maintainer": ["maintainers"],
    "keywords": ["keywords"],
    "classifiers": ["classifiers"],
    "url": ["urls"],
    "project_urls": ["urls"],
    "install_requires": ["dependencies"],
    "extras_require": ["optional-dependencies"],
    "entry_points": ["scripts", "gui-scripts", "entry-points"],
}


def entry_point_tables(folder: Path) -> str:
    """The tables of `[project]` for entry points that setup.py has as one text.

    setuptools fails beside a pyproject.toml without these three, because it expects a dictionary.
    """
    values = [one.value for one in setup_arguments(folder) if one.arg == "entry_points"]
    if (
        not values
        or not isinstance(values[0], ast.Constant)
        or not isinstance(values[0].value, str)
    ):
        return ""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case
    parser.read_string(textwrap.dedent(values[0].value))
    tables = {"console_scripts": "scripts", "gui_scripts": "gui-scripts"}
    lines = []
    for group in dict.fromkeys([*tables, "", *parser.sections()]):
        plugins = f'entry-points."{group}"' if group else "entry-points"
        lines.append(f"\n[project.{tables.get(group, plugins)}]")
        entries = parser[group] if parser.has_section(group) else {}
        lines += [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in entries.items()]
    return "\n".join(lines) + "\n"


# The fields of `[project]`, by what `[tool.poetry]` calls them.
POETRY = {
    **{key: [key] for key in ("description", "readme", "license", "authors", "maintainers")},
    **{key: [key] for key in ("version", "keywords", "classifiers", "dependencies", "scripts")},
    **{key: ["urls"] for key in ("homepage", "repository", "documentation", "urls")},
    "extras": ["optional-dependencies"],
    "plugins": ["entry-points"],
}


def dynamic_fields(folder: Path) -> Sequence[str]:
    """The fields of `[project]` that Poetry's tables have, or setup.py or setup.cfg. Nothing if there are none.

    setuptools refuses the fields that are in neither file.
    https://packaging.python.org/en/latest/specifications/pyproject-toml/#dynamic

    Raises:
        ValueError: a file cannot be read.
    """
    if poetry := tool(folder, "poetry"):
        return sorted({field for name in poetry for field in POETRY.get(name, ())})
    if not any((folder / name).is_file() for name in ("setup.py", "setup.cfg")):
        return []
    parser = read_setup_cfg(folder)
    names = {section.rpartition(".")[2] for section in parser.sections()}
    for section in ("metadata", "options"):
        names |= set(parser[section]) if parser.has_section(section) else set()
    names |= {str(argument.arg) for argument in setup_arguments(folder)} | {"version"}
    if entry_point_tables(folder):
        names.discard("entry_points")
    names = {name.replace("-", "_") for name in names}
    return sorted({field for name in names for field in FIELDS.get(name, ())})


def write_project(folder: Path, name: str) -> None:
    """Write the table `[project]` that uv needs, for a project whose setup.py, setup.cfg or Poetry says all."""
    pyproject = read_pyproject(folder)
    builds, poetry = table(pyproject.get("build-system")), bool(tool(folder, "poetry"))
    backend = str(builds.get("build-backend", "none" if poetry else "setuptools"))
    by_it = ("poetry",) if poetry else ("setuptools", "pbr")
    fields = dynamic_fields(folder)
    file = folder / "pyproject.toml"
    # A link may lead to another project's file.
    if (
        file.is_symlink()
        or "project" in pyproject
        or not fields
        or not any(one in backend for one in by_it)
    ):
        return
    source = "[tool.poetry]" if poetry else "setup.py or setup.cfg"
    found = [from_poetry] if poetry else [from_setup_cfg, from_setup_py]
    # uv wants this one here: a lock of one Python would not be that of another.
    python = next(filter(None, (read(folder)["python"] for read in found)), f">={PYTHONS[-1]}")
    text = PROJECT.format(
        name=name,
        python=python,
        source=source,
        fields=json.dumps(fields),
        tables="" if poetry else entry_point_tables(folder),
    )
    if not builds and not tool(folder, "uv"):
        text += PACKAGE
    before = read_file(folder, "pyproject.toml")
    # https://python-poetry.org/docs/pyproject/#poetry-and-pep-517
    if backend == "poetry.masonry.api":
        before = before.replace(backend, "poetry.core.masonry.api")
        before = re.sub(r'(requires *= *\[ *)"poetry\b[^"-]*"', r'\1"poetry-core"', before)
        print("pyproject.toml builds with poetry-core instead of poetry, which uv cannot run.")
    written = f"{before.rstrip()}\n\n{text}" if before.strip() else text
    file.write_text(written, encoding="utf-8")
    print(f"pyproject.toml gets a table [project], because uv needs it. {source} says the rest.")
