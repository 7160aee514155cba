"""Takes erased persons out of the releases that are kept, whatever store keeps them.

Hashes are made in DuckDB where that holds the release, and here where a server does: the key of the ledger never stands in a
statement that a server may log.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kehu.erasure.id_lists import LONGEST_ID, rewritten_list
from kehu.erasure.ledger import ErasureLedger
from kehu.erasure.mention_search import MentionSearch
from kehu.erasure.mentions import Mention
from kehu.erasure.patterns import Value
from kehu.erasure.rewriting import is_of_persons, rewritten_columns, rewritten_manifest, text_replacement
from kehu.erasure.rows import KEYS, prepare
from kehu.quoting import sql_name
from kehu.release.factory import open_store
from kehu.release.manifest import Manifest, TableSummary
from kehu.release.on_duckdb.reading import DuckDBRelease
from kehu.release.personal import is_personal
from kehu.release.reader import ReleaseReader
from kehu.release.rewriting import Replacement, Rewritten
from kehu.settings import Settings
from kehu.warehouse.protocol import Warehouse

_LISTS = """
    select value, case
        when starts_with(value, '["') and json_valid(value) then from_json(value, '["varchar"]')
        else string_split(value, ',')
    end as items
    from (select distinct {column} as value from {table} where {column} <> '')
"""
_NAMED = """
    with
    lists as ({lists}),
    begun as (select value, items, unnest(range(1, len(items) + 1)) as first from lists),
    spans as (
        select distinct value, trim(array_to_string(items[first:last], ',')) as item
        from (
            select value, items, first, unnest(range(first, least(len(items), first + {longest} - 1) + 1)) as last from begun
            union all
            select value, items, 1, len(items) from lists where len(items) > {longest}
        ) as ends
    )
    select value, item, coalesce(nullif(by_record.pseudonym, ''), by_email.token || '@erased.invalid')
    from spans
    left join {keys} as by_record on by_record.hmac = kehu_hmac('record|' || item)
    left join {keys} as by_email on by_email.hmac = kehu_hmac('email|' || lower(item))
    where by_record.hmac is not null or by_email.hmac is not null
    order by value, item
"""
"""Every list that names somebody who was erased: the list, the name, and what takes its place."""
_FOUND_TEXTS = """
    select distinct {column} from {table}
    where list_contains(getvariable('kehu_erased_texts'), kehu_hmac('text|' || {column}))
"""


def erase_releases(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> Rewritten:
    """Take whoever is in the ledger out of every release that is kept and has not been through it."""
    return open_store(settings).rewrite(warehouse, LedgerRewriting(settings, ledger))


def count_in_releases(settings: Settings, warehouse: Warehouse, ledger: ErasureLedger) -> dict[str, dict[str, int]]:
    """What :func:`erase_releases` would change, by release and table."""
    return open_store(settings).count(warehouse, LedgerRewriting(settings, ledger))


def release_mentions(settings: Settings, warehouse: Warehouse, values: Sequence[Value]) -> set[Mention]:
    """The whole fields that mention a person in any release that is kept."""
    search = MentionSearch(values)
    open_store(settings).count(warehouse, search)
    return search.found


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

    def replacements(self, release: ReleaseReader, relation: str, table: str, column: str) -> Iterator[Replacement]:
        """The values of a column that name an erased person."""
        if not isinstance(release, DuckDBRelease):
            yield from self._by_hashes_made_here(release, relation, table, column)
            return
        assert self.ledger.key is not None
        names = {"table": relation, "column": sql_name(column)}
        if is_of_persons(column):
            named: dict[str, dict[str, str]] = {}
            sql = _NAMED.format(lists=_LISTS.format(**names), keys=KEYS, longest=LONGEST_ID)
            for value, item, pseudonym in release.rows(sql):
                named.setdefault(value, {})[item] = pseudonym
            for value, pseudonyms in named.items():
                yield Replacement(column, value, rewritten_list(value, pseudonyms.get))
        if self._has_texts(table, column):
            for (value,) in release.rows(_FOUND_TEXTS.format(**names)):
                yield text_replacement(table, column, value, self.ledger.key)

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
        name, has_texts = sql_name(column), self._has_texts(table, column)
        if not has_texts and not is_of_persons(column):
            return
        for (value,) in release.rows(f"select distinct {name} from {relation} where {name} <> ''"):
            if has_texts and self.ledger.key.hmac(f"text|{value}") in self._texts:
                yield text_replacement(table, column, value, self.ledger.key)
            elif is_of_persons(column):
                new = rewritten_list(value, self._pseudonym)
                if new is not None:
                    yield Replacement(column, value, new)

    def _has_texts(self, table: str, column: str) -> bool:
        """Whether fields that mention an erased person are looked for here."""
        return is_personal(table, column) or f"{table}.{column}" in self.ledger.places

    def _pseudonym(self, item: str) -> str | None:
        assert self.ledger.key is not None
        for message in (f"record|{item}", f"email|{item.lower()}"):
            found = self._pseudonyms.get(self.ledger.key.hmac(message))
            if found is not None:
                return found
        return None
