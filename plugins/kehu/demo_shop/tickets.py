"""The support desk: tickets with their texts, when they were answered, solved, opened again."""

from __future__ import annotations

import numpy as np

from kehu.demo_shop.catalogue import product_ids
from kehu.demo_shop.columns import Rows, blank_where, chosen, joined_rows, labels, moments, taken, words
from kehu.demo_shop.dirt import deliver, note
from kehu.demo_shop.orders import shop_customers
from kehu.demo_shop.people import MARKET_ONLY
from kehu.demo_shop.phrases import NEEDS
from kehu.demo_shop.places import emails, phones, spaced_phones
from kehu.demo_shop.plan import SECONDS_A_DAY
from kehu.demo_shop.texts import drawn_texts, themes, truth_of, written
from kehu.demo_shop.troubles import COMPLAINT, KINDS, troubles
from kehu.demo_shop.world import World

_HOUR = 3600
_SUBJECTS = (*NEEDS, "hello")
UNSOLVED, REOPENED = 0.04, 0.05


def deliver_tickets(world: World, day: int, orders: Rows) -> None:
    """Export today's new tickets, and those of earlier days on which something happened."""
    new = troubles(world, day, orders)
    _open(world, day, new)
    _plan_goodwill(world, new)
    news = world.agenda.take("ticket_news", day)
    parts = [_as_new(new)]
    if news:
        parts.append(news | {"is_news": np.ones(len(news["code"]), bool)})
        note(world, "changed", "shop.tickets", day, labels("T", news["code"], 11))
    rows = joined_rows(parts)
    _export(world, day, rows)


def _open(world: World, day: int, new: Rows) -> None:
    """Draw the course of each new ticket and let its end wait for its day."""
    random = world.plan.random("tickets", day)
    count = len(new["person"])
    new["code"] = int(world.plan.day(day).strftime("%y%m%d")) * 100_000 + np.arange(count)
    new["created"] = world.plan.midnight(day) + np.sort(random.integers(6 * _HOUR, SECONDS_A_DAY - _HOUR, count))
    slow = np.where(new["kind"] == COMPLAINT, 1.5, 1.0)
    first = new["created"] + np.round(random.lognormal(1.2, 0.9, count) * slow * _HOUR).astype(np.int64)
    solved = first + np.round(random.lognormal(2.6, 1.0, count) * slow * _HOUR).astype(np.int64)
    drawn = random.random(count)
    is_open, is_again = drawn < UNSOLVED, drawn > 1 - REOPENED
    again = np.where(is_again, solved + random.integers(6, 60, count) * _HOUR, -1)
    new["first_reply"] = first
    new["solved"] = np.where(is_open, -1, np.where(is_again, again + random.integers(2, 90, count) * _HOUR, solved))
    new["again"] = again
    new["answered_by"] = random.random(count)
    new["satisfied"] = random.random(count)
    language = world.people.language[new["person"]]
    new.update(drawn_texts(random, world.phrases, language, themes(random, new["need"], new["tone"])))
    last = np.where(is_open, first, new["solved"])
    due = np.maximum((last - world.plan.epoch) // SECONDS_A_DAY, day + 1)
    world.agenda.add("ticket_news", due, new)
    is_solved = ~is_open
    survey_due = np.maximum(due, day + 1)[is_solved] + 1
    who = {name: new[name][is_solved] for name in ("person", "code", "kind")}
    world.agenda.add("ticket_surveys", survey_due, who)


def _plan_goodwill(world: World, new: Rows) -> None:
    is_sorry = (new["kind"] == COMPLAINT) & (new["answered_by"] < 0.2)
    rows = {"person": new["person"][is_sorry], "moment": new["created"][is_sorry] + 2 * SECONDS_A_DAY}
    world.agenda.add("goodwill", (rows["moment"] - world.plan.epoch) // SECONDS_A_DAY, rows)


def _as_new(new: Rows) -> Rows:
    """A ticket on its first day: nothing has happened yet."""
    nothing = np.full(len(new["code"]), -1)
    later = {"first_reply": nothing, "solved": nothing, "again": nothing}
    return new | later | {"is_news": np.zeros(len(nothing), bool)}


def _export(world: World, day: int, rows: Rows) -> None:
    count = len(rows["code"])
    if not count:
        return
    people, person = world.people, rows["person"]
    ids = labels("T", rows["code"], 11)
    _tell_texts(world, day, rows)
    by = rows["answered_by"]
    is_market = people.home[person] == MARKET_ONLY
    has_number, has_mail = ~is_market & (by < 0.6), ~is_market & (by > 0.5) & (by < 0.85)
    phone = phones(person, people.country[person])
    status = np.where(rows["solved"] >= 0, 2, np.where(rows["first_reply"] >= 0, 1, 0))
    stars = 1 + np.floor(rows["satisfied"] * 5)
    last_step = np.maximum(rows["first_reply"], rows["solved"])
    columns = {
        "ticket_id": ids,
        "customer_id": blank_where(shop_customers(person), ~has_number),
        "email": blank_where(emails(person, people.language[person]), ~has_mail),
        "phone": blank_where(chosen(by > 0.95, spaced_phones(phone), phone), has_number | has_mail),
        "kind": words(KINDS, rows["kind"]),
        "created_at": moments(rows["created"]),
        "first_response_at": moments(rows["first_reply"]),
        "resolved_at": moments(rows["solved"]),
        "reopened_at": moments(rows["again"]),
        "status": words(["open", "pending", "solved"], status),
        "priority": words(["normal", "high"], (rows["kind"] == COMPLAINT).astype(np.int8)),
        "product_id": blank_where(product_ids(rows["product"]), rows["product"] < 0),
        "channel": words(["email", "chat", "phone"], (rows["code"] % 3)),
        "topic": words(_SUBJECTS, rows["need"]),
        "text": written(world.phrases, rows),
        "csat_score": blank_where(labels("", stars), (rows["solved"] < 0) | (by > 0.1)),
        "updated_at": moments(np.maximum(rows["created"], last_step)),
    }
    deliver(world, "shop.tickets", day, columns)


def _tell_texts(world: World, day: int, rows: Rows) -> None:
    """The truth about a text is told with the first delivery of its ticket."""
    new = taken(rows, ~rows["is_news"])
    if len(new["code"]):
        ids = labels("T", new["code"], 11)
        told = truth_of(world.phrases, new, "shop.tickets.text", ids, person=new["person"], day=day)
        alerts = [*(alert.name for alert in world.alerts), None]
        world.truth.add("texts", told)
        world.truth.add(
            "tickets",
            {
                "ticket_id": ids,
                "person_id": told["person_id"],
                "day": told["day"],
                "kind": words(KINDS, new["kind"]),
                "need": words([*NEEDS, "other"], new["need"]),
                "alert": words(alerts, np.where(new["alert"] < 0, len(alerts) - 1, new["alert"])),
            },
        )
