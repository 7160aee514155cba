"""A shop of several sources for comparing two warehouses: everything that can tip a figure, in files that both read.

``web``: lines, currencies, return documents, tickets, campaigns, odd ids (money_shop). ``shop``: years of purchases with gaps,
refunds, ties and an address that changes (random_shop). ``people``: attributes, categories, interests, more than a hundred
buyers for personas (people_shop). ``crm`` and ``desk``: records of the same persons, leads, tickets (planted_people), rows
that belong into quarantine, texts in many scripts, dates in many spellings.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from kehu.entities import ENTITIES
from tests.support import money_shop, random_shop
from tests.support.people_shop import AS_OF, people_shop
from tests.support.planted_people import plant

Row = Mapping[str, str | None]
Entities = Mapping[str, Sequence[Row]]

DAY: date = AS_OF
START = datetime.fromisoformat("2023-02-15 22:15:00")
"""When the first visit begins, an hour before midnight of the business."""
PLANTED = "planted-personal"
"""How a personal text begins that no source delivered otherwise."""
TIMEZONE = "Europe/Berlin"

HOSTILE_CUSTOMER: Row = {
    "customer_id": "x'; drop schema analytics cascade; --",
    "full_name": "Robert'); drop table staging.base_customers; --",
    "email": '"\'; drop schema work cascade; --"@example.com',
    "city": "{{ env_var('HOME') }} {% do run_query('drop schema ops cascade') %}",
    "region": "%s %(x)s :y $1 ? \\ $(touch hacked) `touch hacked`",
    "interests": "x' or true) --",
    "created_at": "2022-01-01",
}
_ODD_CUSTOMERS: list[Row] = [
    {
        "customer_id": "É1",
        "email": " ÉLODIE@example.com ",
        "country": "Österreich",
        "city": "WIEN",
        "birth_date": "1990/1/5",
    },
    {
        "customer_id": "é1",
        "email": "élodie@example.com",
        "country": "Austria",
        "city": "Wien",
        "birth_date": "1990-01-05",
    },
    {"customer_id": "a b", "email": "a@b", "created_at": "2020-02-30", "gender": "女"},
    {"customer_id": "a-b", "created_at": "2020-03-29 02:30:00", "phone": "+86 139 1234 5678"},
    {"customer_id": "A_b", "created_at": "2020-10-25 02:30:00", "phone": "１３９１２３４５６７８", "country": "中国"},
    {"customer_id": "ab", "created_at": "2020-05-05T23:30:00+05:30", "household_size": "3.0"},
    {
        "customer_id": "\u00a0x\u3000",
        "created_at": "2020-05-05 8:05",
        "household_size": "3.5",
        "marketing_consent": "Yes",
    },
    {"customer_id": "x%_'\"", "created_at": "nonsense", "interests": "Bücher|BÜCHER;tea"},
    HOSTILE_CUSTOMER,
    {"customer_id": None, "created_at": "2020-01-01"},
]
_ODD_ORDERS: list[Row] = [
    {"order_id": "1", "customer_id": "É1", "ordered_at": "2022-10-30 02:15:00", "subtotal_amount": "0.005"},
    {"order_id": "2", "customer_id": "é1", "ordered_at": "2022-03-27T02:15:00", "subtotal_amount": "1e2"},
    {
        "order_id": "3",
        "customer_id": "a b",
        "ordered_at": "2022-12-31 23:59:59.9999999",
        "subtotal_amount": "1_000.005",
    },
    {"order_id": "4", "customer_id": "a-b", "ordered_at": "2022-12-31T23:59:59-08:00", "subtotal_amount": " 12.345 "},
    {"order_id": "5", "customer_id": "ab", "ordered_at": "1969-12-31 10:00:00", "subtotal_amount": "1"},
    {"order_id": "6", "customer_id": "ab", "ordered_at": "2022-06-31 10:00:00", "subtotal_amount": "1"},
    {"order_id": "7", "customer_id": "ab", "ordered_at": "2022-06-30 10:00:00", "subtotal_amount": "1,5"},
    {"order_id": "8", "customer_id": "x%_'\"", "ordered_at": "2022/6/3 9:07", "subtotal_amount": "7.005"},
    {
        "order_id": "9'; --",
        "customer_id": HOSTILE_CUSTOMER["customer_id"],
        "ordered_at": "2022-06-03 09:08:00",
        "subtotal_amount": "8.005",
    },
]


def sources() -> dict[str, dict[str, Sequence[Row]]]:
    """The rows of every source by entity."""
    web = money_shop.random_shop("web", 3)
    shop = random_shop.random_shop(5)
    planted = plant(60, 20260101)
    people = people_shop(3, 130).rows()
    found: dict[str, dict[str, Sequence[Row]]] = {
        "web": dict(web.entities),
        "shop": {"orders": shop.orders, "refunds": shop.refund_rows, "customers": shop.customer_rows},
        "people": {**people, "customers": _with_consents(people["customers"]), "web_events": _visits()},
        "crm": {"customers": [], "leads": []},
        "desk": {
            "customers": _ODD_CUSTOMERS,
            "orders": _ODD_ORDERS,
            "tickets": [row for row, _ in planted.tickets],
            "exchange_rates": money_shop.rate_rows(),
            "marketing_spend": [
                {"spend_date": f"2022-{month:02d}-15", "channel": channel, "amount": f"{month * 10}.335"}
                for month in range(1, 13)
                for channel in ("web", "app")
            ],
            "benchmarks": [
                {**figure, "benchmark_date": "2022-05-31", "value": "30.125", "source": "an institute"}
                for figure in (
                    {"metric": "Repeat_Rate", "market": None, "currency": None},
                    {"metric": "aov", "market": "DE", "currency": "EUR"},
                    {"metric": "aov", "market": "US", "currency": "USD"},
                    {"metric": "footfall", "market": None, "currency": None},
                )
            ],
        },
    }
    for record in planted.records:
        entity = "leads" if record.is_lead else "customers"
        name = "crm" if record.source == "shop" else record.source
        rows = found.setdefault(name, {}).setdefault(entity, [])
        found[name][entity] = [*rows, record.row]
    return found


def _with_consents(customers: Sequence[Row]) -> list[Row]:
    """The customers with what they agreed to: some to everything, some to one channel, some to nothing, some never asked."""
    return [
        {
            **row,
            "marketing_consent": ("yes", "true", "no", None, "1")[number % 5],
            "email_consent": (None, "yes", "no")[number % 3],
            "phone_consent": ("no", None, "yes", None)[number % 4],
            "consent_updated_at": "2022-01-05 10:00:00",
        }
        for number, row in enumerate(customers)
    ]


def _visits() -> list[Row]:
    """Two visits of each of many browsers, half an hour and a second less apart, some over midnight."""
    names = ("page_view", "view_item", "add_to_cart", "begin_checkout", "purchase")
    return [
        {
            "event_id": f"e{visitor}-{step}",
            "anonymous_id": f"v{visitor}",
            "session_id": None,
            "customer_id": f"c{visitor}" if step == 3 and visitor % 3 else None,
            "occurred_at": f"{moment + timedelta(seconds=step * (1799 + visitor % 2)):%Y-%m-%d %H:%M:%S}",
            "name": names[(step + visitor) % 5],
            "product_id": ("tea", "cup", None)[step % 3],
            "utm_source": ("mail", None, "ads")[visitor % 3] if step == 0 else None,
            "page": None,
        }
        for visitor, moment in enumerate(START + timedelta(hours=7 * number) for number in range(40))
        for step in range(5)
    ]


MODES: dict[tuple[str, str], dict[str, str]] = {
    ("people", "customers"): {"mode": "snapshot"},
    # records of one person that were planted under one number
    ("crm", "customers"): {"on_duplicate_key": "last"},
    ("shop", "orders"): {"mode": "window", "window_column": "ordered_at"},
}
"""What a delivery replaces; where nothing is said it is appended."""


def write_shop(folder: Path, wave: int = 2) -> Path:
    """Write one CSV file an entity and source, and the ``sources.yml``; returns the latter.

    Args:
        folder: where; what an earlier wave has written there is replaced.
        wave: 1 leaves a third of the rows out, 2 has all rows but, of a snapshot, the first five.
    """
    entries: list[dict[str, Any]] = []
    for name, entities in sources().items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        delivered = {entity: rows for entity, rows in entities.items() if rows}
        for entity, rows in delivered.items():
            is_snapshot = MODES.get((name, entity), {}).get("mode") == "snapshot"
            some = rows[: len(rows) * 2 // 3 + 1] if wave == 1 else rows[5:] if is_snapshot else rows
            _write(folder / name / f"{entity}.csv", [_with_personal_texts(entity, row) for row in some])
        entries.append(
            {
                "name": name,
                "kind": "files",
                "path": name,
                "timezone": "UTC" if name == "web" else TIMEZONE,
                "entities": {entity: MODES.get((name, entity), {}) for entity in delivered},
            }
        )
    file = folder / "sources.yml"
    variables = {
        "home_country": "China,CN,中国",
        "home_city": "Shanghai",
        "clv_fit_by": "country",
        "max_unknown_customer_share": 1,
        # a seventh of its orders is worth nothing
        "max_worthless_order_share": 1,
    }
    file.write_text(yaml.safe_dump({"sources": entries, "vars": variables}, allow_unicode=True, sort_keys=False))
    return file


def _with_personal_texts(entity: str, row: Row) -> Row:
    """The row with every personal text that decides nothing: what is published of it is published by mistake."""
    who = str(row.get("customer_id") or row.get("ticket_id"))
    names = [column.name for column in ENTITIES[entity].columns if column.personal and column.type == "text"]
    return {**{name: f"{PLANTED}-{name}-{who}" for name in names if name not in ("email", "phone")}, **row}


def _write(file: Path, rows: Sequence[Row]) -> None:
    columns = sorted({name for row in rows for name in row})
    with file.open("w", newline="", encoding="utf-8") as output:
        writer = csv.DictWriter(output, columns)
        writer.writeheader()
        writer.writerows(dict(row) for row in rows)
