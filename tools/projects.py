"""Projects rendered from the template on this machine: for the demo, the benchmarks and the tests."""

import os
import re
import subprocess
import sys
from pathlib import Path

import copier
from uv import find_uv_bin

ROOT = Path(__file__).parent.parent
# What the template makes, by the answers that make it.
KINDS = {
    "app": {"kind": "app"},
    "linux-builder": {"kind": "builder"},
    "windows-builder": {"kind": "builder", "target": "windows"},
}


def read_versions(file: Path) -> dict[str, str]:
    """Read the KEY=VALUE lines of a file.

    Raises:
        SystemExit: the file cannot be read.
    """
    try:
        text = file.read_text()
    except OSError as error:
        sys.exit(f"{file}: {error.strerror}. VERSIONS=file names a file of KEY=VALUE lines.")
    return dict(re.findall(r"(?m)^([A-Z][A-Z0-9_]*)=(.*)$", text))


def versions_for(target: str, versions: dict[str, str]) -> dict[str, str]:
    """Those of the versions that are for a target: WINDOWS_NAME is NAME, for windows alone."""
    own = {name: value for name, value in versions.items() if not name.startswith("WINDOWS_")}
    if target == "windows":
        for name in versions.keys() - own.keys():
            own[name.removeprefix("WINDOWS_")] = versions[name]
        if "PYTHON_URL" in own:  # a mirror may lack python.org's newer name for the zip file
            own.setdefault("PYTHON_ZIP", "embed-amd64")
    return own


def set_versions(project: Path, versions: dict[str, str]) -> None:
    """Replace values of a project's versions.env, and append the keys that it lacks."""
    file = project / "versions.env"
    text = file.read_text()
    for key, value in versions.items():
        text, found = re.subn(rf"(?m)^{key}=.*$", f"{key}={value}", text)
        text += "" if found else f"{key}={value}\n"
    file.write_text(text)


def build_arguments(project: Path) -> list[str]:
    """The options of `docker buildx build` that give a Dockerfile its versions, as `make image` does."""
    pairs = read_versions(project / "versions.env")
    return [f"--build-arg={name}={value}" for name, value in pairs.items()]


def python_answer(versions: dict[str, str]) -> dict[str, str]:
    """The answer to `python_version` that fits the versions, if they name a Python."""
    version = versions.get("PYTHON_VERSION")
    return {"python_version": ".".join(version.split(".")[:2])} if version else {}


def scaffold(project: Path, name: str, versions: dict[str, str], **answers: str) -> None:
    """Render a project with the template's defaults and, where given, other answers and versions."""
    own = versions_for(answers.get("target", "linux"), versions)
    data = {
        "project_name": name,
        "description": "Shows what the template makes.",
        "github_owner": "acme-org",
        "author_name": "Ada Lovelace",
        **python_answer(own),
        **answers,
    }
    copier.run_copy(str(ROOT), project, data=data, defaults=True, quiet=True, vcs_ref="HEAD")
    set_versions(project, own)


def lock(project: Path) -> None:
    """Write a project's uv.lock, as its owner does first.

    uv wants the Python that the project asks for. Where there is none and none can be downloaded,
    uv runs in the image of that Python.

    Raises:
        RuntimeError: both fail; with what they printed.
    """
    uv = find_uv_bin()
    here = subprocess.run([uv, "lock"], cwd=project, capture_output=True, text=True, check=False)
    if here.returncode:
        python = read_versions(project / "versions.env")["PYTHON_VERSION"]
        settings = ("UV_SYSTEM_CERTS=1", "UV_PYTHON_DOWNLOADS=never", "UV_CACHE_DIR=/tmp/uv")
        command = ["docker", "run", "--rm", f"--user={os.getuid()}:{os.getgid()}"]
        command += [f"--volume={uv}:/usr/local/bin/uv:ro", f"--volume={project}:/src"]
        command += ["--workdir=/src", *(f"--env={setting}" for setting in settings)]
        command += [f"python:{python}-slim-trixie", "uv", "lock"]
        inside = subprocess.run(command, capture_output=True, text=True, check=False)
        if inside.returncode:
            raise RuntimeError(f"uv lock failed in {project}\n{here.stderr}\n{inside.stderr}")


def megabytes(path: Path) -> float:
    """The size of a file, or of all files in a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.lstat().st_size for file in files) / 1e6


def redirected(url: str, folder: Path) -> dict[str, str]:
    """The environment variables that let Git take what begins with a URL from a folder instead.

    https://git-scm.com/docs/git-config#Documentation/git-config.txt-urlbaseinsteadOf
    """
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{folder.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": url,
    }
