"""Staging: typed columns for every entity, the version in force, quarantine, and increments that equal a full build."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import datetime

import pytest

from kehu.entities import ENTITIES, Entity
from tests.dbt.versions_oracle import History, LandedBatch, LandedRow, random_batch
from tests.support.dbt_shop import PROJECT, DbtFailed, DbtShop

STATUSES = {"completed", "placed", "cancelled", "test"}
TYPES = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "currency": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DECIMAL(18,6)",
    "rate": "DECIMAL(18,8)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}
ADDED = {
    "orders": {
        "delivered_status": "VARCHAR",
        "exchange_rate": "DECIMAL(18,8)",
        "order_date": "DATE",
        "is_refunded": "BOOLEAN",
        "is_subtotal_derived": "BOOLEAN",
    },
    "campaign_contacts": {"source_campaign_id": "VARCHAR"},
    "refunds": {"exchange_rate": "DECIMAL(18,8)", "refund_date": "DATE"},
    "products": {"exchange_rate": "DECIMAL(18,8)"},
    "campaigns": {"exchange_rate": "DECIMAL(18,8)"},
    "opportunities": {"exchange_rate": "DECIMAL(18,8)"},
    "marketing_spend": {"exchange_rate": "DECIMAL(18,8)"},
    "survey_invitations": {"delivered_survey_type": "VARCHAR"},
    "survey_responses": {"delivered_survey_type": "VARCHAR"},
    "loyalty_transactions": {"delivered_kind": "VARCHAR"},
}
PLUMBING = {
    "_source": "VARCHAR",
    "_file": "VARCHAR",
    "_batch_id": "VARCHAR",
    "_row_number": "BIGINT",
    "_extracted_at": "TIMESTAMP",
    "_extra": "VARCHAR",
}
RANDOM_ENTITIES = ("orders", "order_lines", "customers")
BALANCE = "assert_every_landed_row_is_staged_superseded_deleted_quarantined_or_withdrawn"
NewShop = Callable[[], DbtShop]


@pytest.fixture(scope="module")
def dirty_shop(module_shop: NewShop) -> DbtShop:
    """A shop with a few orders, most of them unusable, and a refund; staging is built."""
    shop = module_shop()
    shop.land(
        "orders",
        [
            {"order_id": "1", "ordered_at": "2017-03-01 10:00:00", "status": "paid", "_extra": '{"coupon": "X"}'},
            {"order_id": "2", "ordered_at": "yesterday", "status": "paid"},
            {"order_id": " 3", "ordered_at": "2017-03-01", "status": "evaporated"},
        ],
        rejects=[('4,"2017', "unterminated quote")],
        file="orders_1.csv",
    )
    shop.land("refunds", [{"refund_id": "1", "order_id": "1", "refunded_at": "2017-03-01", "amount": "1"}])
    shop.build(
        "map_order_status",
        "map_survey_type",
        "map_loyalty_kind",
        "placeholders",
        "path:models/staging",
        BALANCE,
        exclude=("test_type:generic",),
    )
    return shop


def expected_columns(entity: Entity) -> dict[str, str]:
    """What the contract of staging says of the columns of ``stg_<entity>``."""
    columns = {column.name: TYPES[column.type] for column in entity.columns}
    if entity.key[0].endswith("_id"):
        columns[f"source_{entity.key[0]}"] = "VARCHAR"
    return {**columns, **ADDED.get(entity.name, {}), **PLUMBING}


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=list(ENTITIES))
def test_staging_has_every_canonical_column_with_its_type_and_no_other(dirty_shop: DbtShop, entity: Entity):
    assert dirty_shop.columns("staging", f"stg_{entity.name}") == expected_columns(entity)


def test_entities_that_no_source_delivers_are_empty(dirty_shop: DbtShop):
    for name in set(ENTITIES) - {"orders", "refunds"}:
        assert dirty_shop.rows(f"select count(*) from staging.stg_{name}") == [(0,)]
        assert dirty_shop.rows(f"select count(*) from staging.quarantine_{name}") == [(0,)]


def test_an_unusable_row_is_kept_with_file_row_reason_and_value(dirty_shop: DbtShop):
    found = dirty_shop.rows(
        "select _file, _row_number, reason, reason_column, reason_value, delivered ->> 'order_id', _raw"
        " from staging.quarantine_orders order by _row_number"
    )
    assert found == [
        ("orders_1.csv", 2, "ordered_at is not a timestamp", "ordered_at", "yesterday", "2", None),
        ("orders_1.csv", 3, "status is unknown", "status", "evaporated", " 3", None),
        ("orders_1.csv", 4, "row could not be parsed", None, "unterminated quote", None, '4,"2017'),
    ]


def test_a_usable_row_keeps_where_it_came_from_and_what_is_not_canonical(dirty_shop: DbtShop):
    found = dirty_shop.rows(
        "select order_id, source_order_id, status, _file, _row_number, _extra from staging.stg_orders"
    )
    assert found == [("shop:1", "1", "completed", "orders_1.csv", 1, '{"coupon": "X"}')]


def test_the_balance_notices_rows_that_are_lost_or_doubled(dirty_shop: DbtShop):
    sound = dirty_shop.database.read_bytes()
    with dirty_shop.connection() as connection:
        connection.execute("delete from staging.base_orders where _row_number = 2")
        connection.execute("insert into staging.base_refunds from staging.base_refunds")
    with pytest.raises(DbtFailed, match=f"FAIL 2 {BALANCE}"):
        dirty_shop.dbt("test", "--select", BALANCE)
    dirty_shop.database.write_bytes(sound)


def test_every_status_of_the_map_is_spelt_as_it_is_compared():
    with (PROJECT / "seeds" / "map_order_status.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["delivered_status"] == row["delivered_status"].strip().lower() != "" for row in rows)
    assert {row["status"] for row in rows} == STATUSES


@pytest.mark.parametrize("seed", range(4))
def test_increments_give_what_the_definitions_say_and_what_a_full_refresh_gives(
    new_shop: NewShop, is_long: bool, seed: int
):
    if seed and not is_long:
        pytest.skip("one seed; all with --long")
    dice = random.Random(seed)
    shop = new_shop()
    histories = {entity: History() for entity in RANDOM_ENTITIES}
    shop.build("map_order_status", "placeholders", "+base_reporting_rates")
    for _ in range(4):
        with shop.landing_together():
            known = {entity: list(history.batches) for entity, history in histories.items()}
            for entity, history in histories.items():
                land_some(shop, dice, entity, history)
        for entity, history in histories.items():
            turn_some(shop, dice, known[entity], history)
        shop.dbt("run", "--select", *(f"base_{entity}" for entity in RANDOM_ENTITIES))
        for entity, history in histories.items():
            assert dispositions(shop, entity) == history.dispositions(), f"{entity}, seed {seed}"
    with shop.connection() as connection:
        for entity in RANDOM_ENTITIES:
            connection.execute(f"create table staging.increment_{entity} as from staging.base_{entity}")
    shop.dbt("run", "--full-refresh", "--select", *(f"base_{entity}" for entity in RANDOM_ENTITIES))
    for entity in RANDOM_ENTITIES:
        # in which state a row changed is all that a full refresh forgets
        names = ", ".join(name for name in shop.columns("staging", f"base_{entity}") if name != "_changed_in")
        increment = f"select {names} from staging.increment_{entity}"
        whole = f"select {names} from staging.base_{entity}"
        assert shop.rows(f"({increment} except all {whole}) union all ({whole} except all {increment})") == []
    for history in histories.values():
        turn(shop, [one for one in history.batches if dice.random() < 0.3 or one.is_withdrawn])
    shop.dbt("run", "--full-refresh", "--select", *(f"base_{entity}" for entity in RANDOM_ENTITIES))
    for entity, history in histories.items():
        assert dispositions(shop, entity) == history.dispositions(), f"{entity}, snapshots turned too, seed {seed}"


def test_an_unreadable_line_and_a_quarantined_row_of_the_same_number_are_two_rows(new_shop: NewShop):
    shop = new_shop()
    rows = [{"order_id": "1", "ordered_at": "never", "_row_number": "2"}]
    shop.land("orders", rows, rejects=[('7,"x', "unterminated quote")])
    assert shop.rows("select count(*) from landing.orders where _row_number = 2") == [(2,)]
    shop.build("map_order_status", "placeholders", "+quarantine_orders", with_tests=False)
    found = shop.rows("select reason, reason_value, _raw from staging.quarantine_orders order by reason")
    assert found == [
        ("ordered_at is not a timestamp", "never", None),
        ("row could not be parsed", "unterminated quote", '7,"x'),
    ]


def test_versions_of_a_known_key_that_are_only_appended_leave_one_of_each(new_shop: NewShop):
    shop, history = new_shop(), History()
    shop.build("map_order_status", "placeholders", "+base_reporting_rates")
    # the first build, then: a key in two batches, twice in one batch, both, and a key that is new
    for batches in [(("1", "2", "3", "4"),), (("1", "2", "2"), ("1", "3", "3", "5")), (("3",), ("1", "1", "4"))]:
        with shop.landing_together():
            for keys in batches:
                rows = [
                    LandedRow({"order_id": key, "ordered_at": "2017-03-01"}, (key,), True, False, None, number)
                    for number, key in enumerate(keys, start=1)
                ]
                batch = LandedBatch("shop", "append", datetime.fromisoformat("2020-01-01"), rows)
                land(shop, "orders", batch)
                history.batches.append(batch)
        shop.dbt("run", "--select", "base_orders")
        assert dispositions(shop, "orders") == history.dispositions()


def land_some(shop: DbtShop, dice: random.Random, entity: str, history: History) -> None:
    """Land a few batches of each of several sources."""
    for source in ("a", "b", "c", "d", "e", "f"):
        for _ in range(dice.choice((0, 1, 1, 2))):
            batch = random_batch(dice, entity, source)
            land(shop, entity, batch)
            history.batches.append(batch)


def turn_some(shop: DbtShop, dice: random.Random, known: list[LandedBatch], history: History) -> None:
    """Withdraw some batches and put others back; of snapshots and windows only those that no build has seen."""
    new = [batch for batch in history.batches if batch not in known]
    seen = [batch for batch in known if batch.mode == "append"]
    turn(shop, [batch for batch in (*new, *seen) if dice.random() < (0.6 if batch.is_withdrawn else 0.2)])


def turn(shop: DbtShop, batches: list[LandedBatch]) -> None:
    """Withdraw batches, or put them back."""
    for batch in batches:
        batch.is_withdrawn = not batch.is_withdrawn
    shop.turn(*(batch.batch_id for batch in batches))


def land(shop: DbtShop, entity: str, batch: LandedBatch) -> None:
    """Land one batch and note its id and place."""
    batch.batch_id = shop.land(
        entity,
        [row.values for row in batch.rows],
        source=batch.source,
        mode=batch.mode,
        window_column=batch.window_column,
        window=batch.window,
        extracted_at=batch.extracted_at,
    )
    batch.sequence = shop.sequence


def dispositions(shop: DbtShop, entity: str) -> dict[tuple[str, int], str]:
    """What staging made of every row."""
    rows = shop.rows(f"select _batch_id, _row_number, _disposition from staging.base_{entity}")
    assert len({row[:2] for row in rows}) == len(rows)
    return {(batch_id, number): disposition for batch_id, number, disposition in rows}
