"""The artifacts of a run, as the stand-ins of GitHub's actions keep them."""

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


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


def lines(folder: Path, deleted: bool = False) -> list[dict[str, Any]]:
    """What is known of the artifacts of a run, in their order."""
    found = []
    for name in ["index.jsonl", *(["deleted.jsonl"] if deleted else [])]:
        file = folder / name
        found += (
            [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        )
    return sorted(found, key=lambda one: int(one["id"]))


def delete(folder: Path, number: int) -> bool:
    """Delete one; a test may still look at it."""
    kept = [one for one in lines(folder) if one["id"] != number]
    gone = [one for one in lines(folder) if one["id"] == number]
    (folder / "index.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in kept))
    with (folder / "deleted.jsonl").open("a") as file:
        file.writelines(f"{json.dumps(one)}\n" for one in gone)
    return bool(gone)


def restore(folder: Path) -> None:
    """Bring back what was deleted, to try what comes after the builds once more."""
    every = lines(folder, deleted=True)
    (folder / "index.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in every))
    (folder / "deleted.jsonl").unlink(missing_ok=True)


def artifacts(folder: Path, deleted: bool = False) -> dict[str, Artifact]:
    """The newest artifact of each name, those that were deleted too if that is asked for."""
    newest = {}
    for one in lines(folder, deleted):
        newest[one["name"]] = Artifact(
            one["name"],
            folder / str(one["id"]),
            one["zip"],
            int(one["attempt"]),
            one["job"],
            one["digest"],
            one["days"],
            one["level"],
        )
    return newest
