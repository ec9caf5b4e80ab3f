"""The Sigstore of the tests: it runs once for all tests of a session."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.projects import ROOT

MODULES = ROOT / "build/node/node_modules"
SERVICE = ROOT / "tests/workflow/node/sigstore.mjs"


@dataclass
class Sigstore:
    """Where it answers, and the file of the trusted root that gh is given."""

    process: subprocess.Popen[str]
    url: str
    root: Path

    @classmethod
    def start(cls, node: Path, scratch: Path) -> "Sigstore":
        """Start it; it makes new keys, and ends with its standard input."""
        process = subprocess.Popen(
            [node / "node", SERVICE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NODE_MODULES": str(MODULES)},
        )
        assert process.stdout
        said = json.loads(process.stdout.readline())
        root = scratch / "trusted-root.jsonl"
        root.write_text(json.dumps(said["root"]) + "\n")
        return cls(process, said["url"], root)

    def close(self) -> None:
        """End it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
