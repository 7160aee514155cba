"""Who is mentioned where nobody looks is found there too: other columns, other spellings, strange ids, a second call."""

from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import duckdb
import pytest

from kehu.erasure.erase import erase_customer
from kehu.errors import ErasureError
from kehu.landing.ledger import read_ledger
from kehu.pipeline.ingest import ingest_source
from kehu.release.manifest import RELEASE_FILE
from kehu.settings import Settings, load_settings
from tests.support.mentioned_customers import (
    EMAIL,
    EMILE,
    FANG,
    IDA,
    NAME,
    ORDER,
    STRANGE_IDS,
    TEXTS,
    build_mentioned_home,
    write_mentioned_shop,
)
from tests.support.planted_home import KEY, RELEASES, places_of, rows_of

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mentioned")
    write_mentioned_shop(folder / "shop")
    build_mentioned_home(settings_in(folder))
    return folder


def settings_in(folder: Path) -> Settings:
    return load_settings(
        home=folder / "home", sources=folder / "sources.yml", erasure_key=KEY, threads=2, memory_limit="512MB"
    )


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Settings:
    shutil.copytree(template, tmp_path, symlinks=True, dirs_exist_ok=True)
    sources = tmp_path / "sources.yml"
    sources.write_text(sources.read_text().replace(str(template), str(tmp_path)))
    return settings_in(tmp_path)


def landed(settings: Settings, entity: str, *columns: str) -> list[tuple[str | None, ...]]:
    files = [str(settings.landing_dir / one.path) for one in read_ledger(settings.landing_dir) if one.entity == entity]
    sql = f"select {', '.join(columns)} from read_parquet(?, hive_partitioning = false, union_by_name = true) order by all"
    with duckdb.connect() as connection:
        return connection.execute(sql, [files]).fetchall()


def released(settings: Settings, table: str) -> list[tuple[object, ...]]:
    return sorted(row for name, row in rows_of(settings.releases_dir / RELEASES[1] / RELEASE_FILE) if name == table)


def test_a_person_in_columns_that_are_not_personal_is_taken_out_of_them(home: Settings) -> None:
    report = erase_customer(home, EMILE)
    assert "found nowhere" in "\n".join(report.lines())
    spellings = (
        NAME,
        EMAIL,
        unicodedata.normalize("NFD", NAME),
        "Durand-Åström",
        "%40example.com",
        "KX-77A9",
        "5557788",
    )
    assert places_of(home, spellings) == {}
    assert landed(home, "products", "product_id", "name") == [("p1", "erased"), ("p2", "Mug")]
    assert landed(home, "campaigns", "name") == [("Spring",), ("erased",)]
    assert ("o99", "erased") in landed(home, "orders", "order_id", "status")
    assert landed(home, "web_events", "utm_source") == [("erased",), ("newsletter",)]
    kept = {ticket for ticket, text in landed(home, "tickets", "ticket_id", "text") if text is not None}
    assert kept == {"t1", "t2", "t7"}
    assert released(home, "dim_products") == [("shop:p1", "erased"), ("shop:p2", "Mug")]
    assert sorted(str(row[0]) for row in released(home, "ticket_topics")) == ["erased", "general"]


def test_an_id_that_names_the_person_becomes_the_same_one_everywhere(home: Settings) -> None:
    erase_customer(home, EMILE)
    (new,) = {
        order for order, status in landed(home, "orders", "order_id", "customer_id") if order and "erased" in order
    }
    assert new is not None
    assert (new,) in landed(home, "order_lines", "order_id")
    assert f"shop:{new}" in {row[0] for row in released(home, "fct_orders")}
    assert f"shop:{new}" in {row[0] for row in released(home, "fct_order_lines")}
    assert places_of(home, (ORDER,)) == {}


def test_a_name_of_two_characters_goes_from_texts_and_stays_in_longer_names(home: Settings) -> None:
    report = erase_customer(home, FANG)
    text = "\n".join(report.lines())
    assert "names of two characters" in text
    assert "王" not in text
    kept = dict(landed(home, "tickets", "ticket_id", "text"))
    assert kept["t2"] is None
    assert {ticket for ticket, one in kept.items() if one} == {"t1", *(set(TEXTS) - {"t2"})}
    assert ("C0021", "王芳华") in landed(home, "customers", "customer_id", "full_name")


@pytest.mark.parametrize("customer", [IDA, *(f"shop:{one}" for one in STRANGE_IDS)])
def test_whatever_letters_an_id_holds_it_can_be_erased(home: Settings, customer: str) -> None:
    others = {row[0] for row in released(home, "dim_customers")} - {customer}
    assert "found nowhere" in "\n".join(erase_customer(home, customer).lines())
    rows = released(home, "dim_customers")
    assert {row[0] for row in rows if "erased-" not in str(row[0])} == others
    (mine,) = [row for row in rows if "erased-" in str(row[0])]
    assert mine[1] == f"{mine[0]},crm:1"
    assert json.loads(str(mine[2])) == [mine[0], "crm:1"]
    assert all(json.loads(str(row[2])) == [row[0], "crm:1"] for row in rows)
    assert places_of(home, (customer, customer.split(":", 1)[1] + "")) == {}


def test_a_second_call_looks_for_what_has_landed_since(home: Settings) -> None:
    mine = home.home / "my_notes.csv"
    mine.write_text(f"{NAME}\n", encoding="utf-16")
    with pytest.raises(ErasureError, match=r"my_notes\.csv"):
        erase_customer(home, EMILE)
    mine.unlink()
    tickets = "ticket_id,customer_id,created_at,topic,text\n"
    tickets += "t9,c1,2024-02-02,again,tell Durand-Åström\u00a0, Émile or 0171 555 77 88\n"
    tickets += f"t10,c1,2024-02-02,{NAME} again,nothing\n"
    (home.sources.parent / "shop" / "tickets_2.csv").write_text(tickets, encoding="utf-8")
    ingest_source(home, "shop")
    assert places_of(home, (NAME,)) != {}
    assert "found nowhere" in "\n".join(erase_customer(home, EMILE).lines())
    assert places_of(home, (NAME, "77 88")) == {}
    entries = [json.loads(file.read_text()) for file in sorted(home.erasures_dir.glob("0*.json"))]
    assert [entry["continues"] for entry in entries] == ["", entries[0]["erasure_id"]]
    assert all(entry["finished_at"] for entry in entries)
    assert not list(home.erasures_dir.glob("*.sealed"))
    again = erase_customer(home, EMILE)
    assert again.entities == {}
    assert "all but the id" in "\n".join(again.lines())


def test_the_id_that_was_asked_for_is_searched_for_even_when_all_else_is_forgotten(home: Settings) -> None:
    erase_customer(home, EMILE)
    (home.home / "list.csv").write_text("customers,kx-77a9,more\n", encoding="utf-16")
    with pytest.raises(ErasureError, match=r"list\.csv"):
        erase_customer(home, EMILE)
