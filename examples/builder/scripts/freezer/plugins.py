"""What nobody imports: plugins, which are found by entry points, and what code names in texts.

A program without them starts, and fails later. So they are added at once.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from freezer.data_beside import modules
from freezer.overlooked import VERSIONS, lazy_modules, lists_itself, named, python_data, shared_data, source

# Commands are no plugins, and what builds packages is in no program.
NO_PLUGINS = re.compile(r"console_scripts|gui_scripts|(?:distutils|setuptools|egg_info)\..*")


def plugins(site_packages: Sequence[str], script: Path | None = None) -> Sequence[str]:
    """The options that add the plugins in the groups for which an installed package or a script asks."""
    found = list(entry_points(site_packages))
    asked = groups(site_packages, script, {entry.group for _, entry in found})
    options: dict[str, None] = {}
    for name, entry in found:
        if entry.group in asked:
            module = entry.value.partition(":")[0].partition("[")[0].strip()
            options |= {f"--copy-metadata={name}": None, f"--hidden-import={module}": None}
    return list(options)


def overlooked(site_packages: Sequence[str], project: Distribution | None, script: Path | None) -> Sequence[str]:
    """The options that add the modules that a project or a script names, and a project's Python files that are data."""
    listed = [str(file) for file in (project.files if project else None) or ()]
    found = [(Path(folder, name), name) for folder in site_packages for name in listed]
    installed = [(file, name) for file, name in found if file.suffix == ".py" and file.is_file()]
    own = source(file for file, _ in installed)
    code = own + b"\n" + source(modules(script.resolve().parent)) if script else own
    packages = {Path(str(file).removesuffix(name), Path(name).parts[0]) for file, name in installed if "/" in name}
    names = set(named(code, site_packages))
    options = [f"--recursive-copy-metadata={project.name}"] if project and VERSIONS.search(own) else []
    options += ["--debug=noarchive"] if lists_itself(own) else []
    for top in sorted(packages):
        data, imported = python_data(top, site_packages)
        options += [f"--add-data={pattern}:{place}" for pattern, place in data]
        names |= set(imported)
    for package in distributions(path=list(site_packages)):
        options += [f"--add-data={file}:{place}" for file, place in shared_data(package)]
        names |= set(lazy_modules(package))
    return [*options, *(f"--hidden-import={name}" for name in sorted(names))]


def entry_points(site_packages: Sequence[str]) -> Iterator[tuple[str, EntryPoint]]:
    """The plugins of installed distributions, each with the name of its distribution."""
    for distribution in distributions(path=list(site_packages)):
        for entry in distribution.entry_points:
            if not NO_PLUGINS.fullmatch(entry.group) and re.match(r"[\w.]+\s*(?::|\[|$)", entry.value):
                yield distribution.name, entry


def groups(site_packages: Sequence[str], script: Path | None, names: set[str]) -> set[str]:
    """Those of the names of groups that the code has as a text."""
    if not names:
        return set()
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    literal = re.compile(rf"['\"]({pattern})['\"]".encode())
    files = [file for folder in site_packages for file in Path(folder).rglob("*.py")]
    files += modules(script.resolve().parent) if script else []
    texts = (file.read_bytes() for file in files if file.is_file())
    return {name.decode() for text in texts for name in literal.findall(text)}
