"""Looks for mentions of a person in the releases, by the way on which a rewriting goes through them; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kehu.erasure.folding import fold_in
from kehu.erasure.mentions import Mention
from kehu.erasure.patterns import FIELD, FREE_TEXT, Value, pattern_of
from kehu.erasure.rewriting import mentions_of
from kehu.quoting import sql_name, sql_text
from kehu.release.manifest import Manifest, TableSummary
from kehu.release.on_duckdb.reading import DuckDBRelease
from kehu.release.reader import ReleaseReader
from kehu.release.rewriting import Replacement
from kehu.warehouse.on_postgres.folding import FOLDED

_MENTIONS = """
    select value from (select distinct {column} as value from {table} where {column} <> '') as fields where {matches}
"""


class MentionSearch:
    """Every whole field of a release that mentions the person; ``found`` holds them in the end."""

    def __init__(self, values: Sequence[Value]) -> None:
        self.found: set[Mention] = set()
        self._patterns = {manner: sql_text(pattern_of(values, manner)) for manner in (FIELD, FREE_TEXT)}

    def is_behind(self, manifest: Manifest) -> bool:
        """All releases are looked through."""
        del manifest
        return True

    def begin(self, release: ReleaseReader) -> None:
        """Give a DuckDB connection the one spelling of texts."""
        if isinstance(release, DuckDBRelease):
            fold_in(release.connection)

    def replacements(self, release: ReleaseReader, relation: str, table: str, column: str) -> Iterator[Replacement]:
        """Nothing is replaced: what mentions the person is remembered."""
        known = mentions_of(table, column)
        if known is not None:
            place, manner = known
            pattern = self._patterns[manner]
            matches = (
                f"regexp_matches(kehu_folded(value), {pattern})"
                if isinstance(release, DuckDBRelease)
                else f"{FOLDED.format(text='value')} ~ {pattern}"
            )
            sql = _MENTIONS.format(column=sql_name(column), table=relation, matches=matches)
            self.found |= {Mention(value, place) for (value,) in release.rows(sql)}
        yield from ()

    def columns(self, table: str, columns: Sequence[str], found: Sequence[Replacement]) -> dict[str, str]:
        """Nothing changes."""
        del table, columns, found
        return {}

    def manifest(self, manifest: Manifest, tables: Mapping[str, TableSummary], size: int) -> Manifest:
        """Nothing changes."""
        del tables, size
        return manifest
