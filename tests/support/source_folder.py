"""A small shop as a folder of files, landed through a ``sources.yml``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import yaml

from kehu.erasure.landing_filter import ErasedPersons
from kehu.landing.landed_entity import LandedEntity
from kehu.landing.landing import land_source
from kehu.landing.ledger import Batch, read_ledger
from kehu.settings import Settings, load_settings
from kehu.sources.config import load_sources
from kehu.sources.registry import open_source

MOMENT = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - the contract of landing is UTC without an offset
ORDERS = {"order_id": "OrderNo", "customer_id": "Client", "ordered_at": "Sold"}
HEADER = "OrderNo,Client,Sold\n"


class SourceFolder:
    """Files, a mapping, and what landed of them."""

    def __init__(self, root: Path) -> None:
        self.files = root / "shop"
        self.files.mkdir(parents=True)
        self.yml = root / "sources.yml"
        self.settings: Settings = load_settings(home=root / "home", sources=self.yml, memory_limit="512MB", threads=2)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write one file of the source."""
        path = self.files / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def configure(self, **entities: Any) -> None:
        """Write a ``sources.yml`` with one source, ``shop``."""
        self.configure_sources([{"name": "shop", "kind": "files", "path": "shop", "entities": entities}])

    def configure_sources(self, sources: list[dict[str, Any]], **rest: Any) -> None:
        """Write a ``sources.yml``."""
        self.yml.write_text(yaml.safe_dump({"sources": sources, **rest}, sort_keys=False, allow_unicode=True))

    def orders(self, file: str = "orders*.csv", **more: Any) -> None:
        """Configure orders only, with the usual mapping."""
        self.configure(orders={"file": file, "columns": dict(ORDERS), **more})

    def land(self, moment: datetime = MOMENT, name: str = "shop") -> dict[str, LandedEntity]:
        """Land a source."""
        entries = {entry.name: entry for entry in load_sources(self.yml).sources}
        landed = land_source(
            self.settings, open_source(entries[name], self.settings), moment, without=ErasedPersons(self.settings)
        )
        return {entity.entity: entity for entity in landed}

    def batches(self) -> list[Batch]:
        """The ledger."""
        return read_ledger(self.settings.landing_dir)

    def rows(
        self, entity: str = "orders", columns: Iterable[str] = ("*",), batch: int | None = None
    ) -> list[dict[str, Any]]:
        """Landed rows of one batch (by position), or of all."""
        chosen = [one for one in self.batches() if one.entity == entity]
        if batch is not None:
            chosen = [chosen[batch]]
        paths = [str(self.settings.landing_dir / one.path) for one in chosen]
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = connection.execute(
                f"select {', '.join(columns)} from read_parquet(?, hive_partitioning = false) order by _file, _row_number",
                [paths],
            )
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def values(self, *columns: str, entity: str = "orders", batch: int | None = None) -> list[tuple[Any, ...]]:
        """Landed values of some columns, in the order of file and row number."""
        return [tuple(row.values()) for row in self.rows(entity, columns, batch)]

    def extras(self, entity: str = "orders") -> list[dict[str, Any] | None]:
        """The unmapped fields of every row."""
        return [json.loads(text) if text else None for (text,) in self.values("_extra", entity=entity)]
