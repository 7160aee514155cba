"""Names and addresses for a list: they are published nowhere, so only who may read the working warehouse gets them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from kehu.session import Session

COLUMNS = ("full_name", "email", "phone")
_SQL = """
    with records as (
        select
            coalesce(merged.customer_id, customers.customer_id) as customer_id,
            customers.customer_id as record_id,
            coalesce(
                customers.full_name, nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '')
            ) as full_name,
            customers.email,
            customers.phone
        from staging.stg_customers as customers
        left join intermediate.int_records_merge as merged on merged.record_id = customers.customer_id
    )
    select customer_id, {columns} from records group by customer_id
"""
_OF_A_PERSON = "coalesce(max(case when record_id = customer_id then {0} end), min({0})) as {0}"


def with_contact_details(actions: pa.Table, session: Session) -> pa.Table:
    """The same list with name, e-mail address and telephone number of each customer.

    Of several records the one speaks that the person is named after, else the first by alphabet.

    Args:
        actions: a table with ``customer_id``.
        session: an open session of the working warehouse, of somebody who may read ``staging``.
    """
    columns = ", ".join(_OF_A_PERSON.format(column) for column in COLUMNS)
    details = session.arrow(_SQL.format(columns=columns))
    wanted = details.filter(pc.is_in(details["customer_id"], pc.unique(actions["customer_id"])))
    numbered = _typed(actions).append_column("place", pa.array(range(actions.num_rows), pa.int64()))
    keyed = wanted.cast(pa.schema([(name, actions.schema.field("customer_id").type) for name in wanted.column_names]))
    return numbered.join(keyed, "customer_id", join_type="left outer").sort_by("place").drop_columns(["place"])


def _typed(table: pa.Table) -> pa.Table:
    """A column in which every value is missing may come without a type, and such a column cannot be joined."""
    fields = [pa.field(one.name, pa.string()) if pa.types.is_null(one.type) else one for one in table.schema]
    return table.cast(pa.schema(fields))
