"""``kehu demo-shop`` as somebody types it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from kehu.cli import main
from kehu.demo_shop.exports import EXPORTS, SOURCES
from kehu.demo_shop.plan import Plan
from kehu.demo_shop.sources_file import sources_text
from kehu.entities import ENTITIES
from kehu.sources.config import load_sources

SMALL = ["--customers", "40", "--days", "31", "--first-load", "31"]


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["demo-shop", *words])
    return int(ended.value.code or 0)


def test_it_writes_a_shop_that_its_sources_file_describes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "shop"
    assert run("--to", str(folder), *SMALL, "--seed", "9", "--until", "2024-05-31") == 0
    assert "31 days until 2024-05-31, 31 of them new" in capsys.readouterr().out
    assert [path.name for path in (folder / "days").iterdir()] == ["2024-05-31"]
    sources = load_sources(folder / "sources.yml").sources
    assert [source.name for source in sources] == list(SOURCES)
    assert {entity for source in sources for entity in source.entity_names} == set(ENTITIES)
    assert {str(source.last_day) for source in sources} == {"2024-05-31"}
    assert run("--to", str(folder), *SMALL, "--seed", "9", "--until", "2024-05-31", "--add-days", "1") == 0
    assert "32 days until 2024-06-01, 1 of them new" in capsys.readouterr().out
    assert {str(source.last_day) for source in load_sources(folder / "sources.yml").sources} == {"2024-06-01"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--customers", "1"], "customers must be between"),
        (["--until", "31.12.2025"], "the last day is no date"),
        (["--days", "5"], "days must be between"),
        (["--seed", "-4"], "seed must be between"),
    ],
)
def test_wrong_usage_is_named_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run("--to", str(tmp_path / "shop"), *words) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()


@pytest.mark.slow
def test_a_broken_header_is_on_the_last_day_only(tmp_path: Path) -> None:
    from kehu.demo_shop.shop import write_shop

    write_shop(tmp_path, Plan(customers=300, days=60, seed=2, breaks_header=True))
    headers = {
        path.parent.parent.name: path.open().readline() for path in sorted(tmp_path.glob("days/*/shop/refunds.csv"))
    }
    assert [day for day, header in headers.items() if "Sum Paid Back" in header] == ["2025-12-31"]


def test_the_sources_file_maps_each_column_that_kehu_knows() -> None:
    document = yaml.safe_load(sources_text(Plan(20, 30, 1).last_day))
    for source in document["sources"]:
        for entity, mapping in source["entities"].items():
            export = EXPORTS[f"{source['name']}.{entity}"]
            known = set(ENTITIES[entity].column_names)
            assert set(mapping["columns"]) == {*export.columns, *export.constants} & known
            # Nothing but what the entities do not have yet is left over.
            assert set(export.columns) - known <= {"channel"}
