"""Tools that install from releases find the file of each system by its name.

mise is the real one, and GitHub is ours. The rules of the others stand here, as their sources have them.
"""

import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.downloads import downloads, gather, provide
from tests.support.git import git
from tests.support.github import GitHub
from tests.support.rendering import DOWNLOADS, Render
from tests.support.runner import WORKFLOW, Repository
from tests.support.signing import MODULES
from tests.workflow.small_workflow import gh, job, workflow

SYSTEMS = DOWNLOADS[-1]
MISE = MODULES / "@jdxcode/mise-linux-x64/bin/mise"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a release for every system."""
    folder = tmp_path_factory.mktemp("files")
    for system in SYSTEMS:
        provide(folder, system)
    assert gather(folder, *SYSTEMS).returncode == 0
    (folder / "release/my-tool.sigstore.json").write_text("{}")
    return folder / "release"


@pytest.fixture(scope="module")
def advice(render: Render) -> dict[str, str]:
    """What RELEASES.md says to do with each tool."""
    text = (
        render(downloads=SYSTEMS, repository_name="gh-tool") / ".github/RELEASES.md"
    ).read_text()
    return dict(re.findall(r"(?m)^\| \[(\w+)\]\S+ \| (?:in a registry: )?`(.*?)`", text))


def test_mise_installs_the_folder_of_every_system(
    small: Callable[..., Repository],
    github: GitHub,
    files: Path,
    advice: dict[str, str],
    tmp_path: Path,
) -> None:
    """It would also verify the attestations, but only with Sigstore's public instance: here are none."""
    create = gh(f"gh release create v1.2.3 {files}/* --verify-tag --notes x")
    one = small({WORKFLOW: workflow(release=job(create, permissions={"contents": "write"}))})
    git(one.folder, "tag", "v1.2.3")
    assert one.run("push").passed
    if not MISE.exists():
        pytest.skip("npm has mise for another processor only")

    def mise(*arguments: str) -> str:
        environment = {
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "HTTPS_PROXY": f"http://{github.address}",
            "SSL_CERT_FILE": str(github.certificate),
            "MISE_USE_VERSIONS_HOST": "0",
        }
        return run(MISE, *arguments, cwd=tmp_path, env=environment)

    command, *arguments = advice["mise"].replace("Acme-Org/gh-tool", one.name).split()
    assert command == "mise"
    mise(*arguments)
    assert mise("exec", "--", "my-tool", "--version") == "my-tool 1.2.3 for linux-amd64\n"
    [library] = tmp_path.glob(".local/share/mise/installs/*/1.2.3/_internal/library")
    assert library.read_text() == "linux-amd64"

    names = {
        system: system.replace("darwin", "macos").replace("amd64", "x64") for system in SYSTEMS
    }
    mise("lock", "--global", "--platform", ",".join(names.values()))
    lock = tomllib.loads((tmp_path / ".config/mise/mise.lock").read_text())
    [tool] = lock["tools"][f"github:{one.name}"]
    found = {
        system: tool[f"platforms.{name}"]["url"].rpartition("/")[2]
        for system, name in names.items()
    }
    assert found == {system: downloads(system)[1] for system in SYSTEMS}


def eget(names: Sequence[str], system: str, arch: str, advice: str) -> list[str]:
    """https://github.com/zyedidia/eget/blob/0983dea/detect.go"""
    systems = {
        "linux": "linux|ubuntu",
        "windows": "[^r]win|windows",
        "darwin": "darwin|mac.?(os)?|osx",
    }
    arches = {"amd64": "x64|amd64|x86(-|_)?64", "arm64": "arm64|armv8|aarch64"}
    for unwanted in re.findall(r"--asset \^(\S+)", advice):
        names = [name for name in names if unwanted not in name]
    matching = (re.compile(f"(?i){part}") for part in (systems[system], arches[arch]))
    for pattern in matching:
        names = [name for name in names if pattern.search(name)]
    return list(names)


