"""The systems that programs are built for, such as linux-amd64, and what others call them."""

import sys
import sysconfig

SYSTEMS = {"linux": "linux", "win": "windows", "macosx": "darwin"}
ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
UV_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}


def system(platform: str) -> str:
    """Name a system from what Python calls its platform.

    https://docs.python.org/3/library/sysconfig.html#sysconfig.get_platform

    Raises:
        SystemExit: no programs are built for it.
    """
    parts = platform.lower().split("-")
    kind, architecture = SYSTEMS.get(parts[0]), ARCHITECTURES.get(parts[-1])
    if not kind or not architecture:
        sys.exit(f"error: there are no programs for {platform}: use Python for amd64 or arm64.")
    return f"{kind}-{architecture}"


def this_system() -> str:
    """The system that this runs on."""
    return system(sysconfig.get_platform())


def python_for(name: str, version: str) -> str:
    """The Python of a system, as uv is asked for it: the newest release of a minor version.

    It names the architecture, because on Windows for arm64 uv would take a Python for amd64.
    https://docs.astral.sh/uv/concepts/python-versions/#requesting-a-version
    """
    kind, _, architecture = name.partition("-")
    minor = ".".join(version.split(".")[:2])
    return f"cpython-{minor}-{kind}-{UV_ARCHITECTURES.get(architecture, architecture)}"
