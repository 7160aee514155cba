"""A source that lands nothing new for longer than its limit is named; one without a limit never is."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from kehu.cli import main
from kehu.errors import ConfigurationError, SourceStale
from kehu.landing.ledger import read_ledger
from kehu.pipeline.freshness import check_freshness, source_freshness
from kehu.pipeline.ingest import ingest_source
from kehu.settings import Settings, load_settings

SOURCES = """
sources:
  - {{name: shop, kind: files, path: {folder}, freshness_hours: 24, entities: {{customers: {{}}}}}}
  - {{name: archive, kind: files, path: {folder}, entities: {{customers: {{}}}}}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "customers.csv").write_text("customer_id\n1\n")
    (tmp_path / "sources.yml").write_text(SOURCES.format(folder=tmp_path))
    return load_settings(home=tmp_path / "home", sources=tmp_path / "sources.yml")


def test_a_source_is_stale_when_its_last_news_is_older_than_its_limit(settings: Settings) -> None:
    ingest_source(settings, "shop")
    (batch,) = read_ledger(settings.landing_dir)
    check_freshness(settings, batch.extracted_at + timedelta(hours=24))
    with pytest.raises(SourceStale, match=r"shop: last landed something new 24\.1 h ago") as raised:
        check_freshness(settings, batch.extracted_at + timedelta(hours=24, minutes=6))
    assert raised.value.facts["source"] == ["shop"], "archive has no limit"


def test_an_ingest_that_brings_nothing_new_does_not_make_a_source_fresh(settings: Settings) -> None:
    ingest_source(settings, "shop")
    os.utime(settings.sources.parent / "customers.csv")
    ingest_source(settings, "shop")
    (batch,) = read_ledger(settings.landing_dir)
    later = batch.extracted_at + timedelta(hours=25)
    assert [found.is_stale for found in source_freshness(settings, later)] == [True, False]
    (settings.sources.parent / "customers.csv").write_text("customer_id\n1\n2\n")
    ingest_source(settings, "shop")
    newest = max(batch.extracted_at for batch in read_ledger(settings.landing_dir))
    check_freshness(settings, newest + timedelta(hours=23))


def test_a_source_that_never_landed_is_stale_if_it_has_a_limit(settings: Settings) -> None:
    with pytest.raises(SourceStale, match="shop: nothing has landed"):
        check_freshness(settings)


def test_a_batch_of_a_clock_that_is_ahead_is_fresh(settings: Settings) -> None:
    ingest_source(settings, "shop")
    (batch,) = read_ledger(settings.landing_dir)
    (shop, _) = source_freshness(settings, batch.extracted_at - timedelta(hours=3))
    assert (shop.hours, shop.is_stale) == (0.0, False)


@pytest.mark.parametrize("limit", ["0", "-1", "soon"])
def test_a_limit_that_is_none_is_refused(limit: str, settings: Settings) -> None:
    text = settings.sources.read_text().replace("freshness_hours: 24", f"freshness_hours: {limit}")
    settings.sources.write_text(text)
    with pytest.raises(ConfigurationError, match="freshness_hours"):
        source_freshness(settings)


def test_the_command_says_how_fresh_each_source_is_and_fails_if_one_is_stale(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEHU_HOME", str(settings.home))
    monkeypatch.setenv("KEHU_SOURCES", str(settings.sources))
    with pytest.raises(SystemExit) as ended:
        main(["sources", "freshness"])
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "shop: nothing has landed (at most 24 h): STALE",
        "archive: nothing has landed (no freshness_hours)",
    ]
    assert said.err.startswith("SourceStale: shop: nothing has landed")
    assert ended.value.code == 1
    ingest_source(settings, "shop")
    with pytest.raises(SystemExit) as ended:
        main(["sources", "freshness"])
    assert ended.value.code == 0
