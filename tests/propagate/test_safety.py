"""What an update never does: overwrite, half push, or reach out of the repository."""

from pathlib import Path

from tests.propagate.organisation import BRANCH, Organisation
from tests.support.git import git


def test_a_push_that_is_refused_is_named_and_leaves_no_branch(tool: Organisation) -> None:
    hook = tool.bare("tool") / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'workflows: read-only' >&2\nexit 1\n")
    hook.chmod(0o755)
    result = tool.update()["tool"]
    assert result["status"] == "failed"
    assert result["reason"].startswith("git: ! [remote rejected]")
    assert BRANCH not in tool.refs("tool")


def test_who_pushes_in_the_meantime_is_not_overwritten(tool: Organisation, tmp_path: Path) -> None:
    """The branch moves between the fetch and the push, which reach the repository by an ssh of ours."""
    tool.update("--to", "v1.1.0")
    ssh, config = tmp_path / "ssh", tmp_path / "gitconfig"
    ssh.write_text(
        "#!/bin/sh\n"
        "for command; do :; done\n"
        'case "$command" in git-receive-pack*)\n'
        f"  git -C {tool.bare('tool')} update-ref refs/heads/{BRANCH} main\n"
        "esac\n"
        'eval "$command"\n'
    )
    ssh.chmod(0o755)
    config.write_text(f'[url "ssh://here{tool.folder}/"]\n\tinsteadOf = {tool.folder.as_uri()}/\n')
    result = tool.update(GIT_SSH_COMMAND=str(ssh), GIT_CONFIG_GLOBAL=str(config))["tool"]
    assert result["status"] == "failed"
    assert result["reason"].endswith("(stale info)")
    assert tool.refs("tool")[BRANCH] == tool.refs("tool")["main"]


def test_the_identity_and_the_hooks_of_the_machine_play_no_part(
    tool: Organisation, tmp_path: Path
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "commit-msg", "pre-push"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(
        "[commit]\n\tgpgSign = true\n[user]\n\tuseConfigOnly = true\n"
        f"[core]\n\thooksPath = {hooks}\n"
    )
    result = tool.update(GIT_CONFIG_GLOBAL=str(config), GIT_CONFIG_SYSTEM="/dev/null")["tool"]
    assert result["status"] == "updated", result["reason"]
    who = git(tool.bare("tool"), "show", "--no-patch", "--format=%an <%ae> %cn <%ce>", BRANCH)
    assert who == "Copier <copier@copier> Copier <copier@copier>\n"
