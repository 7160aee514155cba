"""Hostile texts wherever a text comes in: each is refused by name, or stays the text that it is."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from kehu.cli import kehu
from kehu.errors import ConfigurationError, KehuError
from kehu.pipeline.variables import state_variables
from kehu.settings import load_settings
from kehu.sources.config import load_sources
from tests.support.source_folder import SourceFolder

HOSTILE = [
    "'; drop table ops.runs; --",
    'x"; drop table ops.runs; --',
    "x'); attach 'other.db' as other; --",
    "$(touch hacked)",
    "`touch hacked`",
    "; touch hacked #",
    "| touch hacked",
    "{{ env_var('HOME') }}",
    "{% do run_query('drop table ops.runs') %}",
    "../../../etc/passwd",
    "%s %(x)s :y $1 ?",
    "shop\n",
    "shop\x00",
    "客户'",
]


@pytest.mark.parametrize("name", [*HOSTILE, "Shop", "", "1shop"], ids=repr)
def test_a_source_has_a_plain_name_or_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / "sources.yml"
    for entry in (
        {"name": name, "kind": "completejourney"},
        {"name": name, "kind": "files", "path": ".", "entities": {"orders": {}}},
        {"name": name, "kind": "sql", "url_env": "URL", "entities": {"orders": {}}},
    ):
        path.write_text(yaml.safe_dump({"sources": [entry]}))
        with pytest.raises(ConfigurationError):
            load_sources(path)


@pytest.mark.parametrize("name", HOSTILE, ids=repr)
def test_a_var_that_the_project_does_not_declare_does_not_reach_dbt(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no such var"):
        state_variables(load_settings(), {name: 1})


@pytest.mark.parametrize("name", [text for text in HOSTILE if "\x00" not in text], ids=repr)
def test_hostile_columns_files_and_values_are_texts(tmp_path: Path, name: str) -> None:
    shop = SourceFolder(tmp_path)
    file = name.replace("/", "_").replace("[", "(").replace("*", "_").strip() + ".csv"
    column = name.strip()
    with (shop.files / file).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["id", "at", column, f"extra {column}"], ["1", "2024-01-01", name, name]])
    orders = {"file": file, "delimiter": ",", "columns": {"order_id": "id", "ordered_at": "at", "status": column}}
    shop.configure(orders=orders)
    shop.land()
    assert shop.values("order_id", "status", "_file") == [("1", name, file)]
    assert list((shop.extras()[0] or {}).values()) == [name]
    shop.configure(orders={**orders, "columns": {"order_id": "id", "ordered_at": "at", "status": {"value": name}}})
    shop.land()
    assert shop.values("status", batch=-1) == [(name,)]
    assert not list(tmp_path.rglob("hacked"))


COMMANDS = [
    ["run", "--as-of"], ["run", "--as-of", "2024-01-01", "--accept-drift"], ["ingest"], ["gate"], ["publish"],
    ["rollback"], ["explain"], ["report"], ["quarantine"], ["sources", "check"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_hostile_argument_is_refused_with_a_named_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("KEHU_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for text in ["'; drop table ops.runs; --", "$(touch hacked)", "../../../etc/passwd", "{{ env_var('HOME') }}"]:
        found = CliRunner().invoke(kehu, [*command, text])
        assert found.exit_code in (1, 2), found.output
        assert isinstance(found.exception, KehuError | SystemExit), repr(found.exception)
    assert not list(tmp_path.rglob("hacked"))
