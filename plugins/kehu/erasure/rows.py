"""Takes erased persons out of the rows of one batch: the same SQL at landing and for what had landed before.

Identifying values give way to pseudonyms that are the same wherever the value stood, so that who was one person stays one
person, whom nobody can name. All else that describes a person becomes null. Doing it twice changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from kehu.entities import ENTITIES
from kehu.erasure.identity_rules import cleaned_email, cleaned_id, dialled_digits
from kehu.erasure.ledger import ErasureLedger
from kehu.landing.extract import Rows
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text

RECORD_COLUMNS = {entity.name: entity.names_records for entity in ENTITIES.values() if entity.names_records}
"""Columns that name a person's record, by entity."""
PSEUDONYMOUS_DOMAIN, PSEUDONYMOUS_COUNTRY = "@erased.invalid", "+999"
"""A domain that no server will ever have, and a calling code that no country has."""
OF_AN_ORDER = tuple(
    entity.name
    for entity in ENTITIES.values()
    if not entity.names_records and any(column.of == "orders" for column in entity.columns)
)
"""Entities that are a person's through their order only."""
OF_A_VISITOR = tuple(
    entity.name for entity in ENTITIES.values() if any(column.person == "visitor" for column in entity.columns)
)
ERASED = "erased"
"""What takes the place of a field that mentions a person and describes something else: a product's name, a topic, a status."""
UNREADABLE = "erased: the row could not be parsed"
KEYS = "kehu_erasure_keys"
"""The temporary table that :func:`prepare` makes: hmac, pseudonym, token."""
_SHAPE = pa.schema([(name, pa.string()) for name in ("hmac", "pseudonym", "token")])
_NOT_OWNERS = {column.name for entity in ENTITIES.values() for column in entity.columns if column.person == "other"}
_FIELDS = r"list_filter(regexp_split_to_array({0}, '[,;|\t\r\n\"{{}}\[\]]'), lambda field: trim(field) <> '')"


def dialled(column: str) -> str:
    """SQL of what of a telephone number is dialled."""
    return f"nullif({dialled_digits(column)}, '')"


def email(column: str) -> str:
    """SQL of an address to compare by."""
    return cleaned_email(column)


def own_id(column: str) -> str:
    """SQL of a source's id as staging means it; null if it is empty."""
    return cleaned_id(column)


def record_message(source: str, entity: str, column: str, value: str) -> str:
    """SQL of the published id that a column names: ``source:id``, or ``source:lead:id`` of a lead."""
    prefix = f"{source}:lead:" if (entity, column) == ("leads", "lead_id") else f"{source}:"
    return f"{sql_text(prefix)} || {own_id(value)}"


def prepare(connection: duckdb.DuckDBPyConnection, ledger: ErasureLedger) -> None:
    """Bring the ledger into a connection. Of two erasures that know the same key the first one counts."""
    if ledger.key is None:
        return
    ledger.key.into(connection)
    keys = {key.hmac: (key, one.token) for one in reversed(ledger.erasures) for key in one.keys}
    rows = [{"hmac": key.hmac, "pseudonym": key.pseudonym, "token": token} for key, token in keys.values()]
    connection.register("kehu_keys_read", pa.Table.from_pylist(rows, schema=_SHAPE))
    connection.execute(f"create or replace temp table {KEYS} as select * from kehu_keys_read")
    connection.unregister("kehu_keys_read")
    texts = [key.hmac for key, _ in keys.values() if key.kind == "text"]
    raw = [key.hmac for key, _ in keys.values() if key.kind in ("record", "email", "phone", "name")]
    connection.execute("set variable kehu_erased_texts = ?", [texts or [""]])
    connection.execute("set variable kehu_erased_raw = ?", [raw or [""]])


def erased(source: str, entity: str, rows: Rows, ledger: ErasureLedger) -> Rows:
    """The same rows without whoever is in the ledger, which :func:`prepare` has brought into the connection."""
    if ledger.key is None:
        return rows
    shape = _Shape(source, entity, rows, ledger)
    return replace(
        rows,
        accepted=shape.accepted(),
        rejects=_rejects(source, rows.rejects, f"{entity}._file" in ledger.places) if rows.rejects else None,
        guarded=None,
    )


