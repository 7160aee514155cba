"""Lots, balances and tiers of the warehouse against a ledger that is kept row by row, on random histories and planted ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from tests.support.dbt_shop import DbtShop
from tests.support.loyalty_ledger import Ledger, Movement, business_day, qualifying, tier_with_day

AS_OF = date(2025, 6, 15)
ZONE = ZoneInfo("Asia/Shanghai")
CASES = 10_000
MODELS = ("feat_loyalty_transactions", "feat_loyalty_lots", "feat_loyalty_months", "path:models/marts/loyalty")
IDENTITY = "assert_lots_less_debt_are_the_balance_of_points"
History = dict[tuple[str, str], list[Movement]]


def random_history(random: Random, customer: int) -> list[tuple[str, Movement]]:
    """A few movements, many at one moment; what expires may overtake what came before it. Source x delivers what expired."""
    source = random.choice("sx") if random.random() < 0.9 else None
    start = datetime.fromisoformat("2023-10-01")
    plain = random.random() < 0.4
    found = []
    for number in range(random.randint(1, 14)):
        at = start + timedelta(days=random.randint(0, 640), hours=random.choice([0, 16, 20]))
        if found and random.random() < 0.25:
            at = found[-1][1].occurred_at
        mine = source or random.choice("sx")
        kind = random.choices(("earn", "redeem", "adjust", "expire"), (6, 4, 1, 1 if mine == "x" else 0))[0]
        points = (
            Decimal(random.choice([1, 5, 20, 100, 400, 999, 1000, 5000, 20000])) + Decimal(random.randint(0, 99)) / 100
        )
        if (
            kind == "adjust"
            or (kind == "earn" and random.random() < 0.15)
            or (random.random() < 0.5 and kind == "redeem")
        ):
            points *= random.choice([1, -1])
        expires = None
        if kind in ("earn", "adjust") and not plain and random.random() < 0.7:
            expires = (at + timedelta(days=random.choice([-3, 0, 1, 30, 90, 365, 400]))).replace(
                hour=random.choice([0, 16])
            )
        found.append((mine, Movement(f"{mine}:{customer}-{number:02}", kind, points, at, expires)))
    return found


def write(shop: DbtShop, histories: History) -> None:
    """What the models stand on, without staging: the transactions with their persons, and nobody excluded."""
    rows = [
        {
            "transaction_id": row.transaction_id,
            "source_transaction_id": row.transaction_id[2:],
            "customer_id": customer,
            "order_id": None,
            "kind": row.kind,
            "delivered_kind": row.kind,
            "points": row.points,
            "occurred_at": row.occurred_at,
            "expires_at": row.expires_at,
        }
        for (customer, _), movements in histories.items()
        for row in movements
    ]
    types = dict.fromkeys(rows[0], pa.string()) | {
        "points": pa.decimal128(18, 6),
        "occurred_at": pa.timestamp("us"),
        "expires_at": pa.timestamp("us"),
    }
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(types.items())))
    with shop.connection() as connection:
        connection.register("given", table)
        connection.execute("create or replace table intermediate.int_loyalty_transactions_assign as from given")
        connection.execute(
            "create or replace table intermediate.int_customers_exclude (customer_id varchar, reason varchar)"
        )


def build(shop: DbtShop, as_of: date = AS_OF, **variables: object) -> None:
    given = {"timezone": str(ZONE), "points_valid_days": 365, **variables}
    shop.dbt("run", "--select", *MODELS, as_of=as_of.isoformat(), **given)
    shop.dbt("test", "--select", IDENTITY, as_of=as_of.isoformat(), **given)


def kept(histories: History, as_of: date, valid_days: int | None) -> dict[tuple[str, str], Ledger]:
    """The ledgers; a source whose rows up to D hold an expiry expires nothing by rule."""
    expiring = {
        source
        for (_, source), rows in histories.items()
        for row in rows
        if row.kind == "expire" and row.points and business_day(row.occurred_at, ZONE) <= as_of
    }
    ledgers = {}
    for key, movements in histories.items():
        ledger = Ledger(as_of, ZONE, valid_days, key[1] not in expiring)
        ledger.keep(movements)
        ledgers[key] = ledger
    return ledgers


@pytest.fixture(scope="module")
def histories() -> History:
    random, found = Random(20260101), defaultdict(list)
    for customer in range(CASES):
        for source, row in random_history(random, customer):
            found[f"{source}:{customer}", source].append(row)
    # half of the persons have a ledger in both sources
    merged: History = defaultdict(list)
    for (customer, source), rows in found.items():
        merged["s:" + customer[2:], source].extend(rows)
    return dict(merged)


@pytest.fixture(scope="module")
def shop(module_shop: Callable[[], DbtShop], histories: History) -> DbtShop:
    shop = module_shop()
    write(shop, histories)
    build(shop)
    return shop


def test_every_lot_is_that_of_the_ledger(shop: DbtShop, histories: History) -> None:
    expected = {
        lot.transaction_id: (lot.points, lot.used, lot.expired, lot.open)
        for ledger in kept(histories, AS_OF, 365).values()
        for lot in ledger.lots
    }
    found = shop.rows(
        f"select lot_id, lot_points, used_points, expired_points, open_points from {shop.candidate}.loyalty_lots"
    )
    assert {lot: tuple(figures) for lot, *figures in found} == expected
    assert len(expected) > 2 * CASES


def test_balance_debt_and_tier_of_a_customer_are_those_of_the_ledgers(shop: DbtShop, histories: History) -> None:
    ledgers = kept(histories, AS_OF, 365)
    expected = {}
    for customer, keys in _by_customer(histories):
        rows = [row for key in keys for row in histories[key] if business_day(row.occurred_at, ZONE) <= AS_OF]
        if not rows:
            continue
        lots = [lot for key in keys for lot in ledgers[key].lots]
        opened, debt = sum(lot.open for lot in lots), sum(ledgers[key].debt for key in keys)
        lost = sum(points for key in keys for _, points in ledgers[key].losses)
        assert opened - debt == sum(row.signed for row in rows) - lost
        within = (AS_OF, AS_OF + timedelta(30))
        soon = sum(lot.open for lot in lots if within[0] < business_day(lot.lost_at, ZONE) <= within[1])
        expected[customer] = (
            opened - debt,
            debt,
            soon,
            qualifying(rows, AS_OF, ZONE),
            *tier_with_day(rows, AS_OF, ZONE),
        )
    found = shop.rows(
        "select customer_id, balance, debt_points, points_expiring_30d, qualifying_points, loyalty_tier, tier_since"
        f" from {shop.candidate}.customer_loyalty"
    )
    assert {customer: tuple(figures) for customer, *figures in found} == expected
    assert {tier for *_, tier, _ in expected.values()} == {"bronze", "silver", "gold", "platinum"}
    assert sum(debt > 0 for _, debt, *_ in expected.values()) > CASES / 20


def test_liability_and_balance_of_a_past_month_are_those_of_its_members(shop: DbtShop, histories: History) -> None:
    end = date(2024, 12, 31)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    rule = {key: ledger.expires_by_rule for key, ledger in kept(histories, AS_OF, 365).items()}
    for (customer, source), rows in histories.items():
        ledger = Ledger(end, ZONE, 365, rule[customer, source])
        ledger.keep(rows)
        totals[customer] += sum(lot.open for lot in ledger.lots) - ledger.debt
    found = shop.rows(
        f"select balance, liability from {shop.candidate}.loyalty_summary where month = date '2024-12-01'"
    )
    cents = sum((max(total, Decimal(0)) / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP") for total in totals.values())
    assert found == [(sum(totals.values()), cents)]


def test_what_never_expires_by_rule_expires_where_the_lot_says_so(module_shop: Callable[[], DbtShop]) -> None:
    shop, random = module_shop(), Random(7)
    histories: History = defaultdict(list)
    for customer in range(500):
        for source, row in random_history(random, customer):
            histories[f"s:{customer}", source].append(row)
    write(shop, histories)
    build(shop, points_valid_days=None)
    expected = {
        lot.transaction_id: (lot.used, lot.expired, lot.open)
        for ledger in kept(histories, AS_OF, None).values()
        for lot in ledger.lots
    }
    found = shop.rows(f"select lot_id, used_points, expired_points, open_points from {shop.candidate}.loyalty_lots")
    assert {lot: tuple(figures) for lot, *figures in found} == expected


GOLDEN = [
    Movement("s:1", "earn", Decimal(100), datetime.fromisoformat("2024-01-10 09:00")),
    Movement("s:2", "earn", Decimal(200), datetime.fromisoformat("2024-07-01 09:00")),
    Movement("s:3", "redeem", Decimal(80), datetime.fromisoformat("2024-08-01 09:00")),
    Movement("s:4", "earn", Decimal(50), datetime.fromisoformat("2025-03-01 09:00")),
]


def test_the_golden_rows_give_250_and_every_past_day_its_own_balance(new_shop: Callable[[], DbtShop]) -> None:
    shop = new_shop()
    write(shop, {("s:1", "s"): GOLDEN})
    sql = f"select balance, points_expiring_30d, points_to_next_tier, liability from {shop.candidate}.customer_loyalty"
    build(shop, date(2025, 6, 30))
    assert shop.rows(sql) == [(Decimal(250), Decimal(200), Decimal(750), Decimal("2.50"))]
    build(shop, date(2025, 6, 30), breakage_rate=0.2, point_value=0.05)
    assert shop.rows(sql)[0][3] == Decimal("10.00")
    # the first lot is lost on 2025-01-09, the second on 2025-07-01
    for day, balance in {"2025-01-08": 220, "2025-01-09": 200, "2025-07-01": 50}.items():
        build(shop, date.fromisoformat(day))
        assert shop.rows(sql)[0][0] == balance, day


def _by_customer(histories: History) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    keys = defaultdict(list)
    for key in histories:
        keys[key[0]].append(key)
    return keys.items()


def test_kinds_are_read_in_both_languages_and_an_unknown_one_goes_to_quarantine(
    new_shop: Callable[[], DbtShop],
) -> None:
    shop = new_shop()
    kinds = ["Earned", "积分兑换", "过期", "人工调整", "casino"]
    rows = [
        {"transaction_id": str(number), "customer_id": "1", "occurred_at": "2024-01-01", "kind": kind, "points": "5"}
        for number, kind in enumerate(kinds)
    ]
    shop.land("loyalty_transactions", rows)
    shop.build("map_loyalty_kind", "placeholders", "+stg_loyalty_transactions", with_tests=False)
    sql = (
        "select kind, delivered_kind, _disposition, _reason from staging.base_loyalty_transactions order by _row_number"
    )
    assert shop.rows(sql) == [
        ("earn", "Earned", "staged", None),
        ("redeem", "积分兑换", "staged", None),
        ("expire", "过期", "staged", None),
        ("adjust", "人工调整", "staged", None),
        ("casino", "casino", "quarantined", "kind is unknown"),
    ]
