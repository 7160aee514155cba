"""What the command line says of what goes wrong: one line with a name, the facts and the fix, never a traceback."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from kehu.cli import main
from kehu.errors import DiskFull, FileSystemError


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[object, str]:
    """Exit code and last line of a command that fails."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code, capsys.readouterr().err.strip().splitlines()[-1]


def test_a_home_that_is_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    home.write_text("")
    monkeypatch.setenv("KEHU_HOME", str(home))

    code, line = said(capsys, "build", "--as-of", "2018-01-01")

    assert code == 1
    assert line.startswith("FileSystemError: the operating system says: ")
    assert str(home) in line
    assert "To fix: there is a file where a folder must be" in line


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "/x/releases"),
            ["'/x/releases'", "Permission denied", "let this"],
        ),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/x/.a.tmp", None, "/x/a"), ["path='/x/a'", "a file where"]),
        (OSError(errno.EIO, "Input/output error", "/x/a"), ["'/x/a'", "Input/output error", "look whether"]),
        (ConnectionResetError(), ["says: ConnectionResetError"]),
    ],
)
def test_an_error_of_the_system_tells_path_words_and_fix(error: OSError, says: list[str]) -> None:
    named = FileSystemError.of(error)

    assert named.exit_code == 1
    assert all(part in str(named) for part in says), str(named)


def test_a_full_disk_keeps_its_own_name() -> None:
    assert isinstance(FileSystemError.of(OSError(errno.ENOSPC, "No space left on device", "/x")), DiskFull)
