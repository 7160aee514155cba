"""The keys of an object that have landed and are in force: whichever of them a whole reading does not find is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.landing.ledger import Batch
from kehu.quoting import sql_name, sql_text
from kehu.sources.cursor_config import CursorEntity


@dataclass(frozen=True)
class Landed:
    """What has landed of one object.

    Attributes:
        landing_dir: where the batches lie.
        entity: the canonical entity.
        batches: those of the object that are in force, oldest first.
    """

    landing_dir: Path
    entity: str
    batches: tuple[Batch, ...]

    @staticmethod
    def of(landing_dir: Path, entity: str, history: Sequence[Batch], label: str) -> Landed:
        """What has landed of the object with that name."""
        return Landed(landing_dir, entity, tuple(one for one in history if (one.entity, one.file) == (entity, label)))

    def key_fields(self, options: CursorEntity, key: str) -> tuple[str, ...]:
        """The fields of the object that make the canonical key; empty where they do not hold the object's own key plainly."""
        specs = [(options.columns or {}).get(column) for column in ENTITIES[self.entity].key]
        fields = tuple(spec.column for spec in specs if spec is not None and spec.column is not None)
        return fields if len(fields) == len(specs) and key in fields else ()

    def keys(self, options: CursorEntity, key: str) -> str | None:
        """A query of the keys in force, under the names of their fields; None where there are none to be known.

        Args:
            options: the mapping.
            key: the field that is the object's key.
        """
        fields = self.key_fields(options, key)
        if not fields or not self.batches:
            return None
        columns = [f"landed.{sql_name(column)}" for column in ENTITIES[self.entity].key]
        selected = ", ".join(f"{c} as {sql_name(f)}" for c, f in zip(columns, fields, strict=True))
        paths = ", ".join(sql_text(str(self.landing_dir / batch.path)) for batch in self.batches)
        order = ", ".join(f"({sql_text(batch.batch_id)}, {batch.sequence})" for batch in self.batches)
        return (
            f"select {selected} from read_parquet([{paths}], hive_partitioning = false) as landed"
            f" inner join (values {order}) as known(batch_id, sequence) on landed._batch_id = known.batch_id"
            f" where landed._error is null and {columns[fields.index(key)]} is not null"
            f" group by {', '.join(columns)}"
            " having arg_max(coalesce(landed.is_deleted, 'false'), known.sequence) <> 'true'"
        )
