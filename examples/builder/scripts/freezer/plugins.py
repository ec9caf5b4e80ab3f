"""What nobody imports: plugins, which are found by entry points, what code names in strings, and data.

A program without them starts, and fails later. So they are added at once.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path

from freezer.data_beside import modules
from freezer.overlooked import (
    VERSIONS,
    lists_itself,
    loads_files,
    module_files,
    named,
    needs,
    python_data,
    runs_files,
    shared_data,
    source,
    standard_library,
)

# Commands are not plugins, and what builds packages is in no program.
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


def overlooked(site_packages: Sequence[str], wheel: Distribution | None, script: Path | None) -> Sequence[str]:
    """The options that add what a project or a script names, what is data, and what packages need of themselves."""
    installed = distributions(name=wheel.name, path=list(site_packages)) if wheel else []
    project = next(iter(installed), None)
    files = module_files(project) if project else []
    own = source(files)
    code = own + b"\n" + source(modules(script.resolve().parent)) if script else own
    names = {*named(code, site_packages), *(standard_library(site_packages) if runs_files(code) else ())}
    options = [f"--recursive-copy-metadata={project.name}"] if project and VERSIONS.search(own) else []
    options += ["--debug=noarchive"] if lists_itself(own) else []
    sources = loads_files(files)
    for top in sorted(packages(project)) if project else ():
        data, imported = python_data(top, site_packages, sources)
        options += [f"--add-data={pattern}:{place}" for pattern, place in data]
        names |= set(imported)
    for package in distributions(path=list(site_packages)):
        options += [f"--add-data={file}:{place}" for file, place in shared_data(package)]
        of_itself, all_modules, data_files = needs(package, site_packages)
        names |= set(of_itself)
        if project and package.name == project.name:  # all of it is added
            continue
        for top in sorted(packages(package)):
            options += [f"--collect-submodules={top.name}"] if all_modules else []
            options += [f"--collect-data={top.name}"] if data_files and has_data(top) else []
    return [*options, *(f"--hidden-import={name}" for name in sorted(names))]


def packages(distribution: Distribution) -> set[Path]:
    """The folders of a distribution's packages."""
    names = {file.parts[0] for file in distribution.files or () if len(file.parts) > 1 and file.suffix == ".py"}
    return {Path(str(distribution.locate_file(name))) for name in names if name.isidentifier()}


def has_data(package: Path) -> bool:
    """Whether a package has files that are for its code. To collect data takes PyInstaller a process."""
    others = (".py", ".pyc", ".pyd", ".pyi", ".pyx", ".pxd", ".so", ".typed", "")
    return any(file.suffix not in others for file in package.rglob("*") if file.is_file())


def entry_points(site_packages: Sequence[str]) -> Iterator[tuple[str, EntryPoint]]:
    """The plugins of installed distributions, each with the name of its distribution."""
    for distribution in distributions(path=list(site_packages)):
        for entry in distribution.entry_points:
            if not NO_PLUGINS.fullmatch(entry.group) and re.match(r"[\w.]+\s*(?::|\[|$)", entry.value):
                yield distribution.name, entry


def groups(site_packages: Sequence[str], script: Path | None, names: set[str]) -> set[str]:
    """The given group names that occur as strings in the code."""
    if not names:
        return set()
    pattern = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    literal = re.compile(rf"['\"]({pattern})['\"]".encode())
    files = [file for folder in site_packages for file in Path(folder).rglob("*.py")]
    files += modules(script.resolve().parent) if script else []
    texts = (file.read_bytes() for file in files if file.is_file())
    return {name.decode() for text in texts for name in literal.findall(text)}