def changed_rows(work: Workspace, source: str, entity: str, rows: Rows, ledger: ErasureLedger) -> int:
    """How many of the rows :func:`erased` would change."""
    shape = _Shape(source, entity, rows, ledger)
    count = int(work.connection.execute(shape.changes()).fetchall()[0][0])
    if rows.rejects:
        hit = f"({_raw_hit(source)} and _raw is not null)"
        hit += f" or {_listed('_file')}" if f"{entity}._file" in ledger.places else ""
        sql = f"select count(*) from ({rows.rejects}) as src where {hit}"
        count += int(work.connection.execute(sql).fetchall()[0][0])
    return count


@dataclass(frozen=True)
class _Shape:
    """The SQL for the rows of one batch."""

    source: str
    entity: str
    rows: Rows
    ledger: ErasureLedger

    def accepted(self) -> str:
        replaced = ", ".join(f"{sql} as {sql_name(name)}" for name, sql in self._replacements().items())
        return f"select src.* replace ({replaced}) from {self._joined()}"

    def changes(self) -> str:
        differs = " or ".join(
            f"src.{sql_name(name)} is distinct from {sql}" for name, sql in self._replacements().items()
        )
        return f"select count(*) from {self._joined()} where {differs}"

    def _lookups(self) -> dict[str, str]:
        """The messages to look up, by the name of the join."""
        delivered, found = set(self.rows.delivered), {}
        for column in RECORD_COLUMNS.get(self.entity, ()):
            if column in delivered:
                value = record_message(self.source, self.entity, column, f"src.{column}")
                found[f"by_{column}"] = f"'record|' || {value}"
        if "email" in delivered:
            found["by_email"] = f"'email|' || {email('src.email')}"
        if "phone" in delivered:
            found["by_phone"] = f"'phone|' || {dialled('src.phone')}"
        for kind, column, entities in (
            ("order", "order_id", OF_AN_ORDER),
            ("visitor", "anonymous_id", OF_A_VISITOR),
        ):
            if self.entity in entities and column in delivered:
                found[f"by_{kind}"] = f"{sql_text(f'{kind}|{self.source}:')} || {own_id(f'src.{column}')}"
        return found

    def _owner(self) -> str:
        """SQL of the token of the person whose row it is; null if it is nobody's who was erased."""
        joins = self._lookups()
        names = [name for name in joins if name.startswith("by_") and name[3:] not in _NOT_OWNERS]
        sure = [f"{name}.token" for name in names if name not in ("by_email", "by_phone", "by_visitor")]
        guess = [f"{name}.token" for name in names if name in ("by_email", "by_phone", "by_visitor")]
        if guess and not ENTITIES[self.entity].is_record and "customer_id" in self.rows.delivered:
            listed = ", ".join([*guess, "null"])
            guess = [f"case when {own_id('src.customer_id')} is null then coalesce({listed}) end"]
        return f"coalesce({', '.join([*sure, *guess, 'null::varchar', 'null::varchar'])})"

    def _joined(self) -> str:
        joins = [
            f" left join {KEYS} as {name} on {name}.hmac = kehu_hmac({message})"
            for name, message in self._lookups().items()
        ]
        if "external_ids" in self.rows.delivered:
            joins.append(f" left join ({self._lists()}) as lists on lists.list = src.external_ids")
        return f"({self.rows.accepted}) as src{''.join(joins)}"

    def _lists(self) -> str:
        """Every list of ids that names an erased record, and what it becomes."""
        return f"""
            select list, string_agg(coalesce(keys.pseudonym, item), ',' order by place) as mapped
            from (
                select list, unnest(string_split(list, ',')) as item, generate_subscripts(string_split(list, ','), 1) as place
                from (select distinct external_ids as list from ({self.rows.accepted}) where external_ids is not null)
            ) as items
            left join {KEYS} as keys on keys.hmac = kehu_hmac('record|' || trim(item))
            group by list having count(keys.hmac) > 0"""

    def _replacements(self) -> dict[str, str]:
        """What each column becomes."""
        owner, joins, found = self._owner(), self._lookups(), {}
        for name in self.rows.delivered:
            column, value = ENTITIES[self.entity].column(name), f"src.{sql_name(name)}"
            token = f"coalesce({owner}, by_{name}.token)" if f"by_{name}" in joins else owner
            if name in ("email", "phone"):
                pseudonym = _address(token) if name == "email" else _number(token)
                found[name] = f"case when {token} is not null and {value} <> '' then {pseudonym} else {value} end"
            elif f"by_{name}" in joins:
                local = f"regexp_replace(by_{name}.pseudonym, '^[^:]*:(lead:)?', '')"
                found[name] = f"coalesce({local}, {value})"
            elif name == "external_ids":
                found[name] = f"coalesce(lists.mapped, {self._unless_listed(name, value, 'null')})"
            elif name.endswith("_consent"):
                found[name] = f"case when {owner} is not null then 'false' else {value} end"
            elif column.personal:
                found[name] = self._without_text(owner, value)
            elif self._is_place(name):
                found[name] = self._unless_listed(
                    name, value, pseudonymous_id(value) if column.type == "id" else sql_text(ERASED)
                )
        if self._is_place("_file"):
            found["_file"] = self._unless_listed("_file", "src._file", sql_text(ERASED))
        return {**found, "_extra": self._without_text(owner, "src._extra")}

    def _is_place(self, column: str) -> bool:
        return f"{self.entity}.{column}" in self.ledger.places

    def _unless_listed(self, column: str, value: str, otherwise: str) -> str:
        """The value, unless it is one that mentions an erased person and was found in this column."""
        return f"case when {_listed(value)} then {otherwise} else {value} end" if self._is_place(column) else value

    def _without_text(self, owner: str, value: str) -> str:
        """The value, unless the row is an erased person's or the field is one that mentions such a person."""
        if not _has_texts(self.ledger):
            return f"case when {owner} is null then {value} end"
        return f"case when {owner} is null and not {_listed(value)} then {value} end"


