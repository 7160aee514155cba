"""What an erasure changes in a published table, whichever engine holds it: ids become pseudonyms, what describes a person null.

Sums, counts and segments stay: the release says the same of its customers, one of whom nobody can name any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kehu.erasure.batches import replaced_ids
from kehu.erasure.key import ErasureKey
from kehu.erasure.ledger import ErasureLedger
from kehu.erasure.mentions import SENTENCES
from kehu.erasure.patterns import FIELD, FREE_TEXT, Manner
from kehu.erasure.rows import ERASED
from kehu.quoting import sql_name, sql_text
from kehu.release.manifest import BatchReference, Manifest, TableSummary, content_checksum
from kehu.release.personal import PERSONAL_COLUMNS, is_personal
from kehu.release.rewriting import Replacement
from kehu.settings import Settings

CUSTOMER_COLUMNS = ("customer_id", "source_customer_id", "record_id")
"""Columns that say whose row it is; the first that a table has."""
CONSENT_COLUMNS = ("marketing_consent", "has_marketing_consent")
DIGESTS_OF_PERSONS = {"customer_actions": ("action_id", "arm")}
"""Columns by table that are digests of a person's id, or drawn by one: nobody can be found again by what is left."""


def is_of_persons(column: str) -> bool:
    """Whether a text column holds ids or addresses of persons, alone or in a list: their pseudonyms take their place."""
    return "customer" in column or "record" in column or column in PERSONAL_COLUMNS


def mentions_of(table: str, column: str) -> tuple[str, Manner] | None:
    """Place and manner in which a text column of a published table may mention a person; None where ids stand for persons."""
    if is_of_persons(column) and not is_personal(table, column):
        return None
    return "" if is_personal(table, column) else f"{table}.{column}", FREE_TEXT if column in SENTENCES else FIELD


def text_replacement(table: str, column: str, value: str, key: ErasureKey) -> Replacement:
    """What takes the place of a field that mentions a person; an id becomes what the landing zone makes of it."""
    if is_personal(table, column):
        return Replacement(column, value, None)
    if not column.endswith("_id"):
        return Replacement(column, value, ERASED)
    source, parted, own = value.partition(":")
    prefix, own = (f"{source}:", own) if parted else ("", value)
    return Replacement(column, value, f"{prefix}erased-{key.hmac(f'text|{own}')[:16]}")


def rewritten_columns(table: str, columns: Iterable[str], found: Iterable[Replacement]) -> dict[str, str]:
    """SQL of every column of a table that changes, by its name."""
    names, replacements = list(columns), list(found)
    changed = {}
    for name in names:
        cases = [one for one in replacements if one.column == name]
        if cases:
            whens = " ".join(
                f"when {sql_text(one.old)} then {sql_text(one.new) if one.new is not None else 'null'}" for one in cases
            )
            changed[name] = f"case {sql_name(name)} {whens} else {sql_name(name)} end"
    mine = _is_owned(names, replacements)
    for name in names if mine else ():
        if name in CONSENT_COLUMNS:
            changed[name] = f"case when {mine} then false else {sql_name(name)} end"
        elif is_personal(table, name) or name in DIGESTS_OF_PERSONS.get(table, ()):
            changed[name] = f"case when {mine} then null else {changed.get(name, sql_name(name))} end"
    return changed


def rewritten_manifest(
    settings: Settings, manifest: Manifest, ledger: ErasureLedger, tables: Mapping[str, TableSummary], size: int
) -> Manifest:
    """The manifest of a release that has been through the erasures of the ledger."""
    today = replaced_ids(settings)
    batches = [batch.model_copy(update={"batch_id": _latest(today, batch.batch_id)}) for batch in manifest.batches]
    return manifest.model_copy(
        update={
            "tables": dict(tables),
            "content_checksum": content_checksum(dict(tables)),
            "file_bytes": size,
            "batches": tuple(sorted(batches, key=_by_source)),
            "erasures": ledger.ids,
        }
    )


def _is_owned(names: list[str], replacements: list[Replacement]) -> str | None:
    owner = next((name for name in CUSTOMER_COLUMNS if name in names), None)
    olds = [sql_text(one.old) for one in replacements if one.column == owner]
    return f"{sql_name(owner)} in ({', '.join(olds)})" if owner and olds else None


def _latest(today: Mapping[str, str], batch_id: str) -> str:
    return today.get(batch_id, batch_id)


def _by_source(batch: BatchReference) -> tuple[str, str, str]:
    return batch.source, batch.entity, batch.batch_id
