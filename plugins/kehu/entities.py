"""The canonical entities: what a source may deliver (columns, types, keys), as ``entities.yml`` states it.

Every value lands as text; ``Column.type`` is what staging casts it to. ``personal`` marks values that must not appear in
logs, results or error messages, and that an erasure removes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from kehu.errors import ConfigurationError, nearest
from kehu.strict_yaml import read_yaml

ColumnType = Literal["id", "text", "currency", "integer", "decimal", "rate", "boolean", "date", "timestamp"]
Role = Literal["record", "owner", "other", "visitor"]
Writer = Literal["customer", "staff"]

PLUMBING = ("_source", "_file", "_batch_id", "_row_number", "_extracted_at", "_extra", "_raw", "_error")
"""Columns that landing adds to every row, after the canonical ones."""
_PLUMBING_TYPES = {"_row_number": "bigint", "_extracted_at": "timestamp"}

_FILE = "entities.yml"
_ENTITY_KEYS = frozenset({"about", "grain", "key", "key_else", "one_of", "happened", "columns", "staged"})
_COLUMN_KEYS = frozenset({"type", "of", "required", "person", "personal", "free_text", "empty_means", "about"})
_CHOICES: dict[str, tuple[Any, ...]] = {
    "type": get_args(ColumnType),
    "required": (True, False),
    "person": get_args(Role),
    "personal": ("everywhere", "here"),
    "free_text": get_args(Writer),
    "empty_means": ("reporting_currency", "all"),
}


@dataclass(frozen=True)
class Column:
    """One canonical column.

    Attributes:
        of: the entity that an id names; such an id is published as ``source:id``.
        person: what an id or a visitor says of a person.
        personal_everywhere: a column of this name is personal in whatever table it stands.
        free_text: who writes what they like here.
        empty_means: ``reporting_currency``, ``all``, or nothing.
        about: what the documentation says where the name does not say it all.
    """

    name: str
    type: ColumnType = "text"
    required: bool = False
    personal: bool = False
    personal_everywhere: bool = False
    of: str | None = None
    person: Role | None = None
    free_text: Writer | None = None
    empty_means: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class Entity:
    """One canonical entity; ``key`` is unique within a source.

    Attributes:
        one_of: at least one of these must be delivered, besides the required columns.
        happened: the date of the event, the first of several that is filled; none if a row is no event.
        staged: columns that staging adds.
        key_else: what the key is made of where the source has none.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    about: str = ""
    grain: str = ""
    one_of: tuple[str, ...] = ()
    happened: tuple[str, ...] = ()
    staged: tuple[Column, ...] = ()
    key_else: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """All canonical names in order, ``updated_at`` and ``is_deleted`` last."""
        return tuple(column.name for column in self.columns)

    @property
    def landed(self) -> dict[str, str]:
        """Every column of a landed row and its SQL type, the same on all warehouses: text, but for some of Kehu's own."""
        return {name: _PLUMBING_TYPES.get(name, "varchar") for name in (*self.column_names, *PLUMBING)}

    @property
    def required(self) -> tuple[str, ...]:
        """The names that a source must deliver."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def windows(self) -> tuple[str, ...]:
        """The names of the columns that a window can be made of."""
        return tuple(column.name for column in self.columns if column.type in ("date", "timestamp"))

    @property
    def names_records(self) -> tuple[str, ...]:
        """The ids that name a person's record, the one whose row it is first."""
        return tuple(column.name for column in self.columns if column.type == "id" and column.person)

    @property
    def is_record(self) -> bool:
        """Whether a row describes a person."""
        return any(column.person == "record" for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the entity has no such column.
        """
        return {column.name: column for column in self.columns}[name]

    def has(self, name: str) -> bool:
        """Whether there is a canonical column of that name."""
        return name in self.column_names


def read_entities(path: Path) -> dict[str, Entity]:
    """Read ``entities.yml`` and check every word of it.

    Raises:
        ConfigurationError: names the entity, the column and the nearest valid words.
    """
    content = read_yaml(path, "the list of entities")
    return {name: _entity(name, entry) for name, entry in content["entities"].items()}


def _entity(name: str, entry: Mapping[str, Any]) -> Entity:
    _known(entry, _ENTITY_KEYS, entity=name)
    columns = [_column(name, title, words or {}) for title, words in entry["columns"].items()]
    columns += [Column("updated_at", "timestamp"), Column("is_deleted", "boolean")]
    staged = tuple(_column(name, title, words or {}) for title, words in entry.get("staged", {}).items())
    entity = Entity(
        name,
        tuple(entry["key"]),
        tuple(columns),
        entry["about"],
        entry["grain"],
        tuple(entry.get("one_of", ())),
        tuple(entry.get("happened", ())),
        staged,
        tuple(entry.get("key_else", ())),
    )
    names = {*entity.column_names, *(column.name for column in staged)}
    for word in (*entity.key, *entity.key_else, *entity.one_of, *entity.happened):
        if word not in names:
            raise _wrong("the entity has no such column", entity=name, column=word, nearest=nearest(word, names))
    return entity


def _column(entity: str, name: str, words: Mapping[str, Any]) -> Column:
    _known(words, _COLUMN_KEYS, entity=entity, column=name)
    for key, choices in _CHOICES.items():
        if key in words and words[key] not in choices:
            raise _wrong(f"{key} must be one of {', '.join(map(str, choices))}", entity=entity, column=name)
    personal = words.get("personal")
    return Column(name=name, **{**words, "personal": bool(personal)}, personal_everywhere=personal == "everywhere")


def _known(words: Mapping[str, Any], known: frozenset[str], **where: str) -> None:
    for word in words:
        if word not in known:
            raise _wrong("unknown word", **where, word=word, nearest=nearest(word, known))


def _wrong(problem: str, **facts: Any) -> ConfigurationError:
    return ConfigurationError(problem, fix="its first lines say what it may hold", file=_FILE, **facts)


def _path() -> Path:
    """The file: beside the package where it is installed, else at the repository's root."""
    packaged = Path(__file__).with_name(_FILE)
    return packaged if packaged.exists() else Path(__file__).resolve().parents[2] / _FILE


ENTITIES: dict[str, Entity] = read_entities(_path())
"""Every canonical entity by name, in the order of the file."""
PERSONAL_EVERYWHERE = frozenset(
    column.name for entity in ENTITIES.values() for column in entity.columns if column.personal_everywhere
)
"""Names that are personal in whatever table they stand."""
