"""As which user: root only installs Debian packages, then the owner of /src goes on."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from freezer.processes import fail, run


def install_debian_packages(names: Sequence[str]) -> None:
    """Install Debian packages, which only root can do."""
    if not names:
        return
    if os.geteuid() != 0:
        fail("APT_PACKAGES needs root: leave out --user; the files in dist still belong to you")
    # Packages in Python run scripts as root: with PYTHONPATH they would import what lies in /src.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", *names]
    run("apt-get", "apt-get", "-qq", "update", env=environment)
    run("apt-get", *install, env=environment)


def user_to_become(user: int, owner: os.stat_result) -> tuple[int, int] | None:
    """The user and the group to go on as, or None to stay: only root can change to another."""
    if user != 0 or owner.st_uid == 0:
        return None
    return owner.st_uid, owner.st_gid


def become_owner(folder: Path) -> None:
    """Go on as the user who owns the folder."""
    owner = user_to_become(os.geteuid(), folder.stat())
    if owner is None:
        return
    user, group = owner
    try:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    except PermissionError:
        fail(f"root cannot change to another user here: add --user {user}:{group}")


def check_dist(dist: Path) -> None:
    """Refuse a folder for the result that would lead elsewhere, or cannot be written."""
    if dist.is_symlink():
        fail(f"{dist} is a link, so the programs would be written elsewhere: remove it")
    if dist.exists() and not dist.is_dir():
        fail(f"{dist} is not a folder: remove it")
    if dist.is_dir() and not os.access(dist, os.W_OK | os.X_OK):
        fail(f'{dist} belongs to another user: sudo chown -R "$USER" {dist}, or remove it')


@contextmanager
def work_folder(source: Path) -> Iterator[Path]:
    """Work in the source, with a temporary folder for everything that must not stay there."""
    if not os.access(source, os.W_OK):
        fail(f"{source} cannot be written by this user: mount it without :ro, and owned by --user")
    os.chdir(source)
    with tempfile.TemporaryDirectory(prefix="freezer-", ignore_cleanup_errors=True) as name:
        os.environ["HOME"] = name
        os.environ["PYINSTALLER_CONFIG_DIR"] = f"{name}/config"
        yield Path(name)
