"""Real exports through `kehu run`, a source a case: right, refused by name, or told at the end; never wrong with exit 0."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner, Result

from kehu.cli import kehu
from kehu.errors import CandidateRejected
from kehu.settings import Settings, load_settings
from tests.support.planted_home import KEY

TESTS = Path(__file__).resolve().parents[1]
CASES = {
    "date_only_shifts_a_day": TESTS / "data" / "cases",
    "total_only": TESTS / "data" / "cases",
    "guest_placeholders": TESTS / "data" / "cases",
    "erase_id_with_comma": TESTS / "data" / "cases",
    "column_disappears": TESTS / "cases",
    "header_case_drift": TESTS / "cases",
}
MISSING = (
    "column_missing:column_disappears.orders.customer_id",
    "column_missing:column_disappears.orders.subtotal_amount",
)

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@dataclass
class Shop:
    """One home with every case as a source of its own."""

    settings: Settings
    root: Path

    def lay(self, case: str, day: str = "day1") -> None:
        """Lay the files of a case's day over those that are there."""
        folder = CASES[case] / case
        for file in (folder / day if (folder / day).is_dir() else folder).glob("*.csv"):
            (self.root / case).mkdir(exist_ok=True)
            shutil.copy(file, self.root / case / file.name)

    def call(self, *arguments: str) -> Result:
        """A command of kehu as a person types it."""
        environment = {
            "KEHU_HOME": str(self.settings.home),
            "KEHU_SOURCES": str(self.settings.sources),
            "KEHU_TIMEZONE": self.settings.timezone,
            "KEHU_ERASURE_KEY": KEY,
        }
        return CliRunner().invoke(kehu, list(arguments), env=environment)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A query of what BI reads."""
        with duckdb.connect(str(self.settings.home / "published" / "kehu.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[str], Path]) -> Shop:
    """The first day, published west of the sources' zone."""
    root = tmp_path_factory.mktemp("exports")
    entities: dict[str, Any] = {
        "date_only_shifts_a_day": {"orders": {}},
        "total_only": {"orders": {}},
        "guest_placeholders": {"customers": {}, "orders": {}},
        "erase_id_with_comma": {"customers": {}, "orders": {}},
        "column_disappears": {"orders": {"file": "orders_*.csv"}},
        "header_case_drift": {"orders": {"file": "orders_*.csv"}, "exchange_rates": {"file": "rates.csv"}},
    }
    sources = [{"name": case, "kind": "files", "path": case, "entities": entities[case]} for case in CASES]
    (root / "sources.yml").write_text(yaml.safe_dump({"sources": sources}), encoding="utf-8")
    settings = load_settings(home=new_home("exports"), sources=root / "sources.yml", timezone="America/Sao_Paulo")
    shop = Shop(settings, root)
    for case in CASES:
        shop.lay(case)
    return shop


@pytest.fixture(scope="module")
def first_run(shop: Shop) -> Result:
    result = shop.call("run", "--as-of", "2024-06-30")
    assert result.exit_code == 0, result.output
    return result


def test_the_end_of_a_run_says_what_was_made_of_what_came_in(first_run: Result) -> None:
    """The case quiet_run: nothing of this was on the terminal."""
    told = first_run.stdout.split("To look at")[1]
    assert "orders: 2 orders of total_only are worth what their total leaves without tax and shipping" in told
    assert "orders: 16 placeholders taken for nothing: customer_id (16)" in told
    assert "taken for completed: no status was ever delivered" in told
    assert told.count("`kehu") >= 3


def test_the_same_is_listed_of_the_release_and_on_the_first_screen_of_its_report(shop: Shop, first_run: Result) -> None:
    listed = shop.call("checks").stdout
    assert "16 placeholders taken for nothing: customer_id (16)" in listed
    (report,) = (shop.settings.home / "reports").glob("*.html")
    first_screen = report.read_text(encoding="utf-8").split('class="remarks-first"')[1].split("</aside>")[0]
    assert "16 placeholders taken for nothing: customer_id (16)" in first_screen


def test_a_date_without_a_time_stays_that_day_and_month(shop: Shop, first_run: Result) -> None:
    days = "select order_date from analytics.fct_orders where order_id like 'date_only%' order by 1"
    assert [row[0] for row in shop.rows(days)] == [date(2024, 5, 1), date(2024, 6, 1), date(2024, 6, 15)]


def test_what_is_a_total_only_is_worth_its_goods(shop: Shop, first_run: Result) -> None:
    worth = "select gross_revenue from analytics.fct_orders where order_id like 'total_only%' order by order_id"
    assert shop.rows(worth) == [(Decimal("100.00"),), (Decimal("50.00"),)]


def test_guests_are_nobody_and_no_champion(shop: Shop, first_run: Result) -> None:
    known = "select customer_id from analytics.dim_customers where customer_id like 'guest_placeholders:%'"
    assert shop.rows(known) == [("guest_placeholders:17",)]
    guests = """select count(*), sum(gross_revenue) from analytics.fct_orders
        where order_id like 'guest_placeholders:%' and customer_id is null"""
    assert shop.rows(guests) == [(16, Decimal("320.00"))]


def test_a_column_that_is_gone_is_refused_until_it_is_accepted_and_then_for_good(shop: Shop, first_run: Result) -> None:
    before = shop.rows("select count(*) from analytics.fct_orders")
    for case in ("column_disappears", "header_case_drift"):
        shop.lay(case, "day2")
    refused = shop.call("run", "--as-of", "2024-06-30")
    assert isinstance(refused.exception, CandidateRejected)
    for name in MISSING:
        assert f"--accept-drift {name}" in str(refused.exception)
    assert "header_case_drift" not in str(refused.exception)
    assert shop.rows("select count(*) from analytics.fct_orders") == before

    # two dozen orders of this June and a month restated are what the test is about, not drift
    drift = ["restatement:2024-06", "psi:rfm", "psi:value_tier", "psi:lifecycle", "psi:frequency", "psi:relationship"]
    accepted = [part for name in (*MISSING, *drift) for part in ("--accept-drift", name)]
    result = shop.call("run", "--as-of", "2024-06-30", *accepted)
    assert result.exit_code == 0, str(result.exception)
    assert "accepted  landing: orders.column_missing:column_disappears.orders.customer_id" in result.stdout
    again = shop.call("run", "--as-of", "2024-06-30")
    assert again.exit_code == 0, str(again.exception)


def test_a_header_in_other_case_is_the_same_column(shop: Shop, first_run: Result) -> None:
    worth = """select source_order_id, status, gross_revenue from analytics.fct_orders
        where order_id like 'header_case_drift:D%' order by 1"""
    assert shop.rows(worth) == [
        ("D1", "completed", Decimal("110.00")),
        ("D2", "cancelled", Decimal("0.00")),
        ("D3", "test", Decimal("0.00")),
    ]


def test_a_person_whose_id_holds_a_comma_is_erased(shop: Shop, first_run: Result) -> None:
    person = "erase_id_with_comma:Lund, Ida"
    erased = shop.call("erase", person)
    assert erased.exit_code == 0, str(erased.exception)
    assert shop.rows("select count(*) from analytics.dim_customers where customer_id like '%Lund%'") == [(0,)]
    assert "Lund" not in shop.call("explain", "erase_id_with_comma:2").stdout
    assert shop.call("explain", person).exit_code != 0
