"""Which component a file belongs to, where this machine cannot freeze: on Windows, under Wine and with rpm."""

import struct
import sys
from pathlib import Path

import pytest
from freezer import components, origins
from freezer.contents import Entry
from freezer.inside import named_paths
from freezer.origins import Origins

# What the real rpm 4.18 says of a package that was made for this.
RPM = """\
#!/bin/sh
case "$4" in
  */libdemo.so.1) printf 'demo-libs\\t1.2.3-4.el8\\tx86_64\\t&epoch=1\\tdemo-1.2.3-4.el8.src.rpm\\tzlib\\n' ;;
  *) echo "file $4 is not owned by any package"; exit 1 ;;
esac
"""


@pytest.fixture
def known(tmp_path: Path) -> Origins:
    """What a project in a folder may have inside."""
    (tmp_path / "src").mkdir()
    return Origins([sys.executable], tmp_path / "work", tmp_path / "src", "my-tool")


def test_rpm_says_which_package_a_file_is_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rpm").write_text(RPM)
    (tmp_path / "rpm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    library, other = Path("/usr/lib64/libdemo.so.1"), Path("/etc/hostname")
    found = components.system_packages([library, other])
    assert list(found) == [library]
    demo = found[library]
    assert (demo.name, demo.version, demo.license_name) == ("demo-libs", "1.2.3-4.el8", "zlib")
    assert demo.purl.startswith("pkg:rpm/")
    assert "demo-libs@1.2.3-4.el8?arch=x86_64&distro=" in demo.purl
    assert demo.purl.endswith("&epoch=1&upstream=demo-1.2.3-4.el8.src.rpm")
    # Homebrew brings rpm to macOS.
    monkeypatch.setattr(components, "OS_RELEASE", tmp_path / "missing")
    assert components.system_packages([library]) == {}


def test_the_source_is_found_where_wine_names_it(known: Origins, tmp_path: Path) -> None:
    windows = str(tmp_path / "src/main.py").replace("/", "\\")
    assert known.owner(Entry("my-tool.exe", f"Z:{windows}")) is known.program


def test_what_the_arguments_of_a_builder_name_is_the_programs(
    known: Origins, tmp_path: Path
) -> None:
    font = tmp_path / "fonts/a.ttf"
    font.parent.mkdir()
    font.touch()
    entry = Entry("tool/_internal/a.ttf", str(font))
    assert known.owner(entry) is None
    known.own += map(str, named_paths(["--onefile", f"--add-data={font.parent}:fonts"]))
    assert known.owner(entry) is known.program


def test_the_runtime_of_microsofts_compiler_has_the_version_of_its_file(
    known: Origins, tmp_path: Path
) -> None:
    file = tmp_path / "VCRUNTIME140.dll"
    numbers = struct.pack("<II", 14 << 16 | 42, 34433 << 16)
    file.write_bytes(b"MZ....\xbd\x04\xef\xfe\0\0\1\0" + numbers + numbers)
    found = known.owner(
        Entry("my-tool/_internal/VCRUNTIME140.dll", str(tmp_path / "vcruntime140.DLL"))
    )
    assert found
    assert found.purl == "pkg:generic/microsoft-visual-c-runtime@14.42.34433.0"
    assert known.owner(Entry("my-tool/_internal/ucrtbase.dll", str(file))) is found


def test_a_library_beside_python_is_a_part_of_python(
    known: Origins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "base", "C:/Python")
    library = known.owner(
        Entry("my-tool/_internal/libcrypto-3.dll", "C:/Python/DLLs/libcrypto-3.dll")
    )
    assert library
    assert library in known.python.parts
    assert library.cpe.startswith("cpe:2.3:a:openssl:openssl:")
    other = known.owner(Entry("my-tool/_internal/python313.dll", "C:/Python/python313.dll"))
    assert other is known.python


@pytest.mark.parametrize("name", ["unknown.so", "site-packages/unlisted.py"])
def test_what_nobody_knows_is_foreign(known: Origins, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    with pytest.raises(
        SystemExit, match=f"1 in all[)]:\n  my-tool/{file.name} comes from {file}\n"
    ):
        known.sort([Entry(f"my-tool/{file.name}", str(file))])


@pytest.mark.parametrize(
    ("content", "name", "version"),
    [
        (b"\0OpenBLAS 0.3.34.237.2  USE64BITINT", "scipy_openblas64", "0.3.34.237.2"),
        (b"\0LIBTIFF, Version 4.7.2\nCopyright", "tiff", "4.7.2"),
        (b"\0needs zlib 1.2.13", "png16", ""),
    ],
)
def test_a_library_of_a_wheel_has_the_version_that_its_bytes_tell(
    tmp_path: Path, content: bytes, name: str, version: str
) -> None:
    (tmp_path / "library").write_bytes(content)
    assert origins.file_version(tmp_path / "library", name) == version
