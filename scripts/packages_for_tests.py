"""What the tests of an existing project need, by its files. None of its code runs."""

import configparser
import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from scripts.metadata import (
    literal,
    read_file,
    read_pyproject,
    read_setup_cfg,
    setup_arguments,
    table,
    texts,
)


def requirements(folder: Path, text: str, depth: int = 3) -> Sequence[str]:
    """The packages in the text of a requirements file, with those of the files that it names by `-r`."""
    found: list[str] = []
    for line in text.splitlines():
        line = re.sub(r"(^|\s)#.*|\s--\w.*", "", line).strip()
        if (named := re.fullmatch(r"(?:-r|--requirement)[ =]*(\S+)", line)) and depth:
            found += requirements(
                folder, read_file(folder, named[1].removeprefix("{toxinidir}/")), depth - 1
            )
        try:
            found.append(str(Requirement(line)))
        except InvalidRequirement:
            continue  # an option, a path, a variable of tox, or an empty line
    return found


def from_tests(folder: Path) -> tuple[Sequence[str], str]:
    """What the tests need, and the file that lists it: the first with pytest, else the first that is for tests.

    https://tox.wiki/en/latest/config.html#deps
    """
    tox = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(configparser.Error):  # nothing else needs this file
        tox.read_string(read_file(folder, "tox.ini"))
    hatch = table(table(read_pyproject(folder).get("tool")).get("hatch"))
    environments = [table(one) for one in table(hatch.get("envs")).values()]
    lists = [one.get(key) for one in environments for key in ("dependencies", "extra-dependencies")]
    lists += [literal(one.value) for one in setup_arguments(folder) if one.arg == "tests_require"]
    patterns = ("*requirements*.txt", "requirements/*.txt", "*/requirements*.txt")
    names = [file.relative_to(folder).as_posix() for one in patterns for file in folder.glob(one)]
    sources = {
        "tox.ini": tox.get("testenv", "deps", fallback=""),
        "setup.cfg": read_setup_cfg(folder).get("options", "tests_require", fallback=""),
        "pyproject.toml or setup.py": "\n".join(line for one in lists for line in texts(one)),
        **{name: read_file(folder, name) for name in sorted(names) if re.search("test|dev", name)},
    }
    first: tuple[Sequence[str], str] = ([], "")
    for source, text in sources.items():
        # tox allows conditions: `py311: pytest`
        found = requirements(folder, re.sub(r"(?m)^\s*[\w,!{}.-]+:\s+", "", text))
        if "pytest" in (Requirement(one).name.lower() for one in found):
            return list(dict.fromkeys(found)), source
        if found and not first[0] and ("test" in source or source == "tox.ini"):
            first = ([*dict.fromkeys(found), "pytest"], source)
    return first
