"""The programs to download. dist/ gets these files; SYSTEM is such as linux-amd64 or darwin-arm64:

COMMAND-SYSTEM[.exe]           one file, which unpacks itself at every start
COMMAND-SYSTEM.tar.gz|.zip     a folder, which starts without unpacking
COMMAND-SYSTEM.licenses.txt    the licences of what is inside
COMMAND-SYSTEM.cdx.json        what is inside: the SBOM, as CycloneDX
glibc-SYSTEM.txt               Linux: the oldest glibc that the programs start with
"""

# ruff: noqa: S603 - it asks Python

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from freezer.archive import create
from freezer.contents import entry, glibc
from freezer.environment import (
    BUILD,
    PYTHON,
    ROOT,
    commit_time,
    install_project,
    install_tools,
    project_table,
    versions,
)
from freezer.processes import fail
from freezer.program import freeze, list_contents, spec_of

DIST = ROOT / "dist"
WINDOWS = os.name == "nt"


def download(command: str, name: str) -> None:
    """Build and start the programs, and keep them."""
    if DIST.exists() and not DIST.is_dir():
        fail("dist is a file, and the programs go into a folder of that name: rename the file")
    spec_of(command)
    install_project(name)
    install_tools()
    os.environ["SOURCE_DATE_EPOCH"] = commit_time()
    options = windows_properties(command) if WINDOWS else []
    folder = freeze(command, *options).parent
    floor = check_glibc(folder) if name.startswith("linux-") else ""
    onefile = freeze(command, "--onefile", *options)
    contents = BUILD / "contents"
    shutil.rmtree(contents, ignore_errors=True)
    single = entry(f"{command}-{name}{onefile.suffix}", "", onefile.read_bytes())
    list_contents(command, folder, contents, command, [single])

    DIST.mkdir(exist_ok=True)
    target = DIST / f"{command}-{name}"
    archive = target.with_name(target.name + (".zip" if WINDOWS else ".tar.gz"))
    shutil.copytree(contents / "licenses", folder / "licenses")
    create(folder, archive)
    kept = [Path(shutil.copy(onefile, target.with_name(target.name + onefile.suffix))), archive]
    write_licenses(contents / "licenses", target.with_name(f"{target.name}.licenses.txt"))
    shutil.copy(contents / "sbom.cdx.json", target.with_name(f"{target.name}.cdx.json"))
    for file in kept:
        print(f"dist/{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    if floor:
        (DIST / f"glibc-{name}.txt").write_text(f"{floor}\n")
        print(f"The programs need glibc {floor} or newer.")
    if versions().get("UPX_PACK") == "on":
        print("UPX_PACK=on is for the image. Virus scanners distrust downloads that are packed.")


def windows_properties(command: str) -> Sequence[str]:
    """The options of the spec that give the program its version, author and so on."""
    code = "import importlib.metadata as m, json, sys; print(json.dumps(m.metadata(sys.argv[1]).json))"
    output = subprocess.check_output([PYTHON, "-c", code, project_table()["name"]])
    file = BUILD / "version.txt"
    file.write_text(resource(json.loads(output), command), encoding="utf-8")
    return [f"--version-file={file}"]


def resource(metadata: Mapping[str, str], command: str) -> str:
    """Write a package's metadata as PyInstaller reads what Windows shows as a program's properties.

    https://pyinstaller.org/en/stable/usage.html#capturing-windows-version-data
    """
    version = metadata["version"]
    # Four numbers of 16 bits: https://learn.microsoft.com/en-us/windows/win32/menurc/versioninfo-resource
    numbers = [int(part) for part in re.findall(r"\d+", re.sub(r"^\d+!|[^\d.].*", "", version))]
    four = tuple(min(number, 0xFFFF) for number in [*numbers, 0, 0, 0, 0][:4])
    author = metadata.get("author") or metadata.get("author_email", "").partition("<")[0]
    strings = {
        "CompanyName": author.strip(),
        "FileDescription": metadata.get("summary") or command,
        "FileVersion": version,
        "InternalName": command,
        "LegalCopyright": metadata.get("license_expression"),
        "OriginalFilename": f"{command}.exe",
        "ProductName": metadata["name"],
        "ProductVersion": version,
    }
    table = ", ".join(f"StringStruct({key!r}, {text!r})" for key, text in strings.items() if text)
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}), kids=[\n"
        f"  StringFileInfo([StringTable('040904B0', [{table}])]),\n"
        "  VarFileInfo([VarStruct('Translation', [1033, 1200])]),\n])\n"
    )


def check_glibc(folder: Path) -> str:
    """The glibc that a folder needs, which must not be newer than promised."""
    # That of manylinux_2_28, or of Debian 12, which an apt.txt needs.
    usual = "2.36" if (ROOT / "apt.txt").is_file() else "2.28"
    limit = versions().get("GLIBC_MAX", usual)
    minor, file = glibc(folder)
    if minor > int(limit.rpartition(".")[2]):
        fail(
            f"{file} needs glibc 2.{minor}, and {limit} is the limit. Take another version of the "
            f"package that brings this file, or allow it: write GLIBC_MAX=2.{minor} into versions.env."
        )
    return f"2.{minor}"


def write_licenses(folder: Path, file: Path) -> None:
    """Write the licences of a folder with one folder for each package as one text."""
    with file.open("w", encoding="utf-8", newline="\n") as output:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            output.write(f"=== {path.relative_to(folder).as_posix()}\n\n{text}\n\n")
