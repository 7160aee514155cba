"""The kinds of sources: one line a kind, the rest is in the folder of the kind. Light enough for a DAG file to import."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from kehu.settings import Settings
from kehu.sources.config_errors import ConfigProblem
from kehu.sources.config_models import SourceBase
from kehu.sources.kind import Connections, Kind

if TYPE_CHECKING:
    from kehu.landing.extract import Source

KINDS: dict[str, str] = {
    "files": "kehu.sources.files.kind",
    "sql": "kehu.sources.database.kind",
    "zoho_crm": "kehu.sources.zoho.kind",
    "fxiaoke": "kehu.sources.fxiaoke.kind",
    "ga4_export": "kehu.sources.ga4.kind",
    "completejourney": "kehu.sources.demo.kind",
}
"""``kind:`` of an entry → the module whose ``KIND`` it is; only the kinds that are used are imported."""


def kind_of(name: object) -> Kind:
    """The kind of that name.

    Raises:
        ConfigProblem: there is none; names the nearest.
    """
    if not isinstance(name, str) or name not in KINDS:
        raise ConfigProblem.unknown("there is no such kind of source", "kind", name, KINDS)
    kind: Kind = import_module(KINDS[name]).KIND
    return kind


def open_source(entry: SourceBase, settings: Settings, connections: Connections | None = None) -> Source:
    """The source of a configured entry; nothing is read yet.

    Args:
        entry: the entry.
        settings: where things are.
        connections: Airflow connections as URI or JSON, by their id, where the caller has Airflow to ask.

    Raises:
        ConfigurationError: what the source needs is not installed.
    """
    return kind_of(entry.kind).open(entry, settings, connections or {})
