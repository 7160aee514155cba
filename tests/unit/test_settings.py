"""Settings come from the environment, are checked, and name what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.errors import ConfigurationError
from kehu.settings import PROJECT_ROOT, load_settings


def test_relative_paths_count_from_the_project_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEHU_HOME", "elsewhere/home")
    assert load_settings().home == PROJECT_ROOT / "elsewhere" / "home"


@pytest.mark.parametrize("value", ["", " "])
@pytest.mark.parametrize("name", ["home", "sources", "dbt_project", "expectations"])
def test_an_empty_path_is_not_set_and_never_the_project_root(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv(f"KEHU_{name.upper()}", raising=False)
    expected = getattr(load_settings(), name)
    monkeypatch.setenv(f"KEHU_{name.upper()}", value)

    assert getattr(load_settings(), name) == expected != PROJECT_ROOT


def test_the_published_file_is_where_the_design_says(tmp_path: Path) -> None:
    assert load_settings(home=tmp_path).published_link / "kehu.duckdb" == tmp_path / "published" / "kehu.duckdb"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEHU_TIMEZONE", "Mars/Olympus"),
        ("KEHU_CURRENCY", "euros"),
        ("KEHU_CURRENCY", "EUR'; drop table x; --"),
        ("KEHU_LANGUAGE", "fr"),
        ("KEHU_KEEP_RELEASES", "0"),
        ("KEHU_WAREHOUSE", "oracle"),
        ("KEHU_MEMORY_LIMIT", "lots"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name):
        load_settings()
