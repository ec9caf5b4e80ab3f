"""What a program is made of: parts that somebody made and versioned, and who knows them."""

# ruff: noqa: S603 - it asks dpkg and rpm

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any
from urllib.parse import quote

from freezer.contents import Entry

# The vendor, and the product if it is called otherwise: https://nvd.nist.gov/products/cpe/search
VENDORS = {
    "bzip2": "bzip",
    "expat": "libexpat_project:libexpat",
    "ncurses": "gnu",
    "openssl": "openssl",
    "python": "python",
    "sqlite": "sqlite",
    "tcl-tk": "tcl:tcl",
    "xz": "tukaani",
    "zlib": "zlib",
    "zstd": "facebook:zstandard",
}


@dataclass
class Component:
    """A part of a program."""

    name: str
    version: str = ""
    purl: str = ""
    kind: str = "library"  # as CycloneDX calls it
    license: str = ""  # in SPDX's words
    license_name: str = ""  # in its own words
    author: str = ""
    needs: Sequence[str] = ()  # the names of distributions
    texts: dict[str, Path] = field(default_factory=dict)  # of its licences, by their names
    files: list[Entry] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)  # what is in its files, as it says

    @property
    def reference(self) -> str:
        """What names it within a document."""
        return self.purl or f"{self.name}@{self.version}"

    @property
    def cpe(self) -> str:
        """The name by which scanners look up vulnerabilities, if it is known."""
        vendor, _, product = VENDORS.get(self.name, "").partition(":")
        if not vendor or not self.version or not self.purl.startswith("pkg:generic/"):
            return ""
        return f"cpe:2.3:a:{vendor}:{product or self.name}:{self.version}:*:*:*:*:*:*:*"


def generic(name: str, version: str = "", **others: Any) -> Component:
    """A component that no package manager knows."""
    at = f"@{quote(version, ':')}" if version else ""
    return Component(name, version, f"pkg:generic/{quote(name, '')}{at}", **others)


def normal(name: str) -> str:
    """The name of a distribution as PyPI compares it: https://peps.python.org/pep-0503/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(found: Distribution) -> Component:
    """The component that a distribution is, with the texts of its licences."""
    metadata = {key: str(found.metadata[key] or "") for key in set(found.metadata)}
    name = normal(found.name)
    component = Component(name, found.version, f"pkg:pypi/{name}@{quote(found.version, ':')}")
    component.license = metadata.get("License-Expression", "")
    component.license_name = metadata.get("License", "").strip().partition("\n")[0]
    component.author = metadata.get("Author") or metadata.get("Author-email", "")
    component.needs = [
        normal(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in found.requires or ()
    ]
    for file in found.files or ():
        folder, *rest = file.parts
        if folder.endswith(".dist-info") and rest[1:] and rest[0] in ("licenses", "license_files"):
            component.texts["/".join(rest[1:])] = Path(str(found.locate_file(file)))
        elif folder.endswith(".dist-info") and re.match(
            "LICEN[CS]E|COPYING|NOTICE|AUTHORS", rest[0]
        ):
            component.texts["/".join(rest)] = Path(str(found.locate_file(file)))
    parts = {
        part.reference: part
        for part in declared(found)
        if part.purl.split("@")[0] != f"pkg:pypi/{name}"
    }
    component.parts = list(parts.values())
    return component


def declared(found: Distribution) -> Iterator[Component]:
    """What a wheel says is in it: https://peps.python.org/pep-0770/"""
    for file in found.files or ():
        if file.parent.name != "sboms" or file.suffix != ".json":
            continue
        text = Path(str(found.locate_file(file))).read_text(encoding="utf-8")
        for part in json.loads(text).get("components", ()):
            if part.get("scope") != "excluded":
                told = [
                    one.get("expression") or one["license"].get("id")
                    for one in part.get("licenses", ())
                ]
                expression = " AND ".join(f"({one})" if " " in one else one for one in told if one)
                yield Component(
                    part["name"],
                    part.get("version", ""),
                    part.get("purl", ""),
                    part["type"],
                    expression,
                )


def system_packages(paths: Sequence[Path]) -> Mapping[Path, Component]:
    """The packages of the system that own files: those of Debian, or of a system with rpm."""
    if shutil.which("dpkg-query"):
        return debian(paths)
    return rpm(paths) if shutil.which("rpm") else {}


def release() -> tuple[str, str]:
    """The system's name, and with its version: https://www.freedesktop.org/software/systemd/man/os-release.html"""
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    said = dict(re.findall(r'(?m)^(\w+)="?(.*?)"?$', text))
    return said["ID"], f"{said['ID']}-{said.get('VERSION_ID') or said['VERSION_CODENAME']}"


def ask(*command: str | Path) -> Sequence[Sequence[str]]:
    """The lines that a command prints, in columns. It ends with an error if one thing is unknown."""
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [line.split("\t") for line in said.splitlines()]


def debian(paths: Sequence[Path]) -> Mapping[Path, Component]:
    """The packages of Debian that own files. It may know a file by its place before /usr was merged."""
    places = {str(place): path for path in paths for place in (path, Path("/", *path.parts[2:]))}
    owners = {}
    for (line,) in ask("dpkg-query", "--search", *places):
        package, _, place = line.partition(": ")
        if place in places:
            owners[places[place]] = package.split(", ")[0]
    columns = "${binary:Package}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\n"
    shown = (
        ask("dpkg-query", "--show", f"--showformat={columns}", *set(owners.values()))
        if owners
        else []
    )
    system, distro = release()
    found = {}
    for key, name, version, architecture, source in shown:
        query = f"arch={architecture}&distro={distro}" + (
            f"&upstream={source}" if source != name else ""
        )
        purl = f"pkg:deb/{system}/{quote(name, '')}@{quote(version, ':')}?{query}"
        found[key] = Component(name, version, purl)
        copyright_file = Path("/usr/share/doc", name, "copyright")
        if copyright_file.is_file():
            found[key].texts["copyright"] = copyright_file
    return {path: found[owner] for path, owner in owners.items() if owner in found}


def rpm(paths: Sequence[Path]) -> Mapping[Path, Component]:
    """The packages of a system with rpm that own files."""
    system, distro = release()
    columns = r"%{NAME}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{EPOCH}\t%{LICENSE}\t%{SOURCERPM}\n"
    found: dict[str, Component] = {}
    owners = {}
    for path in paths:
        for name, version, architecture, epoch, expression, source in ask(
            "rpm", "-qf", "--qf", columns, path
        ):
            query = f"arch={architecture}&distro={distro}&upstream={source}"
            query += f"&epoch={epoch}" if epoch.isdigit() else ""
            purl = f"pkg:rpm/{system}/{quote(name, '')}@{quote(version, ':')}?{query}"
            if name not in found:
                texts = {
                    Path(text).name: Path(text)
                    for (text,) in ask("rpm", "-qL", name)
                    if Path(text).is_file()
                }
                found[name] = Component(name, version, purl, license_name=expression, texts=texts)
            owners[path] = found[name]
    return owners
