"""Sessions against an independent walk through random visits, and what must add up: events, sessions, funnel, months."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pandas as pd
import pytest

from tests.support.rendered_models import PROJECT, rendered

AS_OF = date(2024, 3, 31)
ZONE = "Europe/Berlin"
EMPLOYEE = "shop:employee"
GAPS = [0, 1, 60, 1799, 1800, 1801, 3599, 7200, 90_000]
"""Seconds between two events of a visitor: at the border of a session, at one moment, and over days."""
NAMES = ["page_view", "View_Item", "加购", "begin_checkout", "purchase", "scroll"]
STEPS = {"View_Item": "product", "加购": "cart", "begin_checkout": "checkout", "purchase": "purchase"}


@dataclass
class Visit:
    """A session as the walk finds it."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def row(self) -> tuple[Any, ...]:
        first, last = self.events[0], self.events[-1]
        steps = {STEPS.get(event["name"]) for event in self.events}
        return (
            first["event_id"],
            next((event["customer_id"] for event in self.events if event["customer_id"]), None),
            first["utm_source"] or "unknown",
            len(self.events),
            len({event["product_id"] for event in self.events} - {None}),
            *(step in steps for step in ("product", "cart", "checkout", "purchase")),
            local_day(first["occurred_at"]),
            first["occurred_at"],
            last["occurred_at"],
        )


def local_day(moment: datetime) -> date:
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(ZONE)).date()


def random_events(seed: int) -> list[dict[str, Any]]:
    """Events of browsers, of sessions without one, of customers without either, and of nobody, over the change to summer time."""
    random, events = Random(seed), []
    for visitor in range(60):
        kind = random.choice(["browser", "browser", "session", "customer", "nobody"])
        moment = datetime.fromisoformat("2024-03-29 18:00:00") + timedelta(seconds=random.randrange(40_000))
        customers = [None, f"shop:c{visitor % 20}", random.choice([EMPLOYEE, f"shop:d{visitor}"])]
        for _ in range(random.choice([1, 3, 12, 40])):
            moment += timedelta(seconds=random.choice(GAPS))
            event = {
                "_source": random.choice(["shop", "app"]) if visitor < 5 else "shop",
                "customer_id": f"shop:c{visitor}" if kind == "customer" else random.choices(customers, [6, 3, 1])[0],
                "anonymous_id": f"v{visitor % 40}" if kind == "browser" else None,
                "session_id": f"s{visitor}" if kind == "session" else random.choice(["x", None]),
                "name": random.choice(NAMES),
                "product_id": random.choice([None, "shop:p1", "shop:p2", "shop:p3"]),
                "device": random.choice(["phone", None]),
                "utm_source": random.choice(["mail", None]),
                "utm_medium": None,
                "utm_campaign": None,
                "occurred_at": moment,
            }
            if kind == "nobody":
                event |= {"customer_id": None, "session_id": None}
            elif kind == "customer":
                event |= {"session_id": None}
            events.append(event)
    random.shuffle(events)
    return [event | {"event_id": f"shop:e{number:05d}"} for number, event in enumerate(events)]


def visits(events: list[dict[str, Any]]) -> Iterator[Visit]:
    """Walk through the events of each visitor and begin anew after half an hour without one."""
    by_visitor: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if local_day(event["occurred_at"]) <= AS_OF:
            by_visitor[whose(event)].append(event)
    for mine in by_visitor.values():
        found: list[Visit] = []
        for event in sorted(mine, key=lambda one: (one["occurred_at"], one["event_id"])):
            if not found or event["occurred_at"] - found[-1].events[-1]["occurred_at"] >= timedelta(minutes=30):
                found.append(Visit())
            found[-1].events.append(event)
        yield from found


def whose(event: dict[str, Any]) -> tuple[str, ...]:
    for column in ("anonymous_id", "session_id"):
        if event[column]:
            return column, event["_source"], event[column]
    return ("customer", event["customer_id"]) if event["customer_id"] else ("event", event["event_id"])


@pytest.fixture(scope="module", params=range(5))
def shop(request: pytest.FixtureRequest) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[dict[str, Any]]]]:
    """The models over random events, in DuckDB alone."""
    events = random_events(request.param)
    with duckdb.connect() as connection:
        connection.register("given", pd.DataFrame(events))
        connection.execute("create table int_web_events_assign as from given")
        connection.execute(f"create table int_customers_exclude as select '{EMPLOYEE}' as customer_id")
        seed = PROJECT / "seeds" / "map_web_event_step.csv"
        connection.execute(f"create table map_web_event_step as from read_csv('{seed}', header = true)")
        for model in ("feat_web_events", "web_sessions", "checkout_funnel"):
            sql = rendered(model, AS_OF.isoformat(), timezone=ZONE)
            connection.execute(f"create table {model} as {sql}")
        yield connection, events


def test_sessions_are_those_of_the_walk(shop: tuple[duckdb.DuckDBPyConnection, list[dict[str, Any]]]) -> None:
    connection, events = shop
    walked = [visit for visit in visits(events) if EMPLOYEE not in {event["customer_id"] for event in visit.events}]
    found = connection.execute(
        "select session_key, customer_id, entry_source, event_count, products_seen, has_product, has_cart,"
        " has_checkout, has_purchase, session_date, started_at, ended_at from web_sessions order by 1"
    ).fetchall()
    assert found == sorted(visit.row() for visit in walked)
    assert len({row[9] for row in found}) == 3 and len(found) > 100


def test_sessions_are_the_events_grouped(shop: tuple[duckdb.DuckDBPyConnection, list[dict[str, Any]]]) -> None:
    connection, events = shop
    (grouped,) = connection.execute("select sum(event_count) from web_sessions").fetchone() or (None,)
    left_out = [one for one in visits(events) if EMPLOYEE in {event["customer_id"] for event in one.events}]
    known = [event for event in events if local_day(event["occurred_at"]) <= AS_OF]
    assert 0 < len(known) < len(events)
    assert grouped + sum(len(visit.events) for visit in left_out) == len(known)


def test_the_funnel_is_the_sessions_counted(shop: tuple[duckdb.DuckDBPyConnection, list[dict[str, Any]]]) -> None:
    connection, _ = shop
    sessions = connection.execute("select entry_source, has_checkout, has_purchase from web_sessions").fetchall()
    begun = Counter(source for source, checkout, _ in sessions if checkout)
    completed = Counter(source for source, checkout, purchase in sessions if checkout and purchase)
    rows = connection.execute(
        "select entry_source, sessions, checkout_sessions, completed_checkouts, checkout_rate from checkout_funnel"
    ).fetchall()
    assert rows and sum(row[1] for row in rows) == len(sessions)
    for source, _, checkouts, done, rate in rows:
        assert (checkouts, done) == (begun[source], completed[source])
        assert rate == pytest.approx(done / checkouts)
