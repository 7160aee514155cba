"""Where else a person is written: whole fields of other rows that mention the person, in whatever column they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kehu.entities import ENTITIES
from kehu.erasure.key import ErasureKey
from kehu.erasure.landed import Landed
from kehu.erasure.ledger import ErasedKey
from kehu.erasure.patterns import FIELD, FREE_TEXT, UNMAPPED, Manner, Value, pattern_of
from kehu.erasure.rows import RECORD_COLUMNS
from kehu.quoting import sql_name, sql_text

_APART = {"email", "phone", "is_deleted"}
"""Columns with a rule of their own, or with two values."""
_TITLES = {"name"}
"""Free texts that are often made of a name alone, so that a short one must not be taken for a part of a longer one."""
SENTENCES = (
    frozenset(column.name for entity in ENTITIES.values() for column in entity.columns if column.free_text) - _TITLES
)
"""Names of columns in which people write what they like."""
_UNMAPPED = ("_extra", "_raw")
_FILE = "_file"


@dataclass(frozen=True)
class Mention:
    """A field that mentions a person.

    Attributes:
        value: the whole field.
        place: ``table.column``; empty for columns that are personal, and for what is mapped nowhere.
    """

    value: str
    place: str = ""

    def key(self, key: ErasureKey) -> ErasedKey:
        """What the ledger remembers of it."""
        return ErasedKey(key.hmac(f"text|{self.value}"), "text", place=self.place)


def landed_mentions(landed: Landed, values: Sequence[Value]) -> set[Mention]:
    """The mentions in all landed rows."""
    patterns = {manner: sql_text(pattern_of(values, manner)) for manner in (FIELD, UNMAPPED, FREE_TEXT)}
    found: set[Mention] = set()
    for entity in landed.entities:
        for column, place, manner in _columns(entity, values):
            name = sql_name(column)
            sql = f"""
                select field from (select distinct {name} as field from landed_{entity} where {name} <> '')
                where regexp_matches(kehu_folded(field), {patterns[manner]})"""
            found |= {Mention(value, place) for value in landed.values(sql)}
    return found


def _columns(entity: str, values: Sequence[Value]) -> Iterable[tuple[str, str, Manner]]:
    """Column, place and manner of every column in which a person may be mentioned."""
    has_lists = any("," in value for kind, value in values if kind == "word")
    for column in ENTITIES[entity].columns:
        name = column.name
        if name in _APART or name in RECORD_COLUMNS.get(entity, ()) or (name == "external_ids" and not has_lists):
            continue
        yield name, "" if column.personal else f"{entity}.{name}", FREE_TEXT if name in SENTENCES else FIELD
    yield from ((name, "", UNMAPPED) for name in _UNMAPPED)
    yield _FILE, f"{entity}.{_FILE}", FIELD
