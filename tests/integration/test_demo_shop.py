"""A demo shop goes through a whole run, and what is published is what its truth says; what is dirty is in quarantine, counted."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from kehu.demo_shop.plan import Plan
from kehu.demo_shop.shop import write_shop
from kehu.entities import ENTITIES
from tests.support.planted_edits import bytes_of, copy_project, edited

pytestmark = pytest.mark.slow

PLAN = Plan(customers=300, days=120, seed=21, first_load_days=112)
LAST = PLAN.days - 1
BRAND = """      - name: brand
        data_type: varchar
        description: Brand as delivered.
"""
REASONS = {
    "malformed": "row could not be parsed",
    "unreadable": "ordered_at is not a timestamp",
    "unknown_status": "status is unknown",
    "off_scale": "score is not a decimal",
}
"""What quarantine has to say of each kind of dirt that cannot be used."""


@dataclass(frozen=True)
class Run:
    """A shop, its home, and the release with the truth beside it."""

    folder: Path
    environment: dict[str, str]
    release: duckdb.DuckDBPyConnection

    def kehu(self, *words: str) -> subprocess.CompletedProcess[str]:
        return kehu(self.environment, *words)

    def truth(self, name: str) -> str:
        return f"read_parquet('{self.folder}/truth/{name}.parquet')"

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.release.execute(query).fetchall()


def kehu(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kehu.cli", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def run(new_home: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder, home = tmp_path_factory.mktemp("demo") / "shop", new_home("demo_shop")
    write_shop(folder, PLAN)
    environment = {**os.environ, "KEHU_HOME": str(home), "KEHU_SOURCES": str(folder / "sources.yml")}
    environment |= copy_project(folder.parent)
    checked = kehu(environment, "sources", "check")
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count(": fits") == 3
    done = kehu(environment, "run", "--as-of", str(PLAN.last_day))
    assert done.returncode == 0, done.stderr[-3000:]
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home}/published/kehu.duckdb' as published (read_only)")
        connection.execute("use published.analytics")
        yield Run(folder, environment, connection)


def test_every_valid_order_of_the_truth_counts_and_no_other(run: Run) -> None:
    differing = run.rows(f"""
        with expected as (
            select source || ':' || order_id as order_id, final_status
            from {run.truth("orders")}
            where delivered_on <= {LAST}
              and (first_status = 'paid' or (final_on <= {LAST} and final_status in ('paid', 'refunded')))
        )
        select coalesce(expected.order_id, found.order_id)
        from expected
        full join (select order_id from fct_orders where is_valid) as found on found.order_id = expected.order_id
        where expected.order_id is null or found.order_id is null
    """)
    assert differing == []


def test_visits_come_as_far_as_in_the_truth(run: Run) -> None:
    """Every tracked visit is a session of its own, whoever logs in on the way; a step is a step by the seed."""
    told = dict(run.rows(f"select step, sum(visits)::int from {run.truth('visits')} group by step"))
    found = run.rows(
        "select count(*), sum(has_product::int), sum(has_cart::int), sum(has_checkout::int), sum(has_purchase::int)"
        " from web_sessions"
    )
    steps = ("page_view", "view_item", "add_to_cart", "begin_checkout", "purchase")
    assert found == [tuple(told[step] for step in steps)] and told["purchase"] > 0


def test_gross_revenue_is_that_of_the_truth_to_the_cent(run: Run) -> None:
    """Lines are converted and rounded one by one; the rates are those of the files."""
    rates = f"read_csv('{run.folder}/days/*/shop/exchange_rates.csv', all_varchar = true)"
    lines = f"read_csv('{run.folder}/days/*/shop/order_lines.csv', all_varchar = true, ignore_errors = true)"
    [(differing, orders)] = run.rows(f"""
        with rates as (
            select "Day"::date as rate_day, "From" as currency, max("Rate")::decimal(18, 8) as rate from {rates} group by all
        ),
        told as (
            select *, source || ':' || order_id as published_id, make_timestamp(ordered_at * 1000000)::date as order_day
            from {run.truth("orders")}
        ),
        amounts as (
            select 'shop:' || "Order No" as published_id, "Pos" as line, max("Amount")::decimal(18, 2) as amount
            from {lines} group by all
            union all
            select published_id, '0', goods / 100 from told where source = 'market'
        ),
        expected as (
            select
                published_id,
                sum(round(amount::decimal(24, 2) * case when currency = 'USD' then 1 else rate end, 2)) as gross
            from told
            inner join amounts using (published_id)
            left join rates using (currency)
            where rate_day = order_day or (currency = 'USD' and rate_day is null)
            group by published_id
        )
        select count(*) filter (abs(found.gross_revenue - expected.gross) > 0.001), count(*)
        from fct_orders as found
        inner join expected on expected.published_id = found.order_id
        where found.is_valid
    """)
    assert differing == 0
    assert orders == run.rows("select count(*) from fct_orders where is_valid")[0][0]


def test_records_of_one_person_are_one_customer_and_no_others_are(run: Run) -> None:
    [(records, found, persons, customers, pairs)] = run.rows(f"""
        with told as (
            select person_id, source || case entity when 'leads' then ':lead:' else ':' end || id as record
            from {run.truth("records")}
        )
        select count(*), count(customer_id), count(distinct person_id), count(distinct customer_id),
            count(distinct (person_id, customer_id))
        from told left join map_source_customers_to_customers as found on found.source_customer_id = told.record
    """)
    assert records == found
    assert persons == customers == pairs
    assert run.rows("select count(*) from dim_customers") == [(persons,)]


def test_quarantine_holds_the_planted_dirt_and_nothing_else(run: Run) -> None:
    told = Counter(
        {
            (entity, REASONS[kind]): count
            for entity, kind, count in run.rows(f"select entity, kind, count(*) from {run.truth('dirt')} group by all")
            if kind in REASONS
        }
    )
    listed = [
        dict(part.split("=", 1) for part in line.split("  ")) for line in run.kehu("quarantine").stdout.splitlines()
    ]
    found: Counter[tuple[str, str]] = Counter()
    for row in listed:
        found[row["entity"], row["reason"]] += int(row["rows"])
    assert found == told
    assert sum(told.values()) > 20


def planned(run: Run, code: int, *words: str) -> dict[str, Any]:
    """What a plan of what is edited now says; home, release and state stay as they are, to the byte."""
    home = Path(run.environment["KEHU_HOME"])
    before = bytes_of(home)
    done = run.kehu("plan", "--json", "-", *words)
    assert done.returncode == code, done.stdout[-500:] + done.stderr[-3000:]
    assert bytes_of(home) == before
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_plan_that_is_killed_changes_nothing_and_its_leftovers_go_with_the_next(run: Run) -> None:
    home = Path(run.environment["KEHU_HOME"])
    before = bytes_of(home)
    killed = subprocess.Popen(
        [sys.executable, "-m", "kehu.cli", "plan"], env=run.environment, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not any(home.glob("scratch/plan/*/dbt/*/request.json")):
        assert killed.poll() is None and time.monotonic() < deadline, "the plan did not begin"
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    left = {name: digest for name, digest in bytes_of(home).items() if not name.startswith("scratch/")}
    assert left == before
    assert kehu(run.environment, "plan").returncode == 0
    assert bytes_of(home) == before


def test_a_comment_and_a_var_that_nobody_reads_change_nothing(run: Run) -> None:
    project = Path(run.environment["KEHU_DBT_PROJECT"])
    changes = {
        project / "models/marts/segments/customer_rfm.sql": (
            "select * from final",
            "-- all of it\nselect * from final",
        ),
        project / "dbt_project.yml": ("\nvars:\n", "\nvars:\n  nobody_reads_this: 1\n"),
    }
    with edited(changes):
        found = planned(run, 0)
    assert [(edit["kind"], edit["name"], edit["reaches"]) for edit in found["edits"]] == [
        ("var", "nobody_reads_this", [])
    ]
    assert not found["changes_something"] and found["built"] == 0


def test_a_threshold_moves_exactly_the_customers_whom_it_is_about(run: Run) -> None:
    sources = Path(run.environment["KEHU_SOURCES"])
    with edited({sources: ("\nvars:\n", "\nvars:\n  new_days: 3000\n")}):
        found = planned(run, 4, "--no-checks")
    (edit,) = found["edits"]
    assert (edit["kind"], edit["name"], edit["before"], edit["after"]) == ("var", "new_days", 60, 3000)
    moves = {one["segmentation"]: one["moves"] for one in found["compared"]["migrations"]}
    customers, revenue = run.rows(
        "select count(*), sum(net_revenue) from dim_customers where lifecycle_stage not in ('prospect', 'churned', 'new')"
    )[0]
    # the rules of prospects and of the churned come before it, all others after it
    assert {move["to_segment"] for move in moves["lifecycle"]} == {"new"}
    assert sum(move["customers"] for move in moves["lifecycle"]) == customers > 0
    assert sum(Decimal(move["net_revenue"]) for move in moves["lifecycle"]) == revenue
    tables = {one["table"]: one for one in found["compared"]["tables"]}
    assert (tables["customer_lifecycle"]["added"], tables["customer_lifecycle"]["removed"]) == (0, 0)
    assert tables["customer_lifecycle"]["changed_by_column"]["lifecycle_stage"] == customers
    assert not {"customer_rfm", "fct_orders", "customer_loyalty", "customer_lifetime_value"} & tables.keys()


def test_each_of_several_edits_is_told_with_what_it_changes_and_what_the_gate_would_say(
    run: Run, tmp_path: Path
) -> None:
    """A renamed segment (rows of a seed), a macro, a join that duplicates, a dropped column."""
    project = Path(run.environment["KEHU_DBT_PROJECT"])
    final = "select * from final"
    twice = "select final.* from final cross join (select 1 as n union all select 2 as n) as twice"
    with edited({
        project / "seeds/rfm_segments.csv": ("champions", "stars"),
        project / "macros/money/top_20_share.sql": ("+ 4) / 5.0", "+ 9) / 10.0"),
        project / "models/marts/loyalty/customer_loyalty.sql": (final, twice),
        project / "models/marts/facts/dim_products.sql": ("        cast(brand as varchar) as brand,\n", ""),
        project / "models/marts/facts/dim_products.yml": (BRAND, ""),
    }):  # fmt: skip
        found = planned(run, 4, "--html", str(tmp_path / "plan.html"), "--markdown", str(tmp_path / "plan.md"))
    assert [(edit["kind"], edit["name"]) for edit in found["edits"]] == [
        ("macro", "top_20_share"), ("model", "customer_loyalty"), ("model", "dim_products"), ("seed", "rfm_segments")
    ]  # fmt: skip
    tables = {one["table"]: one for one in found["compared"]["tables"]}
    rfm_segment = "from dim_customers where rfm_segment = 'champions'"
    customers, revenue = run.rows(f"select count(*), coalesce(sum(net_revenue), 0) {rfm_segment}")[0]
    (rfm,) = (one for one in found["compared"]["migrations"] if one["segmentation"] == "rfm")
    move = {"from_segment": "champions", "to_segment": "stars", "customers": customers, "net_revenue": str(revenue)}
    assert rfm["moves"] == [move] and customers
    # the new name has no labels
    assert tables["customer_rfm"]["changed_by_column"] == dict.fromkeys(
        ("rfm_segment", "label_en", "label_zh"), customers
    )
    assert tables["revenue_concentration"]["changed_by_column"] == {"top_20_share": 101}
    members = run.rows("select count(*) from customer_loyalty")[0][0]
    counts = ("rows_before", "rows_after", "added", "removed", "changed", "duplicate_keys")
    assert [tables["customer_loyalty"][name] for name in counts] == [members, 2 * members, members, 0, 0, members]
    assert tables["dim_products"]["columns_removed"] == {"brand": "VARCHAR"}
    assert [tables["dim_products"][name] for name in ("added", "removed", "changed")] == [0, 0, 0]
    said = {(one["layer"], one["check"]) for one in found["verdicts"]}
    assert {("drift", "column_removed:dim_products"), ("dbt", "is_key_customer_loyalty_customer_id")} <= said
    assert f"| champions | stars | {customers:,} | {revenue:,.2f} |" in (tmp_path / "plan.md").read_text(
        encoding="utf-8"
    )
    assert f'<td>stars</td><td class="number">{customers:,}</td>' in (tmp_path / "plan.html").read_text(
        encoding="utf-8"
    )


def test_a_model_that_cannot_be_built_is_named_and_nothing_is_left(run: Run) -> None:
    home, project = Path(run.environment["KEHU_HOME"]), Path(run.environment["KEHU_DBT_PROJECT"])
    before = bytes_of(home)
    model = project / "models/marts/facts/dim_dates.sql"
    with edited({model: ("select * from final", "select nothing_like_it from final")}):
        done = kehu(run.environment, "plan")
    assert done.returncode == 1
    assert (
        "TransformError" in done.stderr
        and "dim_dates" in done.stderr
        and "models/marts/facts/dim_dates.sql" in done.stderr
    )
    assert bytes_of(home) == before


def test_dbt_works_on_the_data_of_the_release_and_builds_elsewhere(run: Run) -> None:
    home = Path(run.environment["KEHU_HOME"])
    before = bytes_of(home)
    shown = kehu(
        run.environment, "dbt", "show", "-s", "customer_rfm", "--limit", "1000000", "--output", "json", "--quiet"
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    rows = json.loads(shown.stdout[shown.stdout.index("{") :])["show"]
    assert len(rows) == run.rows("select count(*) from customer_rfm")[0][0]
    assert {name: digest for name, digest in bytes_of(home).items() if not name.startswith("scratch/")} == before


def test_nothing_lands_twice_and_a_new_day_lands_just_its_rows(run: Run) -> None:
    """The last test: it adds a day to the shop."""
    again = run.kehu("ingest")
    assert again.returncode == 0, again.stderr
    assert {line.split(": ")[1] for line in again.stdout.splitlines()} == {"nothing new"}
    write_shop(run.folder, PLAN, add_days=1)
    next_day = run.kehu("ingest")
    assert next_day.returncode == 0, next_day.stderr
    landed = {
        line.split(":")[0]: int(found.group(1).replace(",", ""))
        for line in next_day.stdout.splitlines()
        if (found := re.search(r"([0-9,]+) rows", line))
    }
    told = run.rows(f"""
        select source || '.' || entity, sum(rows)::int from {run.truth("files")} where day = {PLAN.days} group by 1
    """)
    assert landed == {export: rows for export, rows in told if str(export).split(".")[1] in ENTITIES}
