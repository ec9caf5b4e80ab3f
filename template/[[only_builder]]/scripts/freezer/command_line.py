"""What the user asks for: the arguments and the environment variables of a run.

Nothing is done here, so a wrong argument or variable is refused before anything has changed.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from freezer.processes import fail

HELP = """\
usage: docker run --rm -v "$PWD:/src" IMAGE [--no-verify] [PYINSTALLER ARGUMENT...] [SCRIPT | SPEC]
       docker run --rm -v "$PWD:/src" IMAGE COMMAND...

Freezes the program in /src with PyInstaller. The result is in /src/dist.

Without a SCRIPT or SPEC it freezes the first of these that exists:
  - $SPECFILE
  - the only *.spec
  - each command of the project (pyproject.toml or setup.py)
  - main.py, app.py, or the only *.py

Each program is started once, with --help, in an empty folder, for at most ten seconds. The run
fails if the program does not start. What the start shows to be installed and not frozen is added,
and the program is frozen once more.
  --no-verify   do not start it

environment:
  SPECFILE      the spec to use
  REQUIREMENTS  what to install first (default: uv.lock, pylock.toml or requirements.txt)
  EXTRAS        extras of the project to install
  GROUPS        dependency groups of pyproject.toml to install
  APT_PACKAGES  Debian packages to install first; needs root, so leave out --user
{variables}
The files in dist belong to the owner of /src, or to --user. Nothing else is left in /src.
https://pyinstaller.org/en/stable/usage.html lists the arguments of PyInstaller.
"""

# https://www.debian.org/doc/debian-policy/ch-controlfields.html#source
DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def action(arguments: Sequence[str]) -> Literal["help", "version", "freeze", "command"]:
    """Whether the arguments ask for help or the version, are PyInstaller's, or are a command."""
    first = arguments[0] if arguments else ""
    if first in ("--help", "-h"):
        return "help"
    if first in ("--version", "-v"):
        return "version"
    if not first or first.startswith("-") or is_script_or_spec(first):
        return "freeze"
    return "command"


@dataclass(frozen=True)
class Request:
    """What to freeze and how, as far as the user says it."""

    arguments: Sequence[str]  # for PyInstaller
    dist: Path
    verify: bool
    names_program: bool  # a script or spec is among the arguments
    onefile: bool
    specfile: str | None
    requirements: str | None
    extras: Sequence[str]
    groups: Sequence[str]
    debian_packages: Sequence[str]
    upx: bool


def read(arguments: Sequence[str], environment: Mapping[str, str], upx_pack: str) -> Request:
    """Read what the user asks for; upx_pack is the default of UPX_PACK."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="freezer", add_help=False, allow_abbrev=False)
    parser.add_argument("--no-verify", action="store_true")
    parser.add_argument("--distpath", type=Path, default=Path("dist"))
    own, passed = parser.parse_known_args(arguments[:end])
    return Request(
        arguments=[*passed, *arguments[end:]],
        dist=own.distpath,
        verify=not own.no_verify,
        names_program=any(map(is_script_or_spec, {*passed[:1], *passed[-1:]})),
        onefile=bool({"-F", "--onefile"} & set(passed)),
        specfile=environment.get("SPECFILE") or None,
        requirements=environment.get("REQUIREMENTS"),
        extras=words(environment.get("EXTRAS", "")),
        groups=words(environment.get("GROUPS", "")),
        debian_packages=debian_packages(environment.get("APT_PACKAGES", "")),
        upx=switch("UPX_PACK", environment.get("UPX_PACK", upx_pack)),
    )


def is_script_or_spec(argument: str) -> bool:
    """Whether an argument names a script or a spec."""
    return Path(argument).suffix in (".py", ".spec")


def words(text: str) -> Sequence[str]:
    """The words of a text, separated by spaces or commas."""
    return text.replace(",", " ").split()


def debian_packages(text: str) -> Sequence[str]:
    """The names of Debian packages in a text."""
    names = words(text)
    for name in names:
        if not DEBIAN_PACKAGE.fullmatch(name):
            fail(f"APT_PACKAGES: {name!r} is not a name of a Debian package")
    return names


def switch(name: str, value: str) -> bool:
    """Whether a variable is on."""
    if value not in ("on", "off"):
        fail(f"{name} is on or off, not {value!r}")
    return value == "on"
