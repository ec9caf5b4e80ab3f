"""The image that freezes other people's programs, run as its users run it."""

import json
import re
from pathlib import Path

from tests.image.building import digest
from tests.image.freezing import OWNER, STRICT, Freeze, files, seconds_to_stop, start
from tests.support.commands import run
from tests.support.docker import Docker
from tests.support.files import write
from tests.support.sboms import listed
from tools.projects import read_versions


def test_a_lone_script_is_frozen_for_the_owner_of_the_folder_and_nothing_else_is_left(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    write(source, {"hello.py": "import ssl\nprint('hello')\n"})
    result = freeze(options=["--network=none"])
    assert result.returncode == 0, result.stderr
    assert "warning: " not in result.stdout
    assert start(docker, source, "hello/hello") == "hello\n"
    assert files(source) == {"hello.py", "dist"}
    assert {"hello", "python", "pyinstaller", "zlib1g"} <= listed(source / "dist", "hello")
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in source.rglob("*")}
    assert owners == {(OWNER, OWNER)}


def test_it_runs_as_any_user_and_starts_the_program_in_an_empty_folder_of_which_nothing_is_left(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    code = """\
import os, pathlib, sys
print("hello")
if "--help" in sys.argv:  # as the builder starts it
    found = os.listdir()
    pathlib.Path("left").touch()
    exit(len(found))
"""
    write(source, {"hello.py": code})
    options = [*STRICT, "--network=none", f"--user={OWNER}:{OWNER}", "--env=SBOM=off"]
    result = freeze(options=options)
    assert result.returncode == 0, result.stderr
    assert start(docker, source, "hello/hello") == "hello\n"
    assert files(source) == {"hello.py", "dist"}
    assert files(source / "dist") == {"hello"}


def test_root_without_capabilities_is_told_to_name_a_user(freeze: Freeze, source: Path) -> None:
    write(source, {"hello.py": "print('hello')\n"})
    result = freeze(options=STRICT)
    assert result.returncode == 1
    assert f"add --user {OWNER}:{OWNER}" in result.stderr


def test_compiled_requirements_are_frozen_too_as_arguments_and_variables_say(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    code = "from markupsafe import _speedups\nprint(_speedups._escape_inner('<b>'))\n"
    given = {"one.py": "", "two.py": code, "needs.txt": "markupsafe==3.0.3\n"}
    # Neither the freezer nor what it runs imports what lies in the folder.
    hostile = ("freezer.py", "target.py", "argparse.py", "pip.py", "uv.py", "PyInstaller.py")
    given |= dict.fromkeys(hostile, "raise SystemExit(9)\n")
    write(source, given)
    options = ["--env=REQUIREMENTS=needs.txt"]
    result = freeze("--onefile", "two.py", "--name", "zwei", options=options)
    assert result.returncode == 0, result.stderr
    assert start(docker, source, "zwei") == "&lt;b&gt;\n"
    sbom = json.loads((source / "dist/zwei.cdx.json").read_text())
    assert "pkg:pypi/markupsafe@3.0.3" in {part.get("purl") for part in sbom["components"]}
    assert files(source) == {*given, "dist"}


SPEC = """\
a = Analysis(["tool.py"])
EXE(PYZ(a.pure), a.scripts, a.binaries, a.datas, name="{name}")
"""


def test_of_several_specs_one_is_chosen_and_all_are_kept(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    specs = {f"{name}.spec": SPEC.format(name=name) for name in ("a", "b")}
    write(source, {"tool.py": "print('by spec')\n", **specs})
    assert freeze(options=["--env=SPECFILE=b.spec"]).returncode == 0
    assert start(docker, source, "b") == "by spec\n"
    assert files(source) == {"tool.py", *specs, "dist"}


def test_debian_packages_are_installed_first(freeze: Freeze, source: Path) -> None:
    write(
        source, {"tool.spec": "import shutil, sys\nsys.exit(f'file: {shutil.which(\"file\")}')\n"}
    )
    assert "file: None" in freeze().stderr
    assert "file: /usr/bin/file" in freeze(options=["--env=APT_PACKAGES=file"]).stderr


def test_a_broken_script_fails_and_names_its_line(freeze: Freeze, source: Path) -> None:
    write(source, {"hello.py": "print('hello'\n"})
    result = freeze()
    assert result.returncode == 1
    assert 'File "/src/hello.py", line 1' in result.stderr
    assert result.stderr.endswith("error: PyInstaller exited with 1\n")
    assert not any((source / "dist").iterdir())


def test_a_read_only_folder_is_refused_at_once(freeze: Freeze, source: Path) -> None:
    write(source, {"hello.py": "print('hello')\n"})
    result = freeze(mode="ro")
    assert result.returncode == 1
    assert result.stderr.startswith("error: /src cannot be written")


def test_version_names_what_versions_env_names(
    docker: Docker, builder: Path, builder_image: str
) -> None:
    pairs = read_versions(builder / "versions.env")
    output = docker("run", "--rm", builder_image, "--version")
    assert output == (
        f"PyInstaller {pairs['PYINSTALLER_VERSION']}, Python {pairs['PYTHON_VERSION']}, "
        f"upx {pairs['UPX_VERSION']}\n"
    )


def test_docker_stop_ends_a_run_within_a_second(
    docker: Docker, freeze: Freeze, source: Path
) -> None:
    assert seconds_to_stop(docker, freeze, source) < 1


def test_the_image_holds_the_sbom_that_make_writes(
    docker: Docker, builder: Path, builder_image: str
) -> None:
    inside = docker("run", "--rm", builder_image, "cat", "/sbom.cdx.json")
    run("make", "sbom", cwd=builder)
    assert (builder / "dist/sbom-amd64.json").read_text() == inside
    sbom = json.loads(inside)
    assert sbom["metadata"]["component"]["name"] == "freezer"
    versions = {component["name"]: component["version"] for component in sbom["components"]}
    assert {"pyinstaller", "pyinstaller-hooks-contrib", "pip"} <= versions.keys()
    pairs = read_versions(builder / "versions.env")
    for name in ("python", "upx"):
        assert versions[name] == pairs[f"{name.upper()}_VERSION"]
    # https://github.com/actions/attest/blob/v4.2.2/src/sbom.ts
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["specVersion"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", sbom["serialNumber"])


def test_the_image_holds_no_tests(docker: Docker, builder_image: str) -> None:
    found = docker("run", "--rm", builder_image, "ls", "/opt/freezer/freezer").split()
    assert "__main__.py" in found
    assert {Path(name).suffix for name in found} <= {".py", ".txt", ""}


def test_a_commit_gives_the_same_digest_though_everything_is_installed_again(
    builder: Path, builder_image: str, tmp_path: Path
) -> None:
    old = "1767225600"  # older than what is cached, as a commit is when a release is built of it
    _, cached = digest(builder, tmp_path, epoch=old)
    _, rebuilt = digest(builder, tmp_path, "--no-cache-filter=toolchain,inventory", epoch=old)
    assert cached == rebuilt


def test_the_smoke_test_passes(builder: Path, builder_image: str) -> None:
    assert "A sample is frozen" in run("bash", "scripts/smoke", builder_image, cwd=builder)


def test_the_projects_own_tests_pass(builder: Path) -> None:
    run("make", "lint", "test", cwd=builder)
