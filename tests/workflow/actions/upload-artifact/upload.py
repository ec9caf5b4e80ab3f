"""Copy what matches, below the folder that all the patterns have in common.

https://github.com/actions/upload-artifact#upload-using-multiple-paths-and-exclusions
"""

import os
import shutil
from pathlib import Path

patterns = os.environ["FOUND"].split()
target = Path(os.environ["RECORDS"], "artifacts", os.environ["NAME"])
here = Path.cwd()
if target.exists():
    raise SystemExit(f"::error::an artifact named {target.name} already exists")

# A pattern is searched from the folder before its first wildcard; a folder stands for its files.
roots = [pattern.split("*")[0].rpartition("/")[0] or "." for pattern in patterns]
root = here / os.path.commonpath(roots)
files = []
for pattern in patterns:
    found = [here / pattern] if (here / pattern).exists() else list(here.glob(pattern))
    for path in found:
        files += [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
files = [
    file for file in files if not any(part.startswith(".") for part in file.relative_to(root).parts)
]

if not files and os.environ["MISSING"] == "error":
    raise SystemExit(f"::error::No files were found with the provided path: {patterns}")
for file in files:
    copy = target / file.relative_to(root)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, copy)
