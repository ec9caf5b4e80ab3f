"""What the command says before it begins."""

import re
import sys
from pathlib import Path

from tests.propagate.organisation import refusal
from tests.support.commands import run
from tools.projects import ROOT


def test_every_option_is_tried() -> None:
    files = [*Path(__file__).parent.glob("test_*.py"), Path(__file__).with_name("organisation.py")]
    texts = "".join(file.read_text() for file in files)
    propagate = (sys.executable, "-m", "scripts.propagate")
    helps = [run(*propagate, name, "--help", cwd=ROOT) for name in ("update", "adopt", "find")]
    options = set(re.findall("--[a-z-]+", "".join(helps))) - {"--help"}
    assert "--moved-from" in options
    untried = sorted(option for option in options if f'"{option}"' not in texts)
    assert not untried, f"tests/propagate/ has no test of {untried}"


def test_a_version_without_a_tag_is_named(releases: Path) -> None:
    output = refusal(releases, "update", "--to", "v9.9.9", "somewhere")
    expected = "v9.9.9: no such tag in this clone, which has v1.0.0, v1.1.0, v1.2.0\n"
    assert output == f"propagate: {expected}"


def test_a_shallow_clone_of_the_template_is_told_how_to_mend_it(
    releases: Path, tmp_path: Path
) -> None:
    run("git", "clone", "--quiet", "--depth", "1", releases.as_uri(), tmp_path / "shallow")
    output = refusal(tmp_path / "shallow", "update", "somewhere")
    assert output == "propagate: this clone lacks older versions: git fetch --unshallow --tags\n"


def test_a_data_file_that_cannot_be_read_is_named(releases: Path, tmp_path: Path) -> None:
    file = tmp_path / "answers.yml"
    output = refusal(releases, "adopt", "--data-file", file, "somewhere")
    assert output == f"propagate: {file}: No such file or directory\n"
    file.write_text("author_name\n")
    output = refusal(releases, "adopt", "--data-file", file, "somewhere")
    expected = "write one answer per line, such as github_owner: acme-org"
    assert output == f"propagate: {file}: {expected}\n"
