"""Run Copier: without trust, and with nothing of this machine but the defaults of its user."""

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import copier
import plumbum

from scripts.propagate.clones import Clone, isolated
from scripts.propagate.commands import Failed
from scripts.propagate.templates import Template


@contextlib.contextmanager
def surroundings(template: Template, clone: Clone) -> Iterator[None]:
    """Let Copier take the template from its mirror, and keep its own files beside the clone.

    It has no options for these. It starts Git by plumbum, which has a copy of the environment.

    Raises:
        Failed: something in the clone is in Copier's way.
    """
    scratch = clone.folder.parent
    cache = scratch.parent / "cache"  # outlives the clone, so the next repository finds it
    variables = isolated(COPIER_CACHE_DIR=str(cache), **template.redirection)
    before, tempfile.tempdir = dict(os.environ), str(scratch)
    os.environ.clear()
    os.environ.update(variables)
    try:
        with plumbum.local.env():
            plumbum.local.env.clear()
            plumbum.local.env.update(variables)
            yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        kind = "file" if isinstance(error, IsADirectoryError) else "folder"
        path = os.path.relpath(error.filename, clone.folder)
        raise Failed(f"{path} must be a {kind}: the template has one of this name") from error
    finally:
        tempfile.tempdir = None
        os.environ.clear()
        os.environ.update(before)


def options(version: str) -> dict[str, Any]:
    """The options that every run of Copier has."""
    return {
        "defaults": True,
        "overwrite": True,
        "unsafe": False,
        "settings": copier.Settings(defaults=copier.load_settings().defaults),  # no trust
        "vcs_ref": version,
    }


def update(template: Template, clone: Clone) -> None:
    """Update the project in a clone.

    Raises:
        Failed: something is in Copier's way. Copier raises errors of many other kinds.
    """
    with surroundings(template, clone):
        copier.run_update(clone.folder, quiet=True, **options(template.version))


def copy(
    template: Template, clone: Clone, folder: Path, version: str, data: Mapping[str, Any]
) -> str:
    """Copy a version of the template into a clone, or beside it, and return what Copier says.

    Raises:
        Failed: something is in Copier's way. Copier raises errors of many other kinds.
    """
    output = io.StringIO()
    quiet = (contextlib.redirect_stderr(output), contextlib.redirect_stdout(io.StringIO()))
    with surroundings(template, clone), quiet[0], quiet[1]:
        copier.run_copy(template.url, folder, data=dict(data), **options(version))
    return output.getvalue()
