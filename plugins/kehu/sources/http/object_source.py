"""What every source of a system's objects does alike: an extract for each object that is mapped, and a list of what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from kehu.landing.extract import Extract
from kehu.landing.ledger import read_ledger
from kehu.landing.withdrawals import in_force
from kehu.settings import Settings
from kehu.sources.cursor_config import CursorEntity
from kehu.sources.http.landed_keys import Landed
from kehu.sources.http.object_config import ObjectSourceConfig
from kehu.sources.http.object_extract import ObjectExtract
from kehu.sources.http.object_listing import ListedObject
from kehu.sources.spool import Spool

SpoolOf = Callable[[str, str, CursorEntity, Landed], Spool]
"""Makes the spool of an entity's object: entity, object, its mapping, what has landed of it."""


class DescribedField(Protocol):
    """A field as a system describes it."""

    @property
    def label(self) -> str:
        """As users call it."""

    @property
    def type(self) -> str:
        """As the system calls it."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns that it is read as."""


def object_extracts(config: ObjectSourceConfig, settings: Settings, spool_of: SpoolOf) -> list[Extract]:
    """One extract an object of each entity; nobody is asked anything yet."""
    landing = settings.landing_dir
    history = in_force(landing, read_ledger(landing, config.name))
    found: list[Extract] = []
    for entity in config.entity_names:
        own = tuple(batch for batch in history if batch.entity == entity)
        for name, options in config.chosen(entity):
            spool = spool_of(entity, name, options, Landed.of(landing, entity, own, name))
            found.append(ObjectExtract(config.name, entity, options, config.timezone, spool, landing, own))
    return found


def described(
    labels: Mapping[str, str], fields_of: Callable[[str], Iterable[DescribedField]], only: Sequence[str]
) -> Iterator[ListedObject]:
    """The objects, those that are named with their fields.

    Args:
        labels: the label of each object by its name.
        fields_of: asks for the fields of an object.
        only: names of objects; none: all of them, without fields.
    """
    for name in only or labels:
        found = fields_of(name) if only else ()
        listed = tuple((column, one.label, one.type) for one in found for column in one.columns)
        yield ListedObject(name, labels[name], listed)
