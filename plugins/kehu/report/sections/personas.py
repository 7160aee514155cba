"""Who the customers are in how they buy: one card a persona."""

from __future__ import annotations

from dataclasses import dataclass

from kehu.report.blocks import Card, Section
from kehu.report.chapters import Chapter
from kehu.report.release_reader import ReleaseReader, Row
from kehu.report.wording import Wording

_PERSONAS = """
select
    personas.persona,
    personas.label_en,
    personas.label_zh,
    personas.reason_en,
    personas.reason_zh,
    personas.customers,
    personas.share_of_customers,
    personas.net_revenue,
    personas.share_of_revenue
from analytics.personas as personas
order by personas.customers desc, personas.sort_order
"""

_TRAITS = """
select
    traits.persona,
    traits.measure,
    traits.name_en,
    traits.name_zh,
    traits.mean,
    traits.mean_of_all
from analytics.persona_traits as traits
where traits.trait_rank is not null and traits.mean is not null
order by traits.persona, traits.trait_rank
"""


@dataclass(frozen=True)
class PersonaData:
    """The personas, largest first, the row of who is in none, and the traits by persona."""

    personas: list[Row]
    unknown: Row | None
    traits: list[Row]


def read(reader: ReleaseReader) -> PersonaData:
    """Size, worth and traits of the personas."""
    rows = reader.rows(_PERSONAS)
    unknown = next((row for row in rows if row["persona"] == "unknown"), None)
    return PersonaData([row for row in rows if row["persona"] != "unknown"], unknown, reader.rows(_TRAITS))


def build(data: PersonaData, words: Wording) -> Section:
    """The chapter, or the reason why there is none."""
    name = words.say("personas.name")
    if not data.personas:
        reason = (data.unknown or {}).get(f"reason_{words.language}")
        missing = words.say("personas.missing", reason=reason) if reason else words.say("personas.nobody")
        return Section("personas", name, missing=missing)
    largest = data.personas[0]
    headline = words.say(
        "personas.headline",
        personas=words.counted("personas", len(data.personas)),
        label=words.label(largest),
        share=words.percent(largest["share_of_customers"]),
    )
    cards = tuple(
        _card(row, [one for one in data.traits if one["persona"] == row["persona"]], words) for row in data.personas
    )
    return Section(
        "personas", name, headline, words.say("personas.lead"), cards=cards, notes=_notes(data.unknown, words)
    )


def _card(row: Row, traits: list[Row], words: Wording) -> Card:
    size = words.say(
        "personas.size",
        customers=words.counted("customers", row["customers"]),
        share=words.percent(row["share_of_customers"]),
    )
    worth = words.say(
        "personas.worth", money=words.money(row["net_revenue"]), share=words.percent(row["share_of_revenue"])
    )
    return Card(words.label(row), (size, worth), tuple(_point(one, words) for one in traits))


def _point(trait: Row, words: Wording) -> str:
    return words.say(
        "personas.trait",
        name=trait[f"name_{words.language}"],
        value=_shown(trait["measure"], trait["mean"], words),
        average=_shown(trait["measure"], trait["mean_of_all"], words),
    )


def _shown(measure: str, value: float, words: Wording) -> str:
    if measure.endswith("_share"):
        return words.percent(value)
    return words.money(value) if measure == "order_value" else words.decimal(value, 1)


def _notes(unknown: Row | None, words: Wording) -> tuple[str, ...]:
    if unknown is None or not unknown["customers"]:
        return ()
    return (words.say("personas.without", customers=words.counted("customers", unknown["customers"])),)


CHAPTER = Chapter(40, lambda reader, words, _: build(read(reader), words))
