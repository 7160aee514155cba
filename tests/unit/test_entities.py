"""The canonical entities keep their promises to mappings and staging."""

from __future__ import annotations

from kehu.entities import ENTITIES


def test_every_key_column_exists_and_is_required() -> None:
    for entity in ENTITIES.values():
        # what an empty one stands for makes a key too
        filled = {*entity.required, *(column.name for column in entity.columns if column.empty_means)}
        if entity.key_else:
            assert set(entity.key_else) <= {*entity.required, *entity.one_of}, entity.name
        else:
            assert set(entity.key) <= filled, entity.name


def test_every_entity_may_carry_a_version_and_a_deletion() -> None:
    for entity in ENTITIES.values():
        assert entity.column("updated_at").type == "timestamp"
        assert entity.column("is_deleted").type == "boolean"
        assert len(set(entity.column_names)) == len(entity.column_names)


def test_money_is_decimal_and_never_text() -> None:
    for entity in ENTITIES.values():
        for column in entity.columns:
            if column.name.endswith("_amount") or column.name in {"amount", "unit_price", "unit_cost", "list_price"}:
                assert column.type == "decimal", f"{entity.name}.{column.name}"


def test_what_identifies_a_person_is_tagged() -> None:
    tagged = {c.name for c in ENTITIES["customers"].columns if c.personal}
    assert {"first_name", "last_name", "full_name", "email", "phone", "birth_date"} <= tagged
    assert ENTITIES["tickets"].column("text").personal


def test_a_company_a_product_and_a_campaign_are_not_persons() -> None:
    for name in ("accounts", "products", "categories", "campaigns", "orders", "order_lines", "exchange_rates"):
        assert [column.name for column in ENTITIES[name].columns if column.personal] == [], name
