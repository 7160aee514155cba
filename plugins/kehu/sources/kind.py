"""What a kind of source brings with it. Light enough for a DAG file to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from kehu.settings import Settings
from kehu.sources.config_models import SourceBase

if TYPE_CHECKING:
    from kehu.landing.extract import Source

Connections = Mapping[str, SecretStr]
"""Airflow connections as URI or JSON, by their id."""


@dataclass(frozen=True)
class Credential:
    """A credential that a kind needs: its name in the extra of an Airflow connection, and how a form calls it."""

    name: str
    label: str
    is_secret: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of source: all that the rest of Kehu knows of it.

    Attributes:
        name: what ``kind:`` says in ``sources.yml``.
        config: the model of its entry.
        open: makes the source of an entry; nothing is read yet. Heavy imports belong inside it.
        adds_increments: whether its batches add to each other, though all of them are of one table or query.
        title: what the system is called, for a kind with a form for its connection.
        credentials: what the form asks for.
    """

    name: str
    config: type[SourceBase]
    open: Callable[[Any, Settings, Connections], Source]
    adds_increments: bool = False
    title: str = ""
    credentials: tuple[Credential, ...] = ()
