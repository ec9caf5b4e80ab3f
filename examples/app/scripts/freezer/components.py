"""What a program is made of: parts that somebody made and versioned, and who knows them."""

# ruff: noqa: S603 - it asks dpkg and rpm

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any
from urllib.parse import quote

from freezer.contents import Entry

OS_RELEASE = Path("/etc/os-release")
# The vendor and the product, by which scanners know them: https://nvd.nist.gov/products/cpe/search
CPE = {
    "bzip2": "bzip:bzip2",
    "expat": "libexpat_project:libexpat",
    "ncurses": "gnu:ncurses",
    "openssl": "openssl:openssl",
    "python": "python:python",
    "sqlite": "sqlite:sqlite",
    "xz": "tukaani:xz",
    "zlib": "zlib:zlib",
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
    email: str = ""
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
        known = self.version and self.purl.startswith("pkg:generic/") and CPE.get(self.name)
        return f"cpe:2.3:a:{known}:{self.version}:*:*:*:*:*:*:*" if known else ""


def purl(kind: str, name: str, version: str) -> str:
    """The purl of a package: https://github.com/package-url/purl-spec"""
    return f"pkg:{kind}/{quote(name, '')}" + (f"@{quote(version, ':')}" if version else "")


def generic(name: str, version: str = "", **others: Any) -> Component:
    """A component that no package manager knows."""
    return Component(name, version, purl("generic", name, version), **others)


def normal(name: str) -> str:
    """The name of a distribution as PyPI compares it: https://peps.python.org/pep-0503/"""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(found: Distribution) -> Component:
    """The component that a distribution is, with the texts of its licences."""
    metadata = found.metadata
    fields = {key: str(metadata[key]) for key in set(metadata)}
    name = normal(found.name)
    component = Component(name, found.version, purl("pypi", name, found.version))
    component.license = fields.get("License-Expression", "")
    component.license_name = fields.get("License", "").strip().partition("\n")[0]
    author, component.email = parseaddr(fields.get("Author-email", "").partition(",")[0])
    component.author = fields.get("Author") or author or component.email
    component.needs = [normal(re.split(r"[^\w.-]", text)[0]) for text in found.requires or ()]
    for file in found.files or ():
        if not file.parts[0].endswith(".dist-info"):
            continue
        path = Path(str(found.locate_file(file)))
        text = re.match(
            r"(?:licenses|license_files)/(.+)|((?:LICEN[CS]E|COPYING|NOTICE|AUTHORS)[^/]*)$", "/".join(file.parts[1:])
        )
        if text:
            component.texts[text[1] or text[2]] = path
        elif file.parts[1] == "sboms" and file.suffix == ".json":
            parts = {part.reference: part for part in [*component.parts, *declared(path)]}
            component.parts = [part for part in parts.values() if part.purl.split("@")[0] != f"pkg:pypi/{name}"]
    return component


def declared(sbom: Path) -> Iterator[Component]:
    """What a wheel says is in it: https://peps.python.org/pep-0770/"""
    for part in json.loads(sbom.read_text(encoding="utf-8")).get("components", ()):
        if part.get("scope") != "excluded":
            told = [one.get("expression") or one["license"].get("id") for one in part.get("licenses", ())]
            expression = " AND ".join(f"({one})" if " " in one else one for one in told if one)
            known = part["name"], part.get("version", ""), part.get("purl", ""), part["type"]
            yield Component(*known, expression)


def system_packages(paths: Sequence[Path]) -> Mapping[Path, Component]:
    """The packages of the system that own files: those of Debian, or of a system with rpm."""
    ask = debian if shutil.which("dpkg-query") else rpm if shutil.which("rpm") else None
    # On macOS, Homebrew may bring these commands, and the system is none of theirs.
    if not paths or not ask or not OS_RELEASE.is_file():
        return {}
    system = dict(re.findall(r'(?m)^(\w+)="?(.*?)"?$', OS_RELEASE.read_text(encoding="utf-8")))
    distro = f"{system['ID']}-{system.get('VERSION_ID') or system['VERSION_CODENAME']}"
    found: dict[str, Component] = {}
    owners = {}
    for path, (name, version, architecture, epoch, source, license_name) in ask(paths):
        kind = f"{'rpm' if ask is rpm else 'deb'}/{system['ID']}"
        texts = "licenses/{}/*" if ask is rpm else "doc/{}/copyright"
        known = purl(kind, name, version)
        known += f"?arch={architecture}&distro={distro}{epoch}&upstream={quote(source)}"
        component = Component(name, version, known, license_name=license_name)
        component.texts = {text.name: text for text in Path("/usr/share").glob(texts.format(name))}
        owners[path] = found.setdefault(known, component)
    return owners


def debian(paths: Sequence[Path]) -> Iterator[tuple[Path, Sequence[str]]]:
    """What dpkg says of files. It may know one by its place before /usr was merged."""
    places = {str(place): path for path in paths for place in (path, Path("/", *path.parts[2:]))}
    owners = [line.partition(": ") for line in lines("dpkg-query", "--search", *places)]
    columns = "${binary:Package}\t${Package}\t${Version}\t${Architecture}\t\t${source:Package}\n"
    packages = {owner.split(", ")[0] for owner, _, place in owners if place in places}
    shown = lines("dpkg-query", "--show", f"--showformat={columns}", *packages) if packages else []
    details = {key: rest for key, *rest in (line.split("\t") for line in shown)}
    for owner, _, place in owners:
        if place in places and (known := details.get(owner.split(", ")[0])):
            yield places[place], [*known, ""]


def rpm(paths: Sequence[Path]) -> Iterator[tuple[Path, Sequence[str]]]:
    """What rpm says of files."""
    columns = r"%{NAME}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%|EPOCH?{&epoch=%{EPOCH}}:{}|\t%{SOURCERPM}\t%{LICENSE}\n"
    for path in paths:
        for line in lines("rpm", "-qf", "--queryformat", columns, path):
            if "\t" in line:  # and not: is not owned by any package
                yield path, line.split("\t")


def lines(*command: str | Path) -> Sequence[str]:
    """The lines that a command prints. It fails if one of the things is unknown."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
