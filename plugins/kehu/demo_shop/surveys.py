"""Surveys: NPS in waves, CSAT and effort after a ticket. Who answers depends on who it is and how content, as in life."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from kehu.demo_shop.columns import Rows, blank_where, chosen, constant, joined_rows, labels, moments, taken, words
from kehu.demo_shop.dirt import deliver, note, soiled
from kehu.demo_shop.orders import shop_customers
from kehu.demo_shop.people import AGE_BANDS, MARKET_ONLY, RATE_SCALE_WEEKS, RATE_SHAPE
from kehu.demo_shop.phrases import NEEDS, NEUTRAL
from kehu.demo_shop.places import codes, emails
from kehu.demo_shop.plan import SECONDS_A_DAY, Array
from kehu.demo_shop.seasons import wave_of
from kehu.demo_shop.texts import drawn_texts, themes, truth_of, written
from kehu.demo_shop.troubles import COMPLAINT, tone_of_score
from kehu.demo_shop.world import World

INVITED = 0.5
ACTIVE_DAYS = 365
LEAVER_LOSES = 3.5
"""Points of the NPS score that leavers lose in their last weeks."""
RESPONSE = 0.30
FREQUENT_ANSWER_MORE, LEAVING_ANSWER_LESS, UNHAPPY_ANSWER_LESS = 1.6, 0.4, 0.8
"""Factors of the chance to answer: the last one depends on the answer itself, and no weighting can mend it."""
SURVEYS = ("nps", "csat", "ces2")
NPS, CSAT, CES2 = range(3)
QUESTIONS = ("How likely are you to recommend us?", "How satisfied are you with our help?", "It was easy to get help.")
ANONYMOUS = 0.04
COMMENTED = 0.4


def run_surveys(world: World, day: int) -> None:
    """Send invitations, export the answers that arrive today."""
    wave = wave_of(day)
    if wave is not None:
        _start_wave(world, day, wave)
    _ask_about_tickets(world, day)
    _answers(world, day)


def nps_scores(world: World, random: np.random.Generator, who: Array, day: int) -> Array:
    """What people would answer if they did."""
    mood = world.people.satisfaction[who] - LEAVER_LOSES * world.people.is_leaving(who, day)
    return np.clip(np.round(mood + random.normal(0, 0.7, len(who))), 0, 10).astype(np.int64)


def _start_wave(world: World, day: int, wave: int) -> None:
    random = world.plan.random("wave", wave)
    people, known = world.people, world.plan.registered(day - 1)
    recent = (day - world.last_order_day[:known] <= ACTIVE_DAYS) & (people.home[:known] != MARKET_ONLY)
    who = np.flatnonzero(recent & (random.random(known) < INVITED))
    count = len(who)
    score = nps_scores(world, random, who, day)
    chance = np.full(count, RESPONSE)
    chance *= np.where(people.rate[who] * 7 > RATE_SHAPE / RATE_SCALE_WEEKS, FREQUENT_ANSWER_MORE, 1.0)
    chance *= np.where(people.is_leaving(who, day) | (people.leave[who] <= day), LEAVING_ANSWER_LESS, 1.0)
    chance *= np.where(score <= 6, UNHAPPY_ANSWER_LESS, 1.0)
    is_bounced = random.random(count) < 0.02
    answers = (random.random(count) < chance) & ~is_bounced
    code = (100 + wave) * 10_000_000 + np.arange(count)
    rows = {"person": who, "code": code, "survey": np.full(count, NPS), "score": score, "ticket": np.full(count, -1)}
    rows["wave"] = np.full(count, wave)
    rows["sent"] = np.full(count, world.plan.midnight(day) + 10 * 3600)
    _invite(world, day, rows, is_bounced)
    world.truth.add(
        "nps_scores",
        {
            "wave": labels("W", rows["wave"], 2),
            "invitation_id": labels("I", code),
            "person_id": labels("P", who),
            "customer_id": shop_customers(who),
            "country": codes(people.country[who]),
            "age_band": words(AGE_BANDS, people.age_band[who]),
            "score": score,
            "is_frequent": people.rate[who] * 7 > RATE_SHAPE / RATE_SCALE_WEEKS,
            "is_leaving": people.is_leaving(who, day),
            "is_bounced": is_bounced,
            "answers": answers,
        },
    )
    rows["moment"] = rows["sent"] + np.round(random.exponential(2.0, count).clip(0.01, 20) * SECONDS_A_DAY).astype(
        np.int64
    )
    _let_answer(world, random, day, taken(rows, answers))


def _ask_about_tickets(world: World, day: int) -> None:
    """Half of those whose ticket was solved are asked how it was; a third of them answers."""
    solved = world.agenda.take("ticket_surveys", day)
    if not solved:
        return
    random = world.plan.random("ticket surveys", day)
    is_asked = (random.random(len(solved["code"])) < 0.5) & (world.people.home[solved["person"]] != MARKET_ONLY)
    rows = taken(solved, is_asked)
    count = len(rows["code"])
    survey = np.where(random.random(count) < 0.7, CSAT, CES2)
    mood = world.people.satisfaction[rows["person"]] / 10 - np.where(rows["kind"] == COMPLAINT, 0.15, 0.0)
    mood = mood - 0.25 * world.people.is_leaving(rows["person"], day) + random.normal(0, 0.12, count)
    top = np.where(survey == CSAT, 5, 7)
    score = np.clip(np.round(1 + np.clip(mood, 0, 1) * (top - 1)), 1, top).astype(np.int64)
    asked = {
        "person": rows["person"], "code": rows["code"] * 10, "survey": survey, "score": score, "ticket": rows["code"],
        "wave": np.full(count, -1), "sent": np.full(count, world.plan.midnight(day) + 9 * 3600),
    }  # fmt: skip
    _invite(world, day, asked, np.zeros(count, bool))
    answers = random.random(count) < np.where(score <= 2, 0.4, 0.3)
    asked["moment"] = asked["sent"] + random.integers(600, 5 * SECONDS_A_DAY, count)
    _let_answer(world, random, day, taken(asked, answers))


def _let_answer(world: World, random: np.random.Generator, day: int, rows: Rows) -> None:
    """Draw the comments; the answers wait for their days."""
    count = len(rows["code"])
    top = np.array([10, 5, 7])[rows["survey"]]
    tone = tone_of_score(random, rows["score"] <= 0.6 * top, rows["score"] >= 0.85 * top)
    need = np.where(random.random(count) < 0.1, NEUTRAL, random.integers(0, len(NEEDS), count))
    language = world.people.language[rows["person"]]
    rows = rows | drawn_texts(random, world.phrases, language, themes(random, need, tone))
    rows["is_commented"] = random.random(count) < COMMENTED
    rows["is_anonymous"] = (random.random(count) < ANONYMOUS) & (rows["survey"] == NPS)
    due = np.maximum((rows["moment"] - world.plan.epoch) // SECONDS_A_DAY, day)
    world.agenda.add("answers", due, rows)


def _invite(world: World, day: int, rows: Rows, is_bounced: Array) -> None:
    person = rows["person"]
    columns = {
        "invitation_id": labels("I", rows["code"]),
        "customer_id": shop_customers(person),
        "email": emails(person, world.people.language[person]),
        "survey_type": words(SURVEYS, rows["survey"]),
        "wave": _waves(rows["wave"]),
        "channel": constant("email", len(person)),
        "sent_at": moments(rows["sent"]),
        "bounced_at": moments(np.where(is_bounced, rows["sent"] + 60, -1)),
    }
    deliver(world, "shop.survey_invitations", day, columns)


def _answers(world: World, day: int) -> None:
    rows = world.agenda.take("answers", day)
    if not rows:
        return
    person, is_anonymous = rows["person"], rows["is_anonymous"]
    ids = labels("A", rows["code"])
    columns = {
        "response_id": ids,
        "customer_id": blank_where(shop_customers(person), is_anonymous | (rows["code"] % 4 == 3)),
        "email": blank_where(emails(person, world.people.language[person]), is_anonymous | (rows["code"] % 4 == 1)),
        "invitation_id": blank_where(labels("I", rows["code"]), is_anonymous),
        "ticket_id": blank_where(labels("T", rows["ticket"], 11), rows["ticket"] < 0),
        "survey_type": words(SURVEYS, rows["survey"]),
        "question": words(QUESTIONS, rows["survey"]),
        "score": labels("", rows["score"]),
        "comment": blank_where(written(world.phrases, rows), ~rows["is_commented"]),
        "responded_at": moments(rows["moment"]),
        "wave": _waves(rows["wave"]),
    }
    _tell(world, day, rows, ids)
    columns = _with_off_scale(world, day, columns)
    usable = np.arange(len(columns["response_id"])) < len(ids)
    deliver(world, "shop.survey_responses", day, columns, usable=usable)


def _with_off_scale(world: World, day: int, columns: Rows) -> Rows:
    """Some answers come a second time under a number of their own, with a score that no scale has."""
    bad = np.flatnonzero(soiled(world, "off_scale", day, len(columns["response_id"])))
    if not len(bad):
        return columns
    copies = taken(columns, bad)
    copies["response_id"] = pa.array([f"AX{value[1:]}" for value in copies["response_id"].to_pylist()])
    copies["score"] = words(["9 分", "eleven", "ten"], bad % 3)
    note(world, "off_scale", "shop.survey_responses", day, copies["response_id"], column="score")
    return joined_rows([columns, copies])


def _tell(world: World, day: int, rows: Rows, ids: pa.Array) -> None:
    count = len(rows["code"])
    world.truth.add(
        "answers",
        {
            "response_id": ids,
            "day": np.full(count, day),
            "survey_type": words(SURVEYS, rows["survey"]),
            "score": rows["score"],
            "person_id": labels("P", rows["person"]),
            "is_anonymous": rows["is_anonymous"],
            "ticket_id": chosen(rows["ticket"] >= 0, labels("T", rows["ticket"], 11), ""),
        },
    )
    said = taken(rows, rows["is_commented"])
    if len(said["code"]):
        told = truth_of(
            world.phrases,
            said,
            "shop.survey_responses.comment",
            labels("A", said["code"]),
            person=said["person"],
            day=day,
        )
        world.truth.add("texts", told)


def _waves(numbers: Array) -> pa.Array:
    return blank_where(labels("W", numbers, 2), numbers < 0)
