"""Make examples/ anew: a repository of each kind, as the template of the working tree makes it.

usage: python -m tools.examples
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools.golden import commit, environment, put_template, run
from tools.projects import KINDS, ROOT

EXAMPLES = ROOT / "examples"
FOLDERS = {"app": "app", "builder": "builder", "windows": "windows-builder"}
# As the README writes it. The tag is always the same, so that a release alone changes no example.
URL = "https://github.com/ORG/copier-pyinstaller-ghcr.git"
TAG = "v1.0.0"
NAMES = {"app": "Star Counter", "builder": "Freezer", "windows": "Windows Freezer"}
DESCRIPTIONS = {
    "app": "Counts the stars.",
    "builder": "Freezes Python programs for Linux.",
    "windows": "Freezes Python programs for Windows.",
}
DATA = {"github_owner": "acme-org", "author_name": "Ada Lovelace", "copyright_year": "2026"}


def render(target: Path) -> None:
    """Render a repository of each kind into a folder.

    Raises:
        SystemExit: Copier or Git fails; with what it printed.
    """
    with tempfile.TemporaryDirectory() as work:
        template = Path(work, "template")
        # Whoever runs this has settings of their own.
        env = {**environment(template, URL), "COPIER_SETTINGS_PATH": os.devnull}
        put_template(template)
        commit(template, "The template", env)
        run("git", "tag", TAG, cwd=template, env=env)
        for kind, chosen in KINDS.items():
            data = {
                "project_name": NAMES[kind],
                "description": DESCRIPTIONS[kind],
                **DATA,
                **chosen,
            }
            answers = [f"--data={name}={value}" for name, value in data.items()]
            copier = (sys.executable, "-m", "copier", "copy", "--defaults", "--quiet")
            run(*copier, *answers, URL, target / FOLDERS[kind], cwd=Path(work), env=env)


def main() -> None:
    """Replace the examples."""
    shutil.rmtree(EXAMPLES, ignore_errors=True)
    render(EXAMPLES)
    files = sum(path.is_file() for path in EXAMPLES.rglob("*"))
    print(f"{EXAMPLES.relative_to(ROOT)}: {files} files")


if __name__ == "__main__":
    main()
