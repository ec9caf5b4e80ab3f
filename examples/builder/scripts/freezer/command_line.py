"""What the user asks for: the arguments and the environment variables of a run.

Nothing is done here, so a wrong argument or variable is refused before anything has changed.
"""

import argparse
import io
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
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

Several commands share one folder. Each program is started once, with --help, in an empty folder,
for about ten seconds. The run fails if the program ends differently than without PyInstaller. If
the start shows that something installed was not frozen, it is added, and the program is frozen once
more.
  --no-verify   do not start it

environment:
  SPECFILE      the spec to use
  COMMANDS      the commands of the project to freeze (default: all)
  PACKAGE       the project to freeze: a member of the workspace of uv, or a folder
  REQUIREMENTS  what to install first (default: uv.lock, pylock.toml or requirements.txt)
  EXTRAS        extras of the project to install
  GROUPS        dependency groups of pyproject.toml to install
  APT_PACKAGES  Debian packages to install first; needs root, so leave out --user
  SBOM          off: do not check and list what is inside
{variables}
The files in dist belong to the owner of /src, or to --user. Nothing else is left in /src.
https://pyinstaller.org/en/stable/usage.html lists the arguments of PyInstaller.
"""

TOOLS = "/opt/tools"  # where PyInstaller is
# https://www.debian.org/doc/debian-policy/ch-controlfields.html#source
DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def action(arguments: Sequence[str]) -> Literal["help", "version", "freeze", "command"]:
    """Whether the arguments ask for help or the version, are PyInstaller's, or are a command."""
    first = arguments[0] if arguments else ""
    if first in ("--help", "-h"):
        return "help"
    if first in ("--version", "-v"):
        return "version"
    if not first or first.startswith("-") or Path(first).suffix in (".py", ".pyw", ".spec"):
        return "freeze"
    return "freeze" if Path(first).is_file() and not shutil.which(first) else "command"


@dataclass(frozen=True)
class Request:
    """What to freeze and how, as far as the user says it."""

    arguments: Sequence[str]  # for PyInstaller
    scripts: Sequence[str]  # those among the arguments, or a spec
    name: str | None
    dist: Path
    verify: bool
    onefile: bool
    specfile: str | None
    commands: Sequence[str]
    package: str | None
    requirements: str | None
    extras: Sequence[str]
    groups: Sequence[str]
    debian_packages: Sequence[str]
    upx: bool
    sbom: bool


def parser() -> argparse.ArgumentParser:
    """PyInstaller's own parser of its arguments."""
    sys.path.append(TOOLS)
    from PyInstaller.__main__ import generate_parser  # not there in unit tests

    made: argparse.ArgumentParser = generate_parser()
    return made


def read(
    arguments: Sequence[str], environment: Mapping[str, str], upx_pack: str, parser: argparse.ArgumentParser
) -> Request:
    """Read what the user asks for, given the default of UPX_PACK and that parser."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    own = [word for word in arguments[:end] if word == "--no-verify"]
    passed = [word for word in arguments[:end] if word != "--no-verify"] + [*arguments[end:]]
    parsed = parse(parser, passed)
    default = parsed.distpath == parser.get_default("distpath")
    return Request(
        arguments=passed,
        scripts=parsed.filenames,
        name=parsed.name,
        dist=Path("dist" if default else parsed.distpath),
        verify=not own,
        onefile=parsed.onefile or False,
        specfile=environment.get("SPECFILE") or None,
        commands=words(environment.get("COMMANDS", "")),
        package=environment.get("PACKAGE") or None,
        requirements=environment.get("REQUIREMENTS"),
        extras=words(environment.get("EXTRAS", "")),
        groups=words(environment.get("GROUPS", "")),
        debian_packages=debian_packages(environment.get("APT_PACKAGES", "")),
        upx=switch("UPX_PACK", environment.get("UPX_PACK", upx_pack)),
        sbom=switch("SBOM", environment.get("SBOM", "on")),
    )


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """What PyInstaller's own parser reads in arguments, which may lack a script."""
    try:
        with redirect_stderr(io.StringIO()):
            return parser.parse_args(arguments)
    except SystemExit as ended:
        if not ended.code:  # it has printed its help
            raise
    # With a script, only a real error is left: then the parser says it, and ends the run.
    parsed = parser.parse_args([*arguments, "script"])
    parsed.filenames = []
    return parsed


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
