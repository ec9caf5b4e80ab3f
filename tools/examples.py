"""Regenerate examples/: an app and a builder.

usage: python -m tools.examples

`make release-check` runs this, so the examples show the newest release.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.projects import ROOT, redirected

EXAMPLES = ROOT / "examples"
# As the README writes it. The tag is always the same, so that a release alone changes no example.
URL = "https://github.com/ORG/copier-pyinstaller-ghcr.git"
TAG = "v1.0.0"
ANSWERS = {
    "app": {"project_name": "Star Counter", "description": "Counts the stars."},
    "builder": {
        "project_name": "Freezer",
        "description": "Freezes Python programs for Linux.",
        "kind": "builder",
    },
}
EVERY = {"github_owner": "acme-org", "author_name": "Ada Lovelace", "copyright_year": "2026"}


def render(target: Path) -> None:
    """Render the examples from HEAD into a folder.

    Raises:
        subprocess.CalledProcessError: Copier or Git fails.
    """
    with tempfile.TemporaryDirectory() as work:
        template = Path(work, "template")
        subprocess.run(["git", "clone", "--quiet", "--no-tags", ROOT, template], check=True)
        subprocess.run(["git", "tag", TAG], cwd=template, check=True)
        # Whoever runs this has settings of their own, and Copier caches templates by their URL.
        settings = Path(work, "settings.yml")
        settings.write_text("{}\n")
        own = {"COPIER_SETTINGS_PATH": str(settings), "COPIER_CACHE_DIR": str(Path(work, "cache"))}
        env = {**os.environ, **redirected(URL, template), **own}
        for name, chosen in ANSWERS.items():
            data = [f"--data={key}={value}" for key, value in {**EVERY, **chosen}.items()]
            copier = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet"]
            subprocess.run([*copier, *data, URL, target / name], env=env, check=True)


def main() -> None:
    """Replace the examples."""
    shutil.rmtree(EXAMPLES, ignore_errors=True)
    render(EXAMPLES)


if __name__ == "__main__":
    main()
