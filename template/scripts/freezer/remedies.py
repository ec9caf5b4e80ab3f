"""What helps a program that did not start: an option of PyInstaller, a dependency, or a library."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import distributions

MODULE = re.compile(r"No module named '([\w.]+)'")
METADATA = re.compile(
    r"(?:No package metadata was found for |PackageNotFoundError: (?!No )|NotFound: The ')"
    r"(?P<name>[\w.-]+)"
)
# A file of a package, in the folder that the program is unpacked to.
FILE = re.compile(r"FileNotFoundError: .*(?:_internal|_MEI\w+)[/\\]+(?P<package>\w+)[/\\]")
LIBRARY = re.compile(
    r"(?<![/\w.+-])(?P<name>lib[\w+-]+)\.so(?:\.(?P<version>\d+))?[\w.]*: cannot open"
)


@dataclass(frozen=True)
class Remedy:
    """What helps: a sentence for the user, and options that can be tried at once."""

    advice: str
    options: Sequence[str] = ()


def remedy(reason: str, site_packages: Sequence[str]) -> Remedy:
    """What helps against the reason why a program did not start, given where packages are."""
    if found := LIBRARY.search(reason):
        package = debian_package(found["name"], found["version"] or "")
        return Remedy(f"The library should be in a Debian package: set APT_PACKAGES={package}.")
    if "no pq wrapper available" in reason:
        # https://www.psycopg.org/psycopg3/docs/basic/install.html#binary-installation
        return Remedy(
            "psycopg brings no libpq of its own: psycopg[binary] in requirements.txt does."
        )
    if found := MODULE.search(reason):
        return module(found[1], site_packages)
    if found := METADATA.search(reason):
        name = found["name"]
        known = any(distributions(name=name, path=list(site_packages)))
        return overlooked(f"--copy-metadata={name}") if known else not_installed(name)
    if found := FILE.search(reason):
        return overlooked(f"--collect-data={found['package']}")
    return Remedy(
        "--collect-all=PACKAGE and --copy-metadata=PACKAGE add what PyInstaller overlooks."
    )


def module(name: str, site_packages: Sequence[str]) -> Remedy:
    """What helps where a module is missing."""
    package = name.partition(".")[0]
    if package in sys.stdlib_module_names:
        return overlooked(f"--hidden-import={name}")
    if PathFinder.find_spec(package, site_packages) is None:
        return not_installed(package)
    # A package that computes one name of a module often computes others: all of them come along.
    return overlooked(f"--collect-all={package}")


def overlooked(option: str) -> Remedy:
    """What helps where something is installed and not frozen."""
    function = option.lstrip("-").partition("=")[0].replace("-", "_")
    in_spec = "hiddenimports" if function == "hidden_import" else f"{function}()"
    return Remedy(f"{option} adds it. In a spec, that is {in_spec}.", [option])


def not_installed(name: str) -> Remedy:
    """What helps where something is not installed."""
    return Remedy(
        f"{name} is not installed: add it to the project's dependencies or to requirements.txt."
    )


def debian_package(library: str, version: str) -> str:
    """The Debian package of a shared library, as most are named.

    https://www.debian.org/doc/debian-policy/ch-sharedlibs.html#run-time-shared-libraries
    """
    hyphen = "-" if version and library[-1].isdigit() else ""
    return f"{library}{hyphen}{version}".lower().replace("_", "-")
