"""The questions: what they accept and refuse, and that none of them needs trust."""

import re
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UnsafeTemplateError

from tests.support.documents import section, table
from tests.support.rendering import ANSWERS, Render
from tools.projects import KINDS, ROOT


def test_the_readme_describes_every_question_that_is_asked(template: Path) -> None:
    config = yaml.safe_load((template / "copier.yml").read_text())
    asked = [
        name
        for name, question in config.items()
        if not name.startswith("_")
        and question.get("ask") is not False
        and question.get("when") is not False
    ]
    rows = table(section(ROOT / "README.md", "Use it"))
    described = [name for row in rows for name in re.findall("`([^`]+)`", row[0])]
    wrong = sorted(set(described) ^ set(asked)) or "the order"
    assert described == asked, f"README.md, section 'Use it', table of questions: see {wrong}"


def test_the_template_uses_nothing_that_needs_trust(template: Path) -> None:
    config = yaml.safe_load((template / "copier.yml").read_text())
    assert not {"_tasks", "_migrations", "_jinja_extensions"} & set(config)


def test_copier_refuses_a_template_that_needs_trust(
    tmp_path: Path,
) -> None:
    """The other tests render with unsafe=False. This test shows that Copier then refuses."""
    unsafe = tmp_path / "unsafe"
    unsafe.mkdir()
    (unsafe / "copier.yml").write_text("_tasks: ['true']\n")
    with pytest.raises(UnsafeTemplateError):
        copier.run_copy(str(unsafe), tmp_path / "project", unsafe=False, defaults=True)


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"project_name": "工具"}, "letter from a to z"),
        ({"project_name": "class"}, "keyword"),
        ({"description": " \n"}, "Write a few words"),
        ({"github_owner": "a--b"}, "GitHub user or organisation"),
        ({"repository_name": "a..b"}, "distribution-spec"),
        ({"platforms": []}, "at least one platform"),
        ({"author_name": " "}, "name an author"),
        ({"author_email": "ada"}, "one @ and no spaces"),
        ({"author_email": "ada\x7f@example.org"}, "one @ and no spaces"),
        ({"author_name": "Ada \udcff"}, "UTF-8"),
        ({"description": "It \ud800 works."}, "UTF-8"),
        ({"copyright_year": "2026\nother"}, "copyright_year"),
        ({"upx_version": "5.2.1\nX=1"}, "upx_version"),
        ({"default_branch": "release/*"}, "default_branch` may hold"),
        ({"python_version": "2.7"}, "python_version"),
        ({"kind": "library"}, "kind"),
        ({"target": "windows"}, "Only a builder"),
        ({**KINDS["windows-builder"], "platforms": ["linux/arm64"]}, "on linux/amd64 only"),
        (
            {**KINDS["windows-builder"], "python_version": "3.15"},
            "3.15 has not been tested under Wine",
        ),
    ],
)
def test_a_wrong_answer_is_refused_with_its_rule(
    render: Render, answers: dict[str, Any], rule: str
) -> None:
    with pytest.raises(ValueError, match=rule):
        render(**answers)


@pytest.mark.parametrize(
    ("kind", "other"), [("app", "target == 'windows'"), ("windows-builder", "target == 'linux'")]
)
@pytest.mark.parametrize("end", ["\n", "\x85X=1"])
def test_no_answer_that_is_only_recorded_may_leave_its_line(
    template: Path, render: Render, kind: str, other: str, end: str
) -> None:
    """Somebody may give one with --data. versions.env and LICENSE hold it as it is."""
    config = yaml.safe_load((template / "copier.yml").read_text())
    recorded = {key: one for key, one in config.items() if not one or key[0] != "_"}
    whens = {
        key: str(one.get("when"))
        for key, one in recorded.items()
        if one.get("ask") is False and one["type"] == "str"
    }
    assert len(whens) > 10
    asked = {key for key, when in whens.items() if other not in when}
    if kind == "windows-builder":
        asked -= {key for key, when in whens.items() if "kind == 'app'" in when}
    with pytest.raises(ValueError, match="may hold digits") as refused:
        render(**KINDS[kind], **dict.fromkeys(asked, f"1{end}"))
    assert set(re.findall(r"`(\w+)` may hold", str(refused.value))) == asked


@pytest.mark.parametrize("missing", sorted(ANSWERS))
def test_a_question_without_a_default_must_be_answered(
    template: Path, tmp_path: Path, missing: str
) -> None:
    """A folder's name is a default only if it can be a project's name."""
    data = {key: value for key, value in ANSWERS.items() if key != missing}
    with pytest.raises(ValueError, match=missing):
        copier.run_copy(str(template), tmp_path / "tests", data=data, defaults=True, quiet=True)
    assert not (tmp_path / "tests").exists()


def test_a_forgotten_variable_of_the_template_is_an_error(template: Path) -> None:
    config = yaml.safe_load((template / "copier.yml").read_text())
    assert config["_envops"]["undefined"] == "jinja2.StrictUndefined"


def test_every_line_of_a_question_fits_into_a_terminal(template: Path) -> None:
    """Copier cuts what does not fit beside its mark: 80 columns less 3."""
    config = yaml.safe_load((template / "copier.yml").read_text())
    helps = [question["help"] for question in config.values() if "help" in question]
    assert helps
    assert [line for text in helps for line in text.split("\n") if len(line) > 77] == []


def test_the_message_after_the_copy_begins_with_the_lock_that_an_app_needs(
    template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A template cannot run anything, so the first `uv lock` is the owner's."""
    first = {}
    for kind in ("app", "builder"):
        data = {**ANSWERS, "kind": kind}
        target = tmp_path / kind
        copier.run_copy(str(template), target, data=data, defaults=True, vcs_ref="v1.0.0")
        message = capfd.readouterr().err.split("is ready. Next:")[1]
        first[kind] = [
            line.split("  #")[0].rstrip() for line in re.findall(r"(?m)^ {2,4}(\w.+)$", message)
        ]
    assert first["app"][0] == f"cd {tmp_path / 'app'} && uv lock"
    assert first["app"][1].startswith("git init")
    assert first["builder"][0].startswith(f"cd {tmp_path / 'builder'} && git init")
