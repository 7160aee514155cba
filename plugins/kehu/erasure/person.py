"""Finds all that is a person's: every record, what identifies it, and where else it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kehu.entities import ENTITIES
from kehu.erasure.identity import Identity
from kehu.erasure.key import ErasureKey
from kehu.erasure.landed import Landed, record_id
from kehu.erasure.ledger import ErasedKey, Erasure
from kehu.erasure.mentions import Mention, landed_mentions
from kehu.erasure.patterns import Value
from kehu.erasure.rows import (
    PSEUDONYMOUS_COUNTRY,
    PSEUDONYMOUS_DOMAIN,
    RECORD_COLUMNS,
    dialled,
    email,
    own_id,
)
from kehu.errors import UsageError, nearest

_WITH_EMAIL, _WITH_PHONE = (
    tuple(entity.name for entity in ENTITIES.values() if entity.has(column)) for column in ("email", "phone")
)
_EVENTS = tuple(name for name in _WITH_PHONE if not ENTITIES[name].is_record)
_WORDED = tuple(
    (entity.name, column.name)
    for entity in ENTITIES.values()
    for column in entity.columns
    if column.free_text == "customer"
)
"""What customers wrote themselves."""
_PLAIN_ID = re.compile(r"[\w-]+:[\w-]*\d[\w-]*")
_PSEUDONYM = re.compile(r":(?:lead:)?erased-([0-9a-f]{16})-(\d+)$")
_SHORTEST_TEXT, _SHORTEST_NAME, _SHORTEST_ID, _SHORTEST_PHONE = 20, 6, 6, 8


@dataclass
class Person:
    """What belongs to one person and to nobody else.

    Attributes:
        records: published ids of customers, leads and ids that only events name.
        emails, phones: normalised; ``written`` holds them as they were delivered.
        names: whole names in lower case that no other record has.
        visitors, orders: ``source:id`` of web visitors and of orders.
        texts: the person's own texts, long enough to be nobody else's.
        mentions: fields anywhere that mention the person, whole.
        short_names: names of two Chinese characters that no other record has: looked for in texts, too short for a proof.
        shared: how many addresses and numbers other persons have too; they stay there.
        pseudonyms: ids that an earlier erasure gave to other records of the same person.
    """

    records: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    visitors: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    mentions: set[Mention] = field(default_factory=set)
    short_names: set[str] = field(default_factory=set)
    shared: int = 0
    pseudonyms: set[str] = field(default_factory=set)

    def token(self, otherwise: str) -> str:
        """What is the same in all pseudonyms of the person: that of an earlier erasure, if there was one."""
        known = sorted(token for token, _ in self._given())
        return known[0] if known else otherwise

    def values(self) -> list[Value]:
        """What must be found nowhere in the end; see decision 15 for what identifies."""
        found = [("word", one) for one in sorted(self.records)]
        own = {one.split(":", 1)[1].removeprefix("lead:") for one in self.records}
        found += [("word", one) for one in sorted(own) if len(one) >= _SHORTEST_ID and not one.isdigit()]
        for kind, values in (
            ("text", self.emails),
            ("name", self.names),
            ("own", self.texts),
            ("short", self.short_names),
        ):
            found += [(kind, one) for one in sorted(values)]
        found += [("number", one) for one in sorted(self.phones | self.written) if _digits(one) >= _SHORTEST_PHONE]
        return found

    def keys(self, key: ErasureKey, token: str) -> tuple[ErasedKey, ...]:
        """What the ledger remembers of the person; pseudonyms sort as the ids did, so that the first record stays the first."""
        given = [number for _, number in self._given()]
        found = [
            ErasedKey(key.hmac(f"record|{one}"), "record", _pseudonym(one, token, number))
            for number, one in enumerate(sorted(self.records), max(given, default=0) + 1)
        ]
        for kind, values in (
            ("order", self.orders),
            ("email", self.emails),
            ("phone", self.phones),
            ("visitor", self.visitors),
            ("name", self.names),
        ):
            found += [ErasedKey(key.hmac(f"{kind}|{value}"), kind) for value in sorted(values)]
        found += [mention.key(key) for mention in self.mentions]
        return sorted_keys(found)

    def _given(self) -> list[tuple[str, int]]:
        """Token and number of each pseudonym."""
        matches = (_PSEUDONYM.search(one) for one in self.pseudonyms)
        return [(match[1], int(match[2])) for match in matches if match]


def find_person(landed: Landed, identity: Identity, customer: str) -> Person:
    """Everything of the person who has this id.

    Args:
        customer: a published id (``shop:1001``) of any of the person's records, or the source's own if one source has it.

    Raises:
        UsageError: nobody has it, or persons of several sources do. What was asked for is not repeated.
    """
    person = Person()
    start = _record_asked_for(landed, customer)
    person.records = identity.persons_records(start) | {start}
    others = _gather(landed, identity, person)
    while others:
        person.records |= others
        others = _gather(landed, identity, person)
    person.pseudonyms = {one for one in person.records if _PSEUDONYM.search(one)}
    person.records -= person.pseudonyms
    _find_events(landed, person)
    person.mentions = landed_mentions(landed, person.values())
    return person


def sorted_keys(keys: Iterable[ErasedKey]) -> tuple[ErasedKey, ...]:
    """Keys by hash, so that their order says nothing of the values."""
    return tuple(sorted(keys, key=lambda one: (one.hmac, one.place)))


def draft(erasure: Erasure, person: Person, key: ErasureKey) -> Erasure:
    """The ledger's entry for a person."""
    token = person.token(erasure.token)
    return Erasure(erasure.erasure_id, erasure.number, token, person.keys(key, token), erasure.requested_at)


