"""One object of a system as an extract: several may make one entity, and not every one tells when its records change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kehu.landing.ledger import Batch
from kehu.landing.workspace import Workspace
from kehu.sources.column_names import meant
from kehu.sources.cursor import Cursor
from kehu.sources.mapping import TableMapping
from kehu.sources.scratch_extract import ScratchExtract
from kehu.sources.spool import Column


@dataclass(frozen=True)
class ObjectExtract(ScratchExtract):
    """An object whose spool brings the mapped fields only, so that nothing else can land."""

    def _cursor_in(self, columns: Sequence[Column]) -> Cursor | None:
        """None where the object has no time of change: it is read whole, and only what differs lands."""
        has_it = self._cursor is not None and meant(str(self.options.cursor), [column.shown for column in columns])
        return self._cursor if has_it else None

    @property
    def _newest(self) -> Batch | None:
        """The last batch of this object; the entity may have others of other objects."""
        return next((batch for batch in reversed(self.history) if batch.file == self.file), None)

    def _mapping(self, work: Workspace) -> TableMapping:
        """What an expression reads does not land a second time as it is."""
        return replace(super()._mapping(work), extra=())
