"""An entity that names a person, or says something of one, cannot be forgotten by erasure and identity."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from kehu.entities import ENTITIES, Column
from kehu.erasure.rows import OF_A_VISITOR, OF_AN_ORDER, RECORD_COLUMNS
from tests.support.planted_customer import SOURCES

MODELS = Path(__file__).resolve().parents[2] / "dbt_project" / "models"
CONTACTS = {"email", "phone"}
NAMES_A_PERSON = re.compile(r"(^|_)(customer|lead|person|contact|visitor|anonymous)_id$")
"""How a column that names a person is called; ids of other things that are called so are listed in NO_PERSON."""
NO_PERSON = {("campaign_contacts", "contact_id")}
LOOKS_PERSONAL = re.compile(
    r"(^|_)(email|phone|name|birth_date|gender|address|street|postal_code|text|comment|title|interests|session_id|anonymous_id)$"
)
NOT_PERSONAL = {
    ("accounts", "name"),
    ("products", "name"),
    ("categories", "name"),
    ("campaigns", "name"),
    ("web_events", "name"),
}
"""Names of things."""


def named(column: Column, entity: str) -> bool:
    return column.of in ("customers", "leads") or (
        bool(NAMES_A_PERSON.search(column.name)) and (entity, column.name) not in NO_PERSON
    )


def test_every_column_that_names_a_person_says_so() -> None:
    silent = [
        f"{entity.name}.{column.name}"
        for entity in ENTITIES.values()
        for column in entity.columns
        if named(column, entity.name) and column.person is None
    ]
    assert silent == [], "add `person: owner` (or record, other, visitor) to the column in entities.yml"


def test_every_column_that_looks_personal_is_marked() -> None:
    unmarked = [
        f"{entity.name}.{column.name}"
        for entity in ENTITIES.values()
        for column in entity.columns
        if LOOKS_PERSONAL.search(column.name) and not column.personal and (entity.name, column.name) not in NOT_PERSONAL
    ]
    assert unmarked == [], (
        "add `personal: everywhere` or `personal: here`, or say in NOT_PERSONAL that it names a thing"
    )


def test_who_has_an_address_belongs_to_somebody() -> None:
    """An entity with an e-mail address or telephone number has an id of the person too, and is erased by both."""
    for entity in ENTITIES.values():
        if CONTACTS & set(entity.column_names):
            assert entity.names_records, f"{entity.name} has an address, and no column that names the person"


def test_the_erasure_knows_every_entity_that_is_somebodys() -> None:
    reached = {*RECORD_COLUMNS, *OF_AN_ORDER, *OF_A_VISITOR}
    for entity in ENTITIES.values():
        if any(column.personal for column in entity.columns):
            assert entity.name in {*reached, "accounts"}, f"{entity.name} holds personal values that no erasure reaches"
    assert {name: columns[0] for name, columns in RECORD_COLUMNS.items()}.items() >= {
        "customers": "customer_id",
        "leads": "lead_id",
        "orders": "customer_id",
        "web_events": "customer_id",
    }.items()
    assert RECORD_COLUMNS["customers"] == ("customer_id", "referrer_customer_id")
    assert RECORD_COLUMNS["leads"] == ("lead_id", "converted_customer_id")
    assert set(OF_AN_ORDER) == {"order_lines", "refunds"}


def test_the_erasure_is_tried_on_every_entity_that_is_somebodys() -> None:
    """tests/support/planted_customer.py plants a value in each; the tests of the erasure look for it afterwards."""
    sources = yaml.safe_load(SOURCES.format(folder="shop"))["sources"]
    assert {name for source in sources for name in source["entities"]} >= {*RECORD_COLUMNS, *OF_AN_ORDER, *OF_A_VISITOR}


def test_identity_sees_every_event_of_a_person() -> None:
    """What is somebody's has a date, by which int_records_find_first_seen takes it for an event."""
    for entity in ENTITIES.values():
        owns = any(column.person == "owner" for column in entity.columns)
        assert owns == bool(entity.happened), f"{entity.name}: say under `happened` when its events are"
        if owns and entity.name not in ("orders", "leads"):
            assert list(MODELS.rglob(f"int_{entity.name}_assign.sql")), f"write int_{entity.name}_assign"