def _record_asked_for(landed: Landed, customer: str) -> str:
    for condition in ("record = ?", "substr(record, strpos(record, ':') + 1) = ?"):
        sql = f"select distinct record from named where {condition} order by record limit 6"
        found = [row[0] for row in landed.rows(sql, [customer.strip()])]
        if len(found) > 1:
            sources = [one.split(":", 1)[0] for one in found]
            raise UsageError("more than one customer has this id", fix="write source:id", sources=sources)
        if found:
            return str(found[0])
    close = "select record from named where record is not null order by levenshtein(record, ?), record limit 20"
    ids = [row[0] for row in landed.rows(close, [customer.strip()])]
    raise UsageError(
        "nobody in the landing zone has this id",
        fix="write source:id as in map_source_customers_to_customers; who was erased before has no id any more",
        sources=landed.sources,
        # An id may itself be an address: only what looks like a plain number or code is shown.
        nearest=nearest(customer.strip(), [one for one in ids if _PLAIN_ID.fullmatch(one)]),
    )


def _gather(landed: Landed, identity: Identity, person: Person) -> set[str]:
    """Find what identifies the person; returns records that no build has judged yet and that have some of it too."""
    records = sorted(person.records)
    emails = {
        one for one in landed.of_records(email("email"), records, _WITH_EMAIL) if not one.endswith(PSEUDONYMOUS_DOMAIN)
    }
    phones = {
        one
        for one in landed.of_records(dialled("phone"), records, _WITH_PHONE)
        if not one.startswith(PSEUDONYMOUS_COUNTRY)
    }
    taken: set[str] = set()
    unjudged: set[str] = set()
    for column, values in (("email", emails), ("phone", phones)):
        sql = f"select record, {column} from carriers where list_contains(?, {column}) and not list_contains(?, record)"
        carried = landed.rows(sql, [[*values, ""], records])
        judged = identity.among({record for record, _ in carried}) if identity.is_known else {r for r, _ in carried}
        taken |= {value for record, value in carried if record in judged}
        unjudged |= {record for record, _ in carried if record not in judged}
    sql = "select record from carriers where list_has_any(refers_to, ?) and not list_contains(?, record)"
    refers = landed.values(sql, records, records)
    unjudged |= refers - identity.among(refers) if identity.is_known else set()
    person.emails, person.phones, person.shared = emails - taken, phones - taken, len((emails | phones) & taken)
    return unjudged - person.records


