"""The image that freezes programs for Windows, run as its users run it; Wine runs what it makes."""

import json
import re
import struct
import subprocess
import zlib
from pathlib import Path

import pefile  # type: ignore[import-untyped]  # it has no stubs
import pytest

from tests.support.commands import run
from tests.support.freezing import (
    OWNER,
    PYPROJECT,
    STRICT,
    Docker,
    Freeze,
    build,
    digest,
    files,
    seconds_to_stop,
    write,
)
from tools.projects import read_versions

VERSION_FILE = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers=(1, 2, 3, 4), prodvers=(1, 2, 3, 4)),
  kids=[
    StringFileInfo([StringTable("040904B0", [StringStruct("ProductName", "Sample")])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
"""


def icon() -> bytes:
    """A red icon of 32 by 32 pixels, as a PNG in an ICO.

    https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10)
    """

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    pixels = zlib.compress(32 * (b"\0" + 32 * b"\xc8\x1e\x1e\xff"))
    header = struct.pack(">IIBBBBB", 32, 32, 8, 6, 0, 0, 0)
    image = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )
    entry = struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 32, len(image), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + image


def resources(program: Path) -> set[str]:
    """The types of a Windows program's resources."""
    tree = pefile.PE(program).DIRECTORY_ENTRY_RESOURCE
    return {pefile.RESOURCE_TYPE.get(entry.id, str(entry.name)) for entry in tree.entries}


def windowed(program: Path) -> bool:
    """Whether Windows starts a program without a console."""
    subsystem: int = pefile.PE(program).OPTIONAL_HEADER.Subsystem
    return subsystem == int(pefile.SUBSYSTEM_TYPE["IMAGE_SUBSYSTEM_WINDOWS_GUI"])


def start(image: str, source: Path, *command: str) -> tuple[str, int]:
    """Run a command in an image as a user who is not root: what is printed, and the exit code."""
    mount = [f"--volume={source}:/src", f"--user={OWNER}", "--env=HOME=/tmp"]
    done = subprocess.run(
        ["docker", "run", "--rm", *mount, image, *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.stdout.replace("\r\n", "\n"), done.returncode


def on_linux(image: str, source: Path, *arguments: str) -> tuple[str, int]:
    """The same program, run by Linux' Python."""
    install = "pip install --quiet --no-cache-dir --target /tmp/needs -r needs.txt"
    command = f'{install}; PYTHONPATH=/tmp/needs python main.py "$@"'
    return start(image, source, "sh", "-c", command, "sh", *arguments)


def test_a_lone_script_becomes_one_file_with_an_icon_and_a_version(
    windows_builder_image: str, builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    code = "import sys\nprint('hello', sys.argv[1:])\nsys.exit(len(sys.argv))\n"
    write(source, main_py=code, needs_txt="", version_txt=VERSION_FILE)
    (source / "icon.ico").write_bytes(icon())
    arguments = ["--onefile", "--icon=icon.ico", "--version-file=version.txt", "main.py"]
    options = [*STRICT, "--network=none", f"--user={OWNER}:{OWNER}"]
    done = freeze_for_windows(*arguments, options=options)
    assert done.returncode == 0, done.stderr
    assert files(source) == {"main.py", "needs.txt", "version.txt", "icon.ico", "dist"}
    program = source / "dist/main.exe"
    assert not windowed(program)
    (version,) = pefile.PE(program).VS_FIXEDFILEINFO
    assert (version.FileVersionMS, version.FileVersionLS) == (0x00010002, 0x00030004)
    assert {"RT_ICON", "RT_GROUP_ICON", "RT_VERSION"} <= resources(program)
    said = start(windows_builder_image, source, "wine", "dist/main.exe", "a", "b c")
    assert said == on_linux(builder_image, source, "a", "b c") == ("hello ['a', 'b c']\n", 3)


def test_a_package_with_rich_becomes_a_folder_that_belongs_to_the_owner(
    windows_builder_image: str, builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    code = "from rich import print\ndef main():\n    print('[bold]rich[/bold]')\n    return 4\n"
    write(source, pyproject_toml=PYPROJECT.format(dependencies="'rich==14.2.0'"))
    write(source, src__sample____init___py="", src__sample__cli_py=code)
    done = freeze_for_windows()
    assert done.returncode == 0, done.stderr
    assert files(source) == {"pyproject.toml", "src", "dist"}
    owners = {(path.stat().st_uid, path.stat().st_gid) for path in source.rglob("*")}
    assert owners == {(OWNER, OWNER)}
    code = "import sys\nsys.path.insert(0, 'src')\nfrom sample.cli import main\nsys.exit(main())\n"
    write(source, needs_txt="rich==14.2.0", main_py=code)
    said = start(windows_builder_image, source, "wine", "dist/sample/sample.exe")
    assert said == on_linux(builder_image, source) == ("rich\n", 4)


def test_a_windowed_program_with_pydantic_runs(
    windows_builder_image: str, builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    code = """\
import pathlib, sys
import pydantic
answer = pydantic.TypeAdapter(int).validate_python(sys.argv[1] if sys.argv[1:] else "0")
if answer:
    pathlib.Path("answer.txt").write_text(str(answer))
sys.exit(answer)
"""
    write(source, main_py=code, needs_txt="pydantic==2.12.5\n")
    options = ["--env=REQUIREMENTS=needs.txt"]
    done = freeze_for_windows("--onefile", "--windowed", options=options)
    assert done.returncode == 0, done.stderr
    assert windowed(source / "dist/main.exe")
    answer = source / "answer.txt"
    linux = (on_linux(builder_image, source, "42"), answer.read_text())
    answer.unlink()
    said = start(windows_builder_image, source, "wine", "dist/main.exe", "42")
    assert (said, answer.read_text()) == linux == (("", 42), "42")


def test_a_program_with_numpy_computes_what_it_computes_on_linux(
    windows_builder_image: str, builder_image: str, freeze_for_windows: Freeze, source: Path
) -> None:
    code = (
        "import numpy\nprint(numpy.arange(6.0).reshape(2, 3) @ numpy.ones(3), numpy.__version__)\n"
    )
    write(source, main_py=code, needs_txt="numpy==2.3.5\n")
    done = freeze_for_windows(options=["--env=REQUIREMENTS=needs.txt"])
    assert done.returncode == 0, done.stderr
    said = start(windows_builder_image, source, "wine", "dist/main/main.exe")
    assert said == on_linux(builder_image, source) == ("[ 3. 12.] 2.3.5\n", 0)
    # What UPX breaks is left as it was, and the last line says so.
    last = done.stdout.splitlines()[-1]
    figures = re.fullmatch(
        r"dist/main [\d.]+ MB; UPX packed (\d+) of (\d+) libraries: ([\d.]+) MB are now ([\d.]+) MB; .*",
        last,
    )
    assert figures, last
    packed, libraries, before, after = map(float, figures.groups())
    assert 20 < packed < libraries
    assert after < before / 2
    assert re.search(r"; 1 would not load: python3\d+\.dll", last)


def test_a_program_that_does_not_start_fails_with_what_its_loader_says(
    freeze_for_windows: Freeze, source: Path
) -> None:
    write(source, main_py="import importlib\nimportlib.import_module('no_such' + '_module')\n")
    done = freeze_for_windows(options=["--env=UPX_PACK=off"])
    assert done.returncode == 1
    assert "error: main.exe does not start:" in done.stderr
    assert "No module named 'no_such_module'" in done.stderr
    assert "[PYI-" in done.stderr
    assert done.stderr.endswith("--no-verify skips this.\n")


def test_a_windowed_program_fails_with_what_its_box_says_unless_it_is_not_started(
    freeze_for_windows: Freeze, source: Path
) -> None:
    spec = """\
a = Analysis(["main.py"])
exe = EXE(PYZ(a.pure), a.scripts, name="main", exclude_binaries=True, console=False)
COLLECT(exe, [file for file in a.binaries if "python3" not in file[0]], a.datas, name="main")
"""
    write(source, main_py="")
    (source / "main.spec").write_text(spec)
    done = freeze_for_windows()
    assert done.returncode == 1
    assert "error: main.exe does not start:" in done.stderr
    assert "Failed to load Python DLL" in done.stderr
    done = freeze_for_windows("--no-verify", options=["--env=UPX_PACK=off"])
    assert done.returncode == 0, done.stderr
    # No word of UPX.
    assert re.fullmatch(r"dist/main [\d.]+ MB", done.stdout.splitlines()[-1])


@pytest.mark.parametrize("package", ["uvloop==0.22.1", "no-such-package-of-ours==99"])
def test_a_requirement_without_a_wheel_for_windows_is_named(
    freeze_for_windows: Freeze, source: Path, package: str
) -> None:
    write(source, main_py="", requirements_txt=package)
    done = freeze_for_windows()
    assert done.returncode == 1
    assert package.partition("==")[0] in done.stderr
    assert not (source / "dist").exists()


def test_a_package_with_compiled_code_of_its_own_is_refused(
    freeze_for_windows: Freeze, source: Path
) -> None:
    code = "from setuptools import Distribution, setup\nDistribution.has_ext_modules = lambda _: True\n"
    write(source, pyproject_toml=PYPROJECT.format(dependencies=""), setup_py=f"{code}setup()\n")
    write(source, src__sample____init___py="")
    done = freeze_for_windows()
    assert done.returncode == 1
    assert "holds code that is compiled for Linux" in done.stderr


def test_exit_codes_are_true(freeze_for_windows: Freeze, source: Path) -> None:
    write(source, main_py="print('hello'\n")
    done = freeze_for_windows()
    assert done.returncode == 1
    assert done.stderr.endswith("error: PyInstaller ended with 1\n")
    assert freeze_for_windows("--no-such-option").returncode == 2


def test_docker_stop_ends_a_run_within_a_second(
    docker: Docker, freeze_for_windows: Freeze, source: Path
) -> None:
    assert seconds_to_stop(docker, freeze_for_windows, source) < 1


def test_plain_commands_run_and_wine_finds_python(
    docker: Docker, windows_builder_image: str
) -> None:
    image = windows_builder_image
    assert docker("run", "--rm", image, "sh", "-c", "echo $PWD") == "/src\n"
    said = docker("run", "--rm", image, "wine", "python", "-c", "import sys; print(sys.platform)")
    assert said == "win32\n"


def test_version_names_what_versions_env_names(
    docker: Docker, windows_builder: Path, windows_builder_image: str
) -> None:
    pairs = read_versions(windows_builder / "versions.env")
    said = docker("run", "--rm", windows_builder_image, "--version")
    assert said.startswith(
        f"PyInstaller {pairs['PYINSTALLER_VERSION']}, Python {pairs['PYTHON_VERSION']}, "
        f"upx {pairs['UPX_VERSION']}, wine-10."
    )


def test_no_start_of_wine_looks_for_devices(windows_builder_image: str, source: Path) -> None:
    """A second winedevice.exe would be the drivers of Wine's own buses, one of which crashed."""
    said, code = start(windows_builder_image, source, "wine", "tasklist")
    assert code == 0
    names = [line.split()[0] for line in said.splitlines() if line.strip()]
    assert names.count("winedevice.exe") == 1


def test_the_smoke_test_passes(windows_builder: Path, windows_builder_image: str) -> None:
    assert "A sample is frozen" in run("scripts/smoke", windows_builder_image, cwd=windows_builder)


@pytest.mark.parametrize(
    ("key", "stage"), [("PYTHON_SHA256", "python"), ("UPX_SHA256_WIN64", "upx")]
)
def test_a_wrong_checksum_stops_the_build(
    docker: Docker, windows_builder: Path, key: str, stage: str
) -> None:
    wrong = f"--build-arg={key}={'0' * 64}"
    assert "digest mismatch" in build(windows_builder, wrong, f"--target={stage}", expect=1)


def test_buildkit_has_no_warning_about_the_dockerfile(
    docker: Docker, windows_builder: Path
) -> None:
    assert "Check complete, no warnings found." in build(windows_builder, "--check")


def test_a_commit_gives_the_same_digest_though_wine_is_installed_anew(
    windows_builder: Path, windows_builder_image: str, tmp_path: Path
) -> None:
    old = "1767225600"  # older than what is cached, as a commit is when a release is built of it
    _, cached = digest(windows_builder, tmp_path, epoch=old)
    _, anew = digest(windows_builder, tmp_path, "--no-cache-filter=wine,toolchain", epoch=old)
    assert cached == anew


def test_the_list_of_packages_is_that_of_windows(windows_builder: Path) -> None:
    run("make", "sbom", cwd=windows_builder)
    bom = json.loads((windows_builder / "dist/sbom-amd64.json").read_text())
    names = {component["name"] for component in bom["components"]}
    assert {"pyinstaller", "pefile", "pywin32-ctypes"} <= names


def test_the_projects_own_tests_pass(windows_builder: Path) -> None:
    run("make", "lint", "test", cwd=windows_builder)
