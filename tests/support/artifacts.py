"""The artifacts of a run, as the stand-ins of GitHub's actions keep them."""

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Artifact:
    """One upload: a zip, or a file as it was."""

    name: str
    file: Path
    zip: bool
    attempt: int
    job: str
    digest: str
    days: str
    level: int

    @property
    def names(self) -> list[str]:
        """The files in it."""
        if not self.zip:
            return [self.name]
        with zipfile.ZipFile(self.file) as archive:
            return sorted(name.lstrip("/") for name in archive.namelist())

    def unpack(self, folder: Path) -> Path:
        """Its files in a folder."""
        if not folder.exists():
            folder.mkdir(parents=True)
            if self.zip:
                with zipfile.ZipFile(self.file) as archive:
                    archive.extractall(folder)
            else:
                shutil.copyfile(self.file, folder / self.name)
        return folder


def artifacts(folder: Path) -> dict[str, Artifact]:
    """The newest artifact of each name."""
    index = folder / "index.jsonl"
    found = {}
    for line in index.read_text().splitlines() if index.exists() else []:
        one = json.loads(line)
        found[one["name"]] = Artifact(
            one["name"],
            folder / str(one["id"]),
            one["zip"],
            int(one["attempt"]),
            one["job"],
            one["digest"],
            one["days"],
            one["level"],
        )
    return found
