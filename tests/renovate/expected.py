"""What Renovate must find, and what its pull requests must change."""

import re
from pathlib import Path

from tests.renovate.bot import (
    Changes,
    GitHub,
    lines,
    numbered,
    replace_checksums,
)
from tests.renovate.standin import (
    NEWEST,
    UPX_FILES,
    commit_of,
    digest_of,
    newest,
    upx_sha256,
    windows_python_sha256,
)


def keys(project: Path) -> dict[str, str]:
    """The versions of a project."""
    pairs = [line.split("=", 1) for line in lines(project / "versions.env")]
    return {pair[0]: pair[1] for pair in pairs if re.match("[A-Z]", pair[0])}


def windows(project: Path) -> bool:
    """Does a project freeze for Windows?"""
    return "PYTHON_SHA256" in keys(project)


def upx_keys(project: Path) -> list[str]:
    """The keys of a project that have the checksum of UPX for a platform."""
    return ["UPX_SHA256_WIN64"] if windows(project) else ["UPX_SHA256_AMD64", "UPX_SHA256_ARM64"]


def add_a_projects_own(project: Path) -> None:
    """Add what no template knows: a workflow, requirements, a Dockerfile and a key."""
    (project / "docs").mkdir()
    (project / "docs/requirements.txt").write_text("requests==1.0\n")
    (project / "docs/Dockerfile").write_text("FROM debian:1.0.0\n")
    (project / ".github/workflows/docs.yml").write_text(
        "on: push\n"
        "jobs:\n"
        "  docs:\n"
        "    runs-on: self-hosted\n"
        "    steps:\n"
        "      - uses: actions/checkout@v1.0.0\n"
    )
    with (project / "versions.env").open("a") as file:
        file.write("\n# renovate: datasource=pypi depName=cython\nCYTHON_VERSION=3.0.0\n")


def last(project: Path, file: str, line: str) -> Changes:
    """A change of the last line of a file."""
    return {(file, len(lines(project / file))): line}


def new_python(project: Path) -> Changes:
    """A new Python is of the same minor version, and for Windows it changes its checksum too."""
    version = keys(project)["PYTHON_VERSION"].rpartition(".")[0] + ".99"
    checksum = windows_python_sha256(version)
    changes = numbered(project, "versions.env", PYTHON_VERSION=version, PYTHON_SHA256=checksum)
    assert len(changes) == (2 if windows(project) else 1)
    return changes


def new_upx(project: Path) -> Changes:
    """A new UPX changes its version, the checksums, and the version that the checksums are of."""
    changes = numbered(
        project,
        "versions.env",
        UPX_VERSION=NEWEST,
        **{f"UPX_SHA256_{name.upper()}": upx_sha256(NEWEST, name) for name in UPX_FILES},
    )
    changes |= digest_comments(project, "upx/upx", f"v{NEWEST}")
    assert len(changes) == 1 + 2 * len(upx_keys(project))
    return changes


def digest_comments(project: Path, name: str, version: str) -> Changes:
    """The comments of versions.env that say which version of a dependency a checksum is of."""
    return {
        ("versions.env", number): re.sub("digestVersion=.*", f"digestVersion={version}", line)
        for number, line in enumerate(lines(project / "versions.env"), 1)
        if f"depName={name} digestVersion=" in line
    }


def everything_new(project: Path, github: GitHub) -> list[Changes]:
    """What the pull requests are to change in a repository that has add_a_projects_own."""
    changes = [
        new_python(project),
        numbered(
            project,
            "versions.env",
            PYINSTALLER_VERSION=NEWEST,
            PYINSTALLER_HOOKS_CONTRIB_VERSION=newest("pyinstaller-hooks-contrib"),
        ),
        numbered(project, "versions.env", MANYLINUX_VERSION=newest("manylinux")),
        new_upx(project),
        numbered(project, ".copier-answers.yml")
        | {
            (".copier-answers.yml", 3): "_commit: v1.1.0",
            ("scripts/freezer/ruff.toml", 1): "line-length = 99",
        },
        last(project, "versions.env", f"CYTHON_VERSION={NEWEST}"),
        last(project, "docs/requirements.txt", f"requests=={NEWEST}"),
        last(project, "docs/Dockerfile", f"FROM debian:{NEWEST}"),
        last(project, ".github/workflows/docs.yml", f"      - uses: actions/checkout@v{NEWEST}"),
    ]
    file = project / "pyproject.toml"
    if file.exists():
        for package in ("pytest", "ruff"):
            changes.append(
                {
                    ("pyproject.toml", number): re.sub(
                        rf"({package}==)[0-9.]+", rf"\g<1>{NEWEST}", line
                    )
                    for number, line in enumerate(lines(file), 1)
                    if f"{package}==" in line
                }
            )
    return [change for change in changes if change]


def raised(text: str) -> str:
    """A file of this repository with every pin in it raised."""
    text = re.sub(
        r"uses: ([\w-]+/[\w-]+)@[0-9a-f]{40} # v\S+",
        lambda match: f"uses: {match[1]}@{commit_of(match[1])} # v{NEWEST}",
        text,
    )
    text = re.sub(r"\bubuntu-\d+\.\d+", "ubuntu-26.04", text)
    text = re.sub(
        r"image: (\w+):[\w.]+@sha256:[0-9a-f]{64}",
        lambda match: f"image: {match[1]}:{NEWEST}@{digest_of(match[1])}",
        text,
    )
    text = re.sub(
        r"([a-z][a-z0-9-]*)==\d[\w.]*", lambda match: f"{match[1]}=={newest(match[1])}", text
    )
    return re.sub(r"(?m)^(RENOVATE := ).+", rf"\g<1>{NEWEST}", text)


def raised_copier_yml(text: str) -> str:
    """The same, for copier.yml."""
    text = re.sub(r'("3\.\d+": "3\.\d+)\.\d+"', r'\1.99"', text)
    text = re.sub(r"digestVersion=(v?)\S+", rf"digestVersion=\g<1>{NEWEST}", text)
    text = re.sub(
        r'(?m)^((\w+)_version:\n(?:  [^"\n]*\n)*  default: )"\d[\d.]*\.\d[\d.-]*"$',
        lambda match: f'{match[1]}"{newest(match[2].replace("_", "-"))}"',
        text,
    )
    text = re.sub(
        r'"(3\.\d+)": \["[\d.]+", "\w+"\]',
        lambda match: (
            f'"{match[1]}": ["{match[1]}.99", "{windows_python_sha256(match[1] + ".99")}"]'
        ),
        text,
    )
    return replace_checksums(text, NEWEST)


def in_order(found: list[Changes]) -> list[Changes]:
    """The same changes, in an order that does not depend on Renovate."""
    return sorted(found, key=lambda change: sorted(change.items()))


def words(project: Path, changes: Changes) -> dict[tuple[str, int, int], str]:
    """The same changes word by word: two pull requests may change the same line."""
    found = {}
    for (file, number), line in changes.items():
        old = lines(project / file)[number - 1].split()
        for position, (before, word) in enumerate(zip(old, line.split(), strict=True)):
            if word != before:
                found[file, number, position] = word
    return found