def pseudonymous_id(value: str) -> str:
    """SQL of what takes the place of an id that mentions a person: the same wherever the id stands."""
    return f"'erased-' || substr(kehu_hmac('text|' || {value}), 1, 16)"


def _listed(value: str) -> str:
    """SQL of whether a whole field is one that mentions an erased person."""
    return f"coalesce(list_contains(getvariable('kehu_erased_texts'), kehu_hmac('text|' || {value})), false)"


def _has_texts(ledger: ErasureLedger) -> bool:
    return any(key.kind == "text" for one in ledger.erasures for key in one.keys)


def _address(token: str) -> str:
    """The address that takes the place of all addresses of a person."""
    return f"{token} || '{PSEUDONYMOUS_DOMAIN}'"


def _number(token: str) -> str:
    """The number that takes the place of all telephone numbers of a person."""
    return f"'{PSEUDONYMOUS_COUNTRY}' || lpad(((('0x' || substr({token}, 1, 12))::bigint) % 100000000000)::varchar, 11, '0')"


def _rejects(source: str, query: str, hides_file: bool) -> str:
    hit = _raw_hit(source)
    file = f" case when {_listed('_file')} then {sql_text(ERASED)} else _file end as _file," if hides_file else ""
    return (
        f"select src.* replace ({file} case when {hit} then null else _raw end as _raw,"
        f" case when {hit} then {sql_text(UNREADABLE)} else _error end as _error) from ({query}) as src"
    )


def _raw_hit(source: str) -> str:
    """Whether an unparsable row names an erased person: one of its fields is a known value, or all of it is."""
    prefix = sql_text(f"record|{source}:")
    field = "trim(field)"
    messages = (
        f"[kehu_hmac({prefix} || {field}), kehu_hmac({prefix} || 'lead:' || {field}), kehu_hmac('email|' || lower({field})),"
        f" kehu_hmac('name|' || lower({field})), coalesce(kehu_hmac('phone|' || {dialled(field)}), '')]"
    )
    hashes = f"flatten(list_transform({_FIELDS.format('_raw')}, lambda field: {messages}))"
    return f"coalesce(list_has_any({hashes}, getvariable('kehu_erased_raw')) or {_listed('_raw')}, false)"
