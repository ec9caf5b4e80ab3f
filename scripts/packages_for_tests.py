"""What the tests of an existing project need, by its files. None of its code runs."""

import configparser
import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from scripts.answers import distribution_name
from scripts.metadata import (
    from_poetrys_constraint,
    literal,
    read_file,
    read_setup_cfg,
    setup_arguments,
    table,
    texts,
    tool,
)

# tox allows conditions: `py311: pytest`
CONDITION = re.compile(r"(?m)^[^\S\n]*[\w,!{}.-]+:[^\S\n]*")


def requirements(folder: Path, text: str, depth: int = 3) -> Sequence[str]:
    """The packages in the text of a requirements file, with those of the files that it names by `-r`."""
    packages: list[str] = []
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*|\s--\w.*", "", line).strip()
        if (named := re.fullmatch(r"(?:-r|--requirement)[ =]*(\S+)", line)) and depth:
            packages += requirements(
                folder, read_file(folder, named[1].removeprefix("{toxinidir}/")), depth - 1
            )
        try:
            packages.append(str(Requirement(line)))
        except InvalidRequirement:
            continue  # an option, a path, a variable of tox, or an empty line
    return packages


def poetry_groups(poetry: Mapping[str, Any]) -> Iterator[str]:
    """The packages in those groups of Poetry's that list pytest: https://python-poetry.org/docs/managing-dependencies/."""
    groups = [table(one).get("dependencies") for one in table(poetry.get("group")).values()]
    for group in [poetry.get("dev-dependencies"), *groups]:
        for name, value in table(group).items() if "pytest" in table(group) else ():
            one = table(value) or {"version": value}
            extras = ",".join(texts(one.get("extras")))
            version = from_poetrys_constraint(str(one.get("version", "")))
            yield f"{name}[{extras}]{version}" if extras else f"{name}{version}"


def from_tests(folder: Path) -> tuple[Sequence[str], str]:
    """What the tests need, and the file that lists it: the first with pytest, else the first that is for tests.

    https://tox.wiki/en/latest/config.html#deps
    """
    tox = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(configparser.Error):  # nothing else needs this file
        tox.read_string(read_file(folder, "tox.ini"))
    # The project itself, with what these extras of it bring.
    extras = re.findall(r"[\w.-]+", CONDITION.sub("", tox.get("testenv", "extras", fallback="")))
    itself = f"{distribution_name(folder)}[{','.join(extras)}]" if extras else ""
    environments = [table(one) for one in table(tool(folder, "hatch").get("envs")).values()]
    lists = [one.get(key) for one in environments for key in ("dependencies", "extra-dependencies")]
    lists.append([*poetry_groups(tool(folder, "poetry"))])
    lists += [literal(one.value) for one in setup_arguments(folder) if one.arg == "tests_require"]
    patterns = ("*requirements*.txt", "requirements/*.txt", "*/requirements*.txt")
    names = [file.relative_to(folder).as_posix() for one in patterns for file in folder.glob(one)]
    sources = {
        "tox.ini": f"{tox.get('testenv', 'deps', fallback='')}\n{itself}",
        "setup.cfg": read_setup_cfg(folder).get("options", "tests_require", fallback=""),
        "pyproject.toml or setup.py": "\n".join(line for one in lists for line in texts(one)),
        **{name: read_file(folder, name) for name in sorted(names) if re.search("test|dev", name)},
    }
    first: tuple[Sequence[str], str] = ([], "")
    for source, text in sources.items():
        found = requirements(folder, CONDITION.sub("", text))
        if "pytest" in (Requirement(one).name.lower() for one in found):
            return list(dict.fromkeys(found)), source
        if found and not first[0] and ("test" in source or source == "tox.ini"):
            first = ([*dict.fromkeys(found), "pytest"], source)
    return first
