"""Which release a report is written of."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.errors import UsageError
from kehu.pipeline.reporting import write_report
from kehu.settings import load_settings


@pytest.mark.parametrize("text", ["../published", "nothing", "r20240101_20240102t030405/.."])
def test_what_is_no_release_id_reaches_no_path(tmp_path: Path, text: str) -> None:
    settings = load_settings(home=tmp_path / "home")
    with pytest.raises(UsageError, match="not a release id"):
        write_report(settings, text)
    assert not list(tmp_path.rglob("*.html"))
