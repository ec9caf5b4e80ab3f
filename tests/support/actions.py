"""The actions of a workflow: real ones from a folder, else our stand-ins."""

from pathlib import Path

import yaml

from tests.support.git import git
from tools.projects import ROOT

STAND_INS = ROOT / "tests/workflow/actions"


class Actions:
    """A folder for each action of the workflow: a real checkout where there is one, else our stand-in."""

    # $ACTIONS never replaces these: to sign needs GitHub's own identity, and GitHub's artifacts
    # need GitHub. What $ACTIONS lacks falls back to the stand-in too.
    ONLY_STOOD_IN = ("actions/attest", "actions/upload-artifact", "actions/download-artifact")

    def __init__(self, real: str | None) -> None:
        """Look for real actions in a folder laid out as OWNER/NAME/action.yml."""
        self.real = Path(real) if real else None
        self.used: dict[str, str] = {}

    def folder(self, name: str, commit: str) -> Path:
        """The folder for an action that the workflow pins to a commit; remembers which it was."""
        if self.real and name not in self.ONLY_STOOD_IN:
            folder = self.real / name
            if runnable(folder):
                head = git(folder, "rev-parse", "HEAD").strip()
                self.used[name] = "real" if head == commit else f"real, but at {head[:7]}"
                return folder
        self.used[name] = "stood in"
        return STAND_INS / name.split("/")[1]


def runnable(folder: Path) -> bool:
    """Whether a folder holds an action with all that it runs."""
    if not (folder / "action.yml").is_file():
        return False
    runs = yaml.safe_load((folder / "action.yml").read_text())["runs"]
    return all((folder / runs[key]).is_file() for key in ("main", "post") if key in runs)