def _find_events(landed: Landed, person: Person) -> None:
    records = sorted(person.records)
    written = landed.of_records("lower(trim(phone))", records, _WITH_PHONE)
    anonymous = {
        value
        for entity in _EVENTS
        if entity in landed.entities
        for value in landed.values(
            f"select distinct lower(trim(phone)) from landed_{entity} where list_contains(?, {dialled('phone')})",
            person.phones,
        )
    }
    numbers = landed.rows(
        f"select value from (select unnest(?) as value) where list_contains(?, {dialled('value')})",
        [[*written, *anonymous, ""], [*person.phones, ""]],
    )
    person.written = {row[0] for row in numbers if row[0]}
    names = _own_names(landed, records)
    person.short_names = {name for name in names if _is_short_name(name)}
    person.names = names - person.short_names
    person.orders = landed.of_records(f"_source || ':' || {own_id('order_id')}", records, ("orders",))
    person.visitors = _own_visitors(landed, records)
    for entity, column in _WORDED:
        if entity in landed.entities:
            person.texts |= _own_texts(landed, entity, column, person)


def _own_names(landed: Landed, records: list[str]) -> set[str]:
    """The names of the person that are whole, or of two Chinese characters, and that no other record has."""
    sql = "select distinct unnest(names) from carriers where list_contains(?, record)"
    mine = {name for name in landed.values(sql, records) if _is_whole_name(name) or _is_short_name(name)}
    theirs = landed.rows(
        "select distinct unnest(list_intersect(names, ?)) from carriers where not list_contains(?, record)",
        [[*mine, ""], records],
    )
    return mine - {row[0] for row in theirs}


def _is_whole_name(name: str) -> bool:
    """A first name alone is shared by many; a name in Chinese characters is whole with three of them."""
    if _is_chinese(name):
        return len(name) >= 3
    return len(name) >= _SHORTEST_NAME and " " in name


def _is_short_name(name: str) -> bool:
    return len(name) == 2 and all(_is_chinese(letter) for letter in name)


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= letter <= "\u9fff" for letter in text)


def _digits(number: str) -> int:
    return sum(letter.isdigit() for letter in number)


def _own_visitors(landed: Landed, records: list[str]) -> set[str]:
    if "web_events" not in landed.entities:
        return set()
    visitor, mine = f"_source || ':' || {own_id('anonymous_id')}", record_id("web_events", "customer_id")
    sql = f"""
        select {visitor} from landed_web_events group by 1
        having bool_or(coalesce(list_contains(?, {mine}), false))
            and not bool_or({mine} is not null and not coalesce(list_contains(?, {mine}), false))"""
    return landed.values(sql, records, records)


def _own_texts(landed: Landed, entity: str, column: str, person: Person) -> set[str]:
    """Texts of the person's events that no row of anybody else has."""
    owner = record_id(entity, RECORD_COLUMNS[entity][0])
    addresses = {"email": (email("email"), person.emails), "phone": (dialled("phone"), person.phones)}
    there = [addresses[name] for name in addresses if ENTITIES[entity].has(name)]
    by_address = " or ".join(f"coalesce(list_contains(?, {value}), false)" for value, _ in there) or "false"
    mine = f"coalesce(list_contains(?, {owner}), false) or ({owner} is null and ({by_address}))"
    sql = f"""
        select lower(trim({column})) as value from landed_{entity} where length(trim({column})) >= {_SHORTEST_TEXT}
        group by 1 having bool_and({mine})"""
    return landed.values(sql, person.records, *(values for _, values in there))


def _pseudonym(record: str, token: str, number: int) -> str:
    source, own = record.split(":", 1)
    return f"{source}:{'lead:' if own.startswith('lead:') else ''}erased-{token}-{number:02d}"
