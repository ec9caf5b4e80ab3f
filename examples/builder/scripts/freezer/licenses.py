"""The texts of the licences of what is inside."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from freezer.components import Component

# Debian's packages refer to the common licences, and do not repeat them.
COMMON = re.compile(r"/usr/share/common-licenses/([\w.-]*\w)")


def write(components: Sequence[Component], folder: Path) -> None:
    """Write a folder with the texts of each component, and name those that bring none."""
    for component in components:
        for name, source in component.texts.items():
            keep(source, folder / component.name / name)
            for common in COMMON.finditer(source.read_text(encoding="utf-8", errors="replace")):
                if Path(common[0]).is_file():
                    keep(Path(common[0]), folder / "common-licenses" / common[1])
    if missing := without_text(components):
        print(f"warning: these bring no text of their licence: {', '.join(missing)}")


def without_text(components: Sequence[Component]) -> Sequence[str]:
    """The components without a text. Those of a wheel's parts are in the wheel, those of Python's may be."""
    found = [component.name for component in components if not component.texts]
    for python in (one for one in components if one.purl.startswith("pkg:generic/python@")):
        said = "".join(path.read_text(errors="replace") for path in python.texts.values()).lower()
        found += [part.name for part in python.parts if part.name not in said]
    return found


def keep(source: Path, target: Path) -> None:
    """Copy a text."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
