"""Takes erased persons out of the releases that are kept, whatever store keeps them.

Hashes are made in DuckDB where that holds the release, and here where a server does: the key of the ledger never stands in a
statement that a server may log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kehu.erasure.ledger import ErasureLedger
from kehu.erasure.rewriting import is_personal, may_name_a_person, rewritten_columns, rewritten_manifest
from kehu.erasure.rows import KEYS, prepare
from kehu.quoting import sql_name
from kehu.release.factory import open_store
from kehu.release.manifest import Manifest, TableSummary
from kehu.release.on_duckdb.reading import DuckDBRelease
from kehu.release.reader import ReleaseReader
from kehu.release.rewriting import Replacement, Rewritten
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse

_FOUND = """
    select
        value,
        string_agg(coalesce(nullif(by_record.pseudonym, ''), by_email.token || '@erased.invalid', item), ',' order by place)
    from (
        select value, unnest(string_split(value, ',')) as item, generate_subscripts(string_split(value, ','), 1) as place
        from (select distinct {column} as value from {table} where {column} <> '')
    ) as items
    left join {keys} as by_record on by_record.hmac = kehu_hmac('record|' || trim(item))
    left join {keys} as by_email on by_email.hmac = kehu_hmac('email|' || lower(trim(item)))
    group by value having count(by_record.hmac) + count(by_email.hmac) > 0
"""
_FOUND_TEXTS = """
    select distinct {column}, null from {table}
    where list_contains(getvariable('kehu_erased_texts'), kehu_hmac('text|' || {column}))
"""


def erase_releases(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> Rewritten:
    """Take whoever is in the ledger out of every release that is kept and has not been through it."""
    return open_store(settings).rewrite(warehouse, LedgerRewriting(settings, ledger))


def count_in_releases(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """What :func:`erase_releases` would change, by release and table."""
    return open_store(settings).count(warehouse, LedgerRewriting(settings, ledger))


def releases_behind(settings: Settings, erasures: tuple[str, ...]) -> list[str]:
    """The releases that have not been through all of these erasures."""
    return [one.release_id for one in open_store(settings).manifests() if not set(erasures) <= set(one.erasures)]


@dataclass
class LedgerRewriting:
    """Whoever is in the ledger is replaced by a pseudonym, and what describes the person by nothing."""

    settings: Settings
    ledger: ErasureLedger
    _pseudonyms: dict[str, str] = field(default_factory=dict)
    _texts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Look the ledger's keys up once."""
        keys = [(one, key) for one in reversed(self.ledger.erasures) for key in one.keys]
        self._pseudonyms = {
            key.hmac: key.pseudonym or f"{one.token}@erased.invalid"
            for one, key in keys
            if key.kind in ("record", "email")
        }
        self._texts = frozenset(key.hmac for _, key in keys if key.kind == "text")

    def is_behind(self, manifest: Manifest) -> bool:
        """Whether the release has not been through every erasure of the ledger."""
        return not set(self.ledger.ids) <= set(manifest.erasures)

    def begin(self, release: ReleaseReader) -> None:
        """Give a DuckDB connection the ledger's keys."""
        if isinstance(release, DuckDBRelease):
            prepare(release.connection, self.ledger)

    def may_hold(self, column: str) -> bool:
        """Whether a text column can name a person."""
        return may_name_a_person(column)

    def replacements(self, release: ReleaseReader, relation: str, table: str, column: str) -> Iterator[Replacement]:
        """The values of a column that name an erased person."""
        if not isinstance(release, DuckDBRelease):
            yield from self._by_hashes_made_here(release, relation, table, column)
            return
        names = {"table": relation, "column": sql_name(column), "keys": KEYS}
        for old, new in release.rows(_FOUND.format(**names)):
            yield Replacement(column, old, new)
        if is_personal(table, column):
            for old, new in release.rows(_FOUND_TEXTS.format(**names)):
                yield Replacement(column, old, new)

    def columns(self, table: str, columns: Sequence[str], found: Sequence[Replacement]) -> dict[str, str]:
        """SQL of every column of a table that changes, by its name."""
        return rewritten_columns(table, columns, found)

    def manifest(self, manifest: Manifest, tables: Mapping[str, TableSummary], size: int) -> Manifest:
        """The manifest of a release that has been through the erasures of the ledger."""
        return rewritten_manifest(self.settings, manifest, self.ledger, tables, size)

    def _by_hashes_made_here(
        self, release: ReleaseReader, relation: str, table: str, column: str
    ) -> Iterator[Replacement]:
        assert self.ledger.key is not None
        name = sql_name(column)
        for (value,) in release.rows(f"select distinct {name} from {relation} where {name} <> ''"):
            if is_personal(table, column) and self.ledger.key.hmac(f"text|{value}") in self._texts:
                yield Replacement(column, value, None)
                continue
            old = value.split(",")
            items = [self._pseudonym(item) for item in old]
            if any(items):
                yield Replacement(column, value, ",".join(new or was for new, was in zip(items, old, strict=True)))

    def _pseudonym(self, item: str) -> str | None:
        assert self.ledger.key is not None
        for message in (f"record|{item.strip()}", f"email|{item.strip().lower()}"):
            found = self._pseudonyms.get(self.ledger.key.hmac(message))
            if found is not None:
                return found
        return None
