"""People in three sources, planted with everything that identity has to cope with, and who of them the rules can know.

The oracle does not normalise anything: every record carries tokens that stand for the identifiers that were planted, however
they are written (or misspelt, which makes another token), and union-find over the tokens says who belongs together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

Row = dict[str, str | None]

SOURCES = ("shop", "crm", "desk")
LIMIT = 10
"""max_records_per_identifier."""


@dataclass
class Record:
    """A customer or a lead of a source, landed in a wave.

    ``tokens`` are its identifiers, ``named`` the records that it names; until the second wave it has ``earlier_token`` as e-mail.
    """

    record_id: str
    row: Row
    tokens: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    wave: int = 0
    earlier_token: str | None = None

    @property
    def source(self) -> str:
        """The source that delivers it."""
        return self.record_id.partition(":")[0]

    @property
    def is_lead(self) -> bool:
        """Whether it is a lead."""
        return ":lead:" in self.record_id

    def before(self) -> Record:
        """The record as it is in the first wave."""
        if self.earlier_token is None:
            return self
        row = {**self.row, "email": email_of(self.earlier_token)}
        return Record(self.record_id, row, (self.earlier_token, *self.tokens[1:]), self.named)


@dataclass
class Planted:
    """Records in the order in which they are seen, and tickets with the token that says whose they are."""

    records: list[Record] = field(default_factory=list)
    tickets: list[tuple[Row, str]] = field(default_factory=list)

    def first_wave(self) -> list[Record]:
        """The records that are there after the first wave, as they are then."""
        return [record.before() for record in self.records if record.wave == 0]


class Union:
    """Union-find with path halving; the representative is the smallest by the given order."""

    def __init__(self, order: Iterable[str]) -> None:
        self.place = {name: number for number, name in enumerate(order)}
        self.parent = {name: name for name in self.place}

    def find(self, name: str) -> str:
        while self.parent[name] != name:
            self.parent[name] = self.parent[self.parent[name]]
            name = self.parent[name]
        return name

    def join(self, left: str, right: str) -> None:
        first, second = sorted((self.find(left), self.find(right)), key=self.place.__getitem__)
        self.parent[second] = first


def expected_persons(
    records: Iterable[Record],
    splits: Iterable[str] = (),
    joins: Iterable[tuple[str, str]] = (),
    limit: int = LIMIT,
) -> dict[str, str]:
    """record → customer_id, for records in the order in which they were first seen."""
    records = list(records)
    apart = set(splits)
    union = Union(record.record_id for record in records)
    shared = Counter(token for record in records for token in record.tokens)
    holder: dict[str, str] = {}
    for record in records:
        if record.record_id in apart:
            continue
        for token in record.tokens:
            if shared[token] <= limit:
                union.join(holder.setdefault(token, record.record_id), record.record_id)
        for named in record.named:
            if named in union.parent and named not in apart:
                union.join(record.record_id, named)
    for left, right in joins:
        union.join(left, right)
    return {record.record_id: union.find(record.record_id) for record in records}


def owners(
    records: Iterable[Record], persons: dict[str, str], among: Iterable[Record], limit: int = LIMIT
) -> dict[str, str]:
    """token → customer_id, for tokens of ``among`` that not too many records share."""
    shared = Counter(token for record in records for token in record.tokens)
    return {token: persons[record.record_id] for record in among for token in record.tokens if shared[token] <= limit}


def pair_counts(found: dict[str, str], truth: dict[str, str]) -> tuple[int, int, int]:
    """Pairs of records put together: by both, by ``found``, by ``truth``."""

    def pairs(sizes: Iterable[int]) -> int:
        return sum(size * (size - 1) // 2 for size in sizes)

    both = Counter((found[record], truth[record]) for record in truth)
    return pairs(both.values()), pairs(Counter(found.values()).values()), pairs(Counter(truth.values()).values())


def plant(people: int, seed: int) -> Planted:
    """So many people with some 2.2 records each, in two waves; the same seed gives the same people."""
    return _Planter(people, Random(seed)).planted()


class _Planter:
    def __init__(self, people: int, random: Random) -> None:
        self.people, self.random = people, random
        # from 1 on: a customer 0 is a placeholder
        self.persons = range(1, people + 1)
        self.household = self._households()
        self.hotlines = max(people // 5000, 2)
        self.in_shop: set[int] = set()

    def _households(self) -> list[int]:
        """Person → household; one person in ten shares the telephone with others."""
        numbers: list[int] = []
        while len(numbers) <= self.people:
            size = self.random.choice((2, 2, 3, 4)) if self.random.random() < 0.04 else 1
            numbers += [len(numbers)] * size
        return numbers

    def planted(self) -> Planted:
        batches: dict[tuple[int, str, bool], list[Record]] = defaultdict(list)
        for person in self.persons:
            for record in self._records_of(person):
                batches[record.wave, record.source, False].append(record)
        for record in self._around_the_limit():
            batches[record.wave, record.source, False].append(record)
        for lead in self._leads():
            batches[lead.wave, lead.source, True].append(lead)
        result = Planted()
        for wave in (0, 1):
            for is_lead in (False, True):
                for source in SOURCES:
                    result.records += sorted(batches[wave, source, is_lead], key=lambda record: record.record_id)
        result.tickets = list(self._tickets())
        return result

    def _records_of(self, person: int) -> Iterator[Record]:
        chance = self.random
        present = [s for s, share in zip(SOURCES, (0.85, 0.6, 0.45), strict=True) if chance.random() < share]
        moved = chance.random() < 0.06
        for source in present or ["shop"]:
            # somebody who has a new address does not tell everybody
            email_token = f"e{person}.{1 if moved and source != 'shop' else 0}"
            yield self._record(source, person, email_token)
            if chance.random() < 0.02:
                yield self._record(source, person, email_token, copy="b")

    def _record(self, source: str, person: int, email_token: str, copy: str = "") -> Record:
        chance = self.random
        country = _country(self.household[person])
        row: Row = {"customer_id": f"{person}{copy}", "birth_date": _birthday(person)}
        row["country"] = country.name if chance.random() < 0.85 else None
        record = Record(f"{source}:{person}{copy}", row, wave=1 if chance.random() < 0.1 else 0)
        tokens: list[str] = []
        if chance.random() < 0.85:
            tokens.append(f"typo.{source}.{person}{copy}" if chance.random() < 0.03 else email_token)
            row["email"] = self._write_email(tokens[0])
            if record.wave == 0 and chance.random() < 0.05:
                record.earlier_token = f"old.{source}.{person}{copy}"
        elif chance.random() < 0.2:
            tokens.append(f"hotline{chance.randrange(self.hotlines)}")
            row["email"] = self._write_email(tokens[0])
        if chance.random() < 0.6:
            tokens.append(f"p{self.household[person]}")
            row["phone"] = self._write_phone(self.household[person], is_national=row["country"] is not None)
        elif chance.random() < 0.05:
            tokens.append("switchboard")
            row["phone"] = "+49 (0)89 / 99 99 99 90"
        if source == "crm" and chance.random() < 0.1:
            record.named = (f"shop:{person}",)
            row["external_ids"] = f"shop:{person}" + chance.choice(("", ", billing:7", ",crm:nobody"))
        if record.record_id == f"shop:{person}" and record.wave == 0:
            self.in_shop.add(person)
        record.tokens = tuple(tokens)
        return record

    def _around_the_limit(self) -> Iterator[Record]:
        """An address on as many records as may be, and one on one more."""
        for size in (LIMIT, LIMIT + 1):
            token = f"on{size}"
            for number in range(size):
                row: Row = {"customer_id": f"{token}.{number}", "email": self._write_email(token)}
                yield Record(f"desk:{token}.{number}", row, (token,))

    def _leads(self) -> Iterator[Record]:
        chance = self.random
        for number in range(1, self.people // 10 + 1):
            person = chance.choice(self.persons)
            row: Row = {"lead_id": str(number), "created_at": "2019-01-01", "source": "fair"}
            wave = chance.choice((0, 1))
            if chance.random() < 0.5:
                row["email"] = self._write_email(f"e{person}.0")
                yield Record(f"crm:lead:{number}", row, (f"e{person}.0",), wave=wave)
            elif person in self.in_shop:
                row["converted_customer_id"] = str(person)
                yield Record(f"shop:lead:{number}", row, named=(f"shop:{person}",), wave=wave)
            else:
                row["email"] = f"lead{number}@example.com"
                yield Record(f"crm:lead:{number}", row, (f"lead{number}",), wave=wave)

    def _tickets(self) -> Iterator[tuple[Row, str]]:
        chance = self.random
        for number in range(1, self.people // 10 + 1):
            person = chance.choice(self.persons)
            row: Row = {"ticket_id": str(number), "created_at": "2019-06-01 10:00:00"}
            token = chance.choice((f"e{person}.0", f"p{self.household[person]}", "hotline0", f"nobody{person}"))
            if token.startswith("p"):
                row["phone"] = self._write_phone(self.household[person], is_national=False)
            else:
                row["email"] = self._write_email(token)
            yield row, token

    def _write_email(self, token: str) -> str:
        address = email_of(token)
        return self.random.choice((address, address, address.upper(), f"  {address.title()} "))

    def _write_phone(self, household: int, is_national: bool) -> str:
        country = _country(household)
        number = f"{country.area}{self.random.choice(('', ' ', '-'))}{household + 10**country.digits:d}"
        if is_national and self.random.random() < 0.5:
            return self.random.choice(
                (country.trunk + number, f"({country.trunk}{country.area}) {number[len(country.area) :]}")
            )
        optional = f" ({country.trunk}) " if country.trunk == "0" and self.random.random() < 0.2 else " "
        return f"{self.random.choice(('+', '00', ' +'))}{country.code}{optional}{number}"


@dataclass(frozen=True)
class _Country:
    """How a country is called in the rows and its telephones are numbered."""

    name: str
    code: str
    trunk: str
    area: str
    digits: int


_COUNTRIES = (
    _Country("Germany", "49", "0", "30", 7),
    _Country("FR", "33", "0", "1", 7),
    _Country("中国", "86", "0", "10", 7),
    _Country("usa", "1", "1", "21", 7),
    _Country("Italia", "39", "", "06", 7),
)


def _country(household: int) -> _Country:
    return _COUNTRIES[household % len(_COUNTRIES)]


def email_of(token: str) -> str:
    """The address that a token stands for, as it is before anybody writes it down."""
    return f"{token}@mail.example.com"


def _birthday(person: int) -> str:
    return f"{1940 + person % 60}-{1 + person % 12:02d}-{1 + person % 28:02d}"


def chain(length: int, name: str, seed: int | None = None) -> list[Record]:
    """Records each of which has its e-mail or telephone in common with the next; in order, or shuffled by the seed."""
    links = [f"{name}.{number}" for number in range(length + 1)]
    records = []
    for number in range(length):
        tokens = (links[number], links[number + 1])
        even, odd = tokens if number % 2 == 0 else tokens[::-1]
        serial = int(odd.rpartition(".")[2])
        row: Row = {
            "customer_id": f"{name}{number:05d}",
            "email": f"{even}@chain.example.com",
            "phone": f"+44 {sum(map(ord, name)) % 90 + 10}{serial:08d}",
        }
        records.append(Record(f"chain:{name}{number:05d}", row, tokens))
    if seed is not None:
        Random(seed).shuffle(records)
        for number, record in enumerate(records):
            record.row["customer_id"] = f"{name}{number:05d}"
            record.record_id = f"chain:{name}{number:05d}"
    return records
