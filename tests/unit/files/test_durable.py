"""A small file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.files import durable
from kehu.files.durable import write_durably


def test_a_file_that_cannot_be_replaced_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()

    with pytest.raises(IsADirectoryError):
        write_durably(tmp_path / "page.html", "x" * 1000)

    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_write_that_is_interrupted_leaves_the_old_content_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    write_durably(page, "old")

    def interrupt(path: Path) -> None:
        raise KeyboardInterrupt(path.name)

    monkeypatch.setattr(durable, "fsync_path", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_durably(page, "new")

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("page.html", "old")]
