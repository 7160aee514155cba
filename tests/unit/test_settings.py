"""Settings come from the environment, are checked, and name what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from kehu.errors import ConfigurationError
from kehu.settings import PROJECT_ROOT, Settings, load_settings, secret_from_environment


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


SECRETS = (
    "WAREHOUSE_DSN",
    "SERVE_DSN",
    "ERASURE_KEY",
    "WAREHOUSE_ADMIN_DSN",
    "BI_READER_PASSWORD",
    "BI_READER_PII_PASSWORD",
)


def test_every_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fields = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert {name.lower() for name in SECRETS} == fields
    for name in SECRETS:
        file = tmp_path / name
        file.write_text(f"hunter2 of {name}\n", encoding="utf-8")
        monkeypatch.setenv(f"KEHU_{name}_FILE", str(file))
        monkeypatch.delenv(f"KEHU_{name}", raising=False)
    settings = load_settings()
    for name in SECRETS:
        assert getattr(settings, name.lower()).get_secret_value() == f"hunter2 of {name}"
    assert "hunter2" not in repr(settings)


def test_a_credential_that_a_source_names_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_bytes(b"postgresql://reader:hunter2@db/shop\r\n")
    monkeypatch.setenv("SHOP_URL_FILE", str(tmp_path / "url"))
    found = secret_from_environment("SHOP_URL")
    assert found is not None
    assert found.get_secret_value() == "postgresql://reader:hunter2@db/shop"
    assert secret_from_environment("NOBODYS_URL") is None


@pytest.mark.parametrize(
    ("content", "value", "problem"),
    [
        (None, "", "cannot be read"),
        (b"", "", "is empty"),
        (b"\xff\xfe", "", "cannot be read"),
        (b"hunter2", "hunter3", "are both set"),
    ],
)
def test_a_secret_that_cannot_be_read_is_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, value: str, problem: str
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("KEHU_ERASURE_KEY_FILE", str(file))
    monkeypatch.setenv("KEHU_ERASURE_KEY", value)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_settings()
    assert "KEHU_ERASURE_KEY" in str(caught.value)
    assert "hunter" not in str(caught.value)
