"""What a system tells of its objects and their fields: names and types, never values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class ListedObject:
    """An object of a system.

    Attributes:
        name: as ``objects`` of an entity names it.
        label: what people call it.
        fields: name, label and type; empty where they were not asked for.
    """

    name: str
    label: str
    fields: tuple[tuple[str, str, str], ...] = ()

    def lines(self) -> Iterator[str]:
        """The listing for people."""
        yield f"{self.name}  {self.label}".rstrip()
        for name, label, kind in self.fields:
            yield f"  {name}  {kind}  {label}".rstrip()


@runtime_checkable
class Listing(Protocol):
    """A source that can list the objects of its system."""

    def describe(self, only: Sequence[str] = ()) -> Iterator[ListedObject]:
        """The objects; those that are named with their fields."""
