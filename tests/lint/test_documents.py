"""The documents: links lead somewhere, every tier is described, and make prints every target."""

import re
from pathlib import Path

import pytest

from tests.support.commands import run
from tests.support.documents import UPDATING, dead_links, section, table
from tests.support.jobs import read
from tests.support.rendering import Render
from tools.projects import KINDS, ROOT

WORKFLOW = re.compile(r"workflow\s\*([^*]+)\*")


def documents() -> list[Path]:
    """The documents of this repository."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md", cwd=ROOT)
    return [path for name in listed.splitlines() if (path := ROOT / name).is_file()]


def test_every_link_of_this_repository_leads_somewhere() -> None:
    found = documents()
    assert {ROOT / "README.md", UPDATING} <= set(found)
    assert {str(path): dead for path in found if (dead := dead_links(path))} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_link_of_a_generated_repository_leads_somewhere(render: Render, kind: str) -> None:
    project = render(**KINDS[kind])
    found = sorted(project.rglob("*.md"))
    assert found
    assert {str(path): dead for path in found if (dead := dead_links(path))} == {}


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_every_workflow_that_a_document_names_is_there(render: Render, kind: str | None) -> None:
    project = render(**KINDS[kind]) if kind else ROOT
    names = {str(read(file)["name"]) for file in project.glob(".github/workflows/*.yml")}
    examples = ROOT / "examples"
    texts = project.rglob("*.md") if kind else {*documents()} - {*examples.rglob("*.md")}
    assert {name for text in texts for name in WORKFLOW.findall(text.read_text())} <= names


@pytest.mark.parametrize(
    "link", ["nowhere.md", "#nothing", "there.md#nothing", "folder/../nowhere", "![x](nowhere.svg)"]
)
def test_a_dead_link_is_found(tmp_path: Path, link: str) -> None:
    (tmp_path / "there.md").write_text("# A title\n\n## What `it` *is*, here\n\n## A title\n")
    (tmp_path / "here.md").write_text(
        "# Here\n\n[a](there.md#a-title) [b](there.md#what-it-is-here) [c](there.md#a-title-1)\n"
        f"[d](#here) [e](https://example.org/#x)\n\n{link if link[0] == '!' else f'[f]({link})'}\n"
    )
    assert dead_links(tmp_path / "here.md") == [link.removeprefix("![x](").removesuffix(")")]


def test_the_tests_page_describes_every_tier() -> None:
    tiers = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    rows = table(section(ROOT / "docs/tests.md", "The tiers"))
    wrong = {row[0].strip("`") for row in rows} ^ tiers
    assert not wrong, f"docs/tests.md, The tiers: a row too few or too many: {wrong}"
    for row in rows:
        first = row[2].partition("`")[2].partition("`")[0]
        file = ROOT / "tests" / row[0].strip("`") / first
        assert file.is_file(), f"docs/tests.md, The tiers: there is no {file}"


def test_make_alone_prints_every_target_with_its_text() -> None:
    printed = dict(line.split(maxsplit=1) for line in run("make", cwd=ROOT).splitlines())
    targets = re.findall(r"(?m)^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text())
    wrong = printed.keys() ^ (set(targets) - {"help"})
    assert not wrong, f"Makefile: these lack `.PHONY: TARGET`, or ` ## TEXT`: {wrong}"
