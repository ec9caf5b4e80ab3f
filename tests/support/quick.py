"""A project whose image is one small program: it builds in a second, for every platform, and runs."""

import json
import re
import struct
import tarfile
from pathlib import Path

from tests.support.files import drop_modes
from tests.support.git import commit

# What `make` and the workflow ask of a Dockerfile; the runners of the tests run both platforms' alike.
DOCKERFILE = """FROM scratch AS binary
ARG TARGETARCH
COPY program /my-tool-linux-${TARGETARCH}
COPY folder.tar.gz /my-tool-linux-${TARGETARCH}.tar.gz
COPY sbom.cdx.json /my-tool-linux-${TARGETARCH}.cdx.json
COPY LICENSE /my-tool-linux-${TARGETARCH}.licenses.txt
COPY glibc.txt /glibc-linux-${TARGETARCH}.txt

FROM scratch
COPY program /my-tool
COPY sbom.cdx.json /
USER 65532:65532
ENTRYPOINT ["/my-tool"]
"""


def program(says: str) -> bytes:
    """An executable for x86-64 Linux that prints a line, whatever it is told.

    https://refspecs.linuxfoundation.org/elf/elf.pdf
    """
    text = f"{says}\n".encode()
    code = bytes.fromhex("b801000000bf01000000488d3510000000ba") + struct.pack("<I", len(text))
    code += bytes.fromhex("0f05b83c00000031ff0f05") + text
    start, headers = 0x400000, 64 + 56
    size = headers + len(code)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, start + headers, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, start, start, size, size, 0x1000) + code


# What the program prints: each version that a test publishes.
VERSIONS = "1.0.0 1.0.5 1.1.0 1.2.3 2.0.0 2.0.8b67 2.1.0rc1"


def simplify(project: Path, says: str = VERSIONS) -> None:
    """Let a rendered app build one small program instead of freezing Python, and commit it.

    Its version is not in pyproject.toml, as where a build takes it from Git.
    """
    file = project / "pyproject.toml"
    if file.exists():
        text, found = re.subn(r'(?m)^version = ".*"$', 'dynamic = ["version"]', file.read_text())
        assert found == 1
        file.write_text(text)
    (project / "Dockerfile").write_text(DOCKERFILE)
    (project / ".dockerignore").write_text("")
    (project / "glibc.txt").write_text("2.36\n")
    (project / "program").write_bytes(program(says))
    (project / "program").chmod(0o755)
    with tarfile.open(project / "folder.tar.gz", "w:gz") as folder:
        folder.add(project / "program", "my-tool/my-tool")
    packages = [{"bom-ref": name, "name": name} for name in ("my-tool", "shared")]
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": packages}
    (project / "sbom.cdx.json").write_text(json.dumps(sbom))
    drop_modes(project)
    commit(project, "Build one small program")
