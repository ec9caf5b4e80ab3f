import os
from pathlib import Path

import pytest
from freezer import user
from freezer.user import (
    become_owner,
    check_dist,
    install_debian_packages,
    user_to_become,
    work_folder,
)


def owned_by(user: int, group: int) -> os.stat_result:
    return os.stat_result((0o40755, 0, 0, 1, user, group, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("user", "owner", "expected"),
    [
        (0, (1000, 100), (1000, 100)),
        (0, (0, 0), None),
        (1000, (1000, 1000), None),
        (1000, (1001, 1001), None),
    ],
)
def test_only_root_becomes_the_owner(
    user: int, owner: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    assert user_to_become(user, owned_by(*owner)) == expected


def test_root_without_the_right_is_told_which_user_to_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "stat", lambda _: owned_by(1000, 100))
    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, refuse)
    with pytest.raises(SystemExit, match="add --user 1000:100"):
        become_owner(tmp_path)


def test_another_user_than_root_installs_no_debian_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    install_debian_packages([])
    with pytest.raises(SystemExit, match="APT_PACKAGES needs root"):
        install_debian_packages(["gcc"])


def test_the_work_folder_is_outside_of_the_source_and_does_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("PYINSTALLER_CONFIG_DIR", "")
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "source"
    source.mkdir()
    with work_folder(source) as work:
        assert Path.cwd() == source
        assert not work.is_relative_to(source)
        assert os.environ["HOME"] == str(work)
    assert not work.exists()


def test_a_source_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SystemExit, match="cannot be written"), work_folder(tmp_path):
        pass


def test_a_folder_for_the_result_that_leads_elsewhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_dist(tmp_path / "new")
    elsewhere, dist = tmp_path / "elsewhere", tmp_path / "dist"
    elsewhere.mkdir()
    dist.symlink_to(elsewhere)
    with pytest.raises(
        SystemExit, match="is a link, so the programs would be written elsewhere: remove it"
    ):
        check_dist(dist)
    dist.unlink()
    dist.touch()
    with pytest.raises(SystemExit, match="is not a folder: remove it"):
        check_dist(dist)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SystemExit, match="belongs to another user: sudo chown"):
        check_dist(elsewhere)
    assert not any(elsewhere.iterdir())


def test_what_lies_in_the_folder_is_not_on_the_path_of_what_root_installs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environments: list[dict[str, str]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(user, "run", lambda *_, env: environments.append(env))
    monkeypatch.setenv("PYTHONPATH", "/src")
    install_debian_packages(["file"])
    assert len(environments) == 2
    assert not any("PYTHONPATH" in environment for environment in environments)