def gh_extension(names: Sequence[str], system: str, arch: str, _: str) -> list[str]:
    """https://github.com/cli/cli/blob/44ee177/pkg/cmd/extension/manager.go#L253"""
    suffix = f"{system}-{arch}" + (".exe" if system == "windows" else "")
    return [name for name in names if name.endswith(suffix)][:1]


def aqua(names: Sequence[str], system: str, arch: str, advice: str) -> list[str]:
    """https://github.com/aquaproj/aqua/blob/197d9f1/pkg/config/windows_ext.go#L84"""
    name = advice.removeprefix("asset: ").replace("{{.OS}}", system).replace("{{.Arch}}", arch)
    return [one for one in names if one == name + (".exe" if system == "windows" else "")]


def ubi(names: Sequence[str], system: str, arch: str, _: str) -> list[str]:
    """https://github.com/houseabsolute/ubi/blob/eba5f1a/ubi/src/picker.rs#L44"""
    systems = {
        "linux": "linux(static)?",
        "windows": "win(32|64|dows)?",
        "darwin": "darwin|mac(osx?)?|osx",
    }
    arches = {"amd64": "x86[_-]64|x64|amd64", "arm64": "aarch_?64|arm_?64"}
    known = r"[^.]+(\.tar\.gz|\.zip" + (r"|\.exe" if system == "windows" else "") + ")?"
    names = [name for name in names if re.fullmatch(known, name)]
    for part in (systems[system], arches[arch]):
        names = [name for name in names if re.search(rf"(?i)(\b|_)({part})(\b|_)", name)]
    # On a Mac for Arm it takes the first that GitHub lists, else the first by name.
    return names if (system, arch) == ("darwin", "arm64") else sorted(names)[:1]


def bin_(names: Sequence[str], system: str, arch: str, _: str) -> list[str]:
    """https://github.com/marcosnils/bin/blob/9ae5fec/pkg/assets/assets.go#L190"""
    scores = {system: 10, arch: 5, **({"exe": 15, "win": 10} if system == "windows" else {})}
    found = {
        name: sum(score for word, score in scores.items() if word in name)
        for name in names
        if not name.endswith((".txt", ".json"))
    }
    return [name for name, score in found.items() if score == max(found.values())]


def dra(names: Sequence[str], system: str, arch: str, _: str) -> list[str]:
    """https://github.com/devmatteini/dra/blob/85b36b6/src/system/macos.rs"""
    found = [name for name in names if system in name and arch in name]
    return sorted(found, key=lambda name: not name.endswith((".gz", ".zip")))[:1]


ONE, FOLDER = {"one file"}, {"folder"}
# What each tool takes: on Linux, on Windows, on macOS. Where it is both, the tool asks, or takes any.
RULES: dict[str, tuple[Callable[..., list[str]], set[str], set[str], set[str]]] = {
    "eget": (eget, ONE, ONE, ONE),
    "gh": (gh_extension, ONE, ONE, ONE),
    "aqua": (aqua, ONE, ONE, ONE),
    "ubi": (ubi, ONE, ONE, ONE | FOLDER),
    "bin": (bin_, ONE | FOLDER, ONE, ONE | FOLDER),
    "dra": (dra, FOLDER, FOLDER, FOLDER),
}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("tool", RULES)
def test_each_tool_takes_a_file_of_the_system(
    files: Path, advice: dict[str, str], tool: str, system: str
) -> None:
    rule, *takes = RULES[tool]
    kind, _, arch = system.partition("-")
    wanted = takes[["linux", "windows", "darwin"].index(kind)]
    if (tool, system) == ("ubi", "darwin-amd64"):
        wanted = ONE
    one, folder = downloads(system)
    names = [file.name for file in sorted(files.iterdir())]
    assert set(rule(names, kind, arch, advice.get(tool, ""))) == {
        {"one file": one, "folder": folder}[what] for what in wanted
    }
