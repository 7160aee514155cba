"""From the rows of an export to events: what a column is made of, whatever format and age the export has.

An event has no id. Its key is who, when and what, with the numbers of its batch where the export has them; what is the same in
all of them is counted. A parameter's value stands in another typed field from one day to the next.
"""

from __future__ import annotations

TEXTS = (
    "event_date",
    "event_timestamp",
    "event_name",
    "event_bundle_sequence_id",
    "batch_page_id",
    "batch_ordering_id",
    "batch_event_index",
    "user_id",
    "user_pseudo_id",
)
"""Columns of an export with one value."""
LISTS = ("event_params", "items")
OBJECTS = ("device", "ecommerce", "collected_traffic_source", "session_traffic_source_last_click")
REQUIRED = ("event_timestamp", "event_name")


def listed(text: str) -> str:
    """SQL of a list as JSON values, from its text; Parquet may wrap it as list and element."""
    wrapped = f"json_extract({text}, '$.list[*].element')"
    return f"case when json_type({text}) = 'OBJECT' then {wrapped} else json_extract({text}, '$[*]') end"


def _parameter(name: str) -> str:
    value = f"list_filter(event_params, lambda one: (one ->> '$.key') = '{name}')[1]"
    kinds = ("string_value", "int_value", "double_value", "float_value")
    return f"coalesce({', '.join(f'({value} ->> {chr(39)}$.value.{kind}{chr(39)})' for kind in kinds)})"


def _said(text: str) -> str:
    """A text that is none where Google writes that there is none."""
    return f"nullif(nullif({text}, '(not set)'), '')"


_KEY = ", ".join(f"coalesce({name}, '')" for name in TEXTS if name not in ("event_date", "user_id"))
_WHOLE = "row(event_params, items, device, ecommerce)::varchar, _file, _row_number"
_LAST = "session_traffic_source_last_click ->> '$.manual_campaign"
QUERY = f"""
with
keyed as (
    select
        *,
        md5(concat_ws(chr(31), {_KEY})) as event_key,
        regexp_replace({_parameter("ga_session_id")}, '\\.0+$', '') as session_number,
        {_said("ecommerce ->> '$.transaction_id'")} as order_of_ecommerce,
    from export
),
numbered as (
    select *, row_number() over (partition by event_key order by {_WHOLE}) as occurrence
    from keyed
)
select
    event_key || case when occurrence > 1 then '#' || occurrence else '' end as event_id,
    {_said("user_id")} as customer_id,
    {_said("user_pseudo_id")} as anonymous_id,
    coalesce(
        strftime(make_timestamp(try_cast(event_timestamp as bigint)), '%Y-%m-%d %H:%M:%S.%f+00'), event_timestamp
    ) as occurred_at,
    event_name as name,
    {_parameter("page_location")} as page,
    case when len(items) = 1 then {_said("items[1] ->> '$.item_id'")} end as product_id,
    {_said("user_pseudo_id")} || '.' || session_number as session_id,
    {_said("device ->> '$.category'")} as device,
    coalesce(
        {_said(f"{_LAST}.source'")}, {_said("collected_traffic_source ->> '$.manual_source'")}, {_said(_parameter("source"))}
    ) as utm_source,
    coalesce(
        {_said(f"{_LAST}.medium'")}, {_said("collected_traffic_source ->> '$.manual_medium'")}, {_said(_parameter("medium"))}
    ) as utm_medium,
    coalesce(
        {_said(f"{_LAST}.campaign_name'")},
        {_said("collected_traffic_source ->> '$.manual_campaign_name'")},
        {_said(_parameter("campaign"))}
    ) as utm_campaign,
    coalesce(order_of_ecommerce, {_said(_parameter("transaction_id"))}) as order_id,
    nullif(array_to_string(list_transform(items, lambda one: one ->> '$.item_id'), ','), '') as item_ids,
    ecommerce ->> '$.purchase_revenue' as purchase_revenue,
from numbered
"""
