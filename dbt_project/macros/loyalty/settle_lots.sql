{#- Consume the lots of all ledgers, each in the order in which its lots expire, by running sums.

    Put the lots of a ledger on a line, the one that expires first in front. Using points moves a mark along the line by as
    many; a lot that expires moves it to the lot's end, if it is not past that already. So after any event

        mark = used so far + max(0, max over the lots expired so far of (end of the lot - used before it expired))

    which is a running sum and a running maximum. Points used beyond the end of the line are a debt, which the next lot that
    comes pays by standing where the mark has been already.

    That holds while every lot that comes stands behind all others: lots expire in the order in which they come nearly always.
    A lot that expires before an older one begins a new phase, in which the lots that are left and this one are lined up anew.
    All ledgers go through a phase together; the number of phases is 1 but where somebody has lots of several validities.
    Nothing but `run_query` and `statement` is needed of dbt, so that tests run the same statements. -#}
{% macro settle_lots(events, settled, phase) -%}
    {%- set last = run_query('select coalesce(max(phase), 0) from ' ~ events).columns[0].values()[0] | int -%}
    {%- do run_statement(create_working_table_sql(settled, phase_sql(events, none, 0))) -%}
    {%- for number in range(1, last + 1) -%}
        {%- do run_statement(create_working_table_sql(phase, phase_sql(events, settled, number))) -%}
        {%- do run_statement('insert into ' ~ settled ~ ' select * from ' ~ phase) -%}
        {%- do run_statement(drop_working_table_sql(phase)) -%}
    {%- endfor -%}
{%- endmacro %}


{#- What one phase makes of its lots: ledger, phase, lot_number, expired_points, open_points; lot_number 0 is the debt. -#}
{% macro phase_sql(events, settled, number) -%}
with steps as (
    select * from {{ events }} where phase = {{ number }}
),

{% if settled -%}
{#- whoever has no event in this phase was finished in an earlier one -#}
carried as (
    select kept.ledger, kept.lot_number, kept.ranked_at, kept.open_points
    from {{ settled }} as kept
    inner join (select distinct ledger from steps) as present
        on kept.ledger = present.ledger
    where kept.phase = {{ number - 1 }} and kept.open_points <> 0
),

{% endif -%}
lots as (
    select ledger, lot_number, ranked_at, arrived as size from steps where arrived > 0
    {% if settled -%}
    union all
    select ledger, lot_number, ranked_at, open_points as size from carried where lot_number > 0
    {% endif -%}
),

line as (
    select
        *,
        sum(size) over (
            partition by ledger order by ranked_at, lot_number rows between unbounded preceding and current row
        ) as lot_end
    from lots
),

movements as (
    select
        steps.ledger,
        steps.event_number,
        steps.lot_number,
        steps.used,
        line.lot_end as expired_end
    from steps
    left join line
        on steps.is_expiry and steps.ledger = line.ledger and steps.lot_number = line.lot_number
    {% if settled -%}
    union all
    select ledger, 0 as event_number, 0 as lot_number, 0 - open_points as used, null as expired_end
    from carried
    where lot_number = 0
    {% endif -%}
),

summed as (
    select
        *,
        sum(used) over (
            partition by ledger order by event_number rows between unbounded preceding and current row
        ) as used_so_far
    from movements
),

marked as (
    select
        *,
        coalesce(max(expired_end - used_so_far) over (
            partition by ledger order by event_number rows between unbounded preceding and 1 preceding
        ), 0) as expired_before
    from summed
),

expiries as (
    select
        ledger,
        lot_number,
        used_so_far + greatest(expired_before, 0) as mark
    from marked
    where expired_end is not null
),

ends as (
    select
        ledger,
        max(used_so_far + greatest(expired_before, coalesce(expired_end - used_so_far, 0), 0)) as mark
    from marked
    group by ledger
),

totals as (
    select ledger, max(lot_end) as line_end from line group by ledger
)

select
    line.ledger,
    {{ number }} as phase,
    line.lot_number,
    line.ranked_at,
    cast(
        case
            when expiries.mark is null then 0
            else greatest(line.lot_end - greatest(expiries.mark, line.lot_end - line.size), 0)
        end as decimal(18, 2)
    ) as expired_points,
    cast(
        greatest(line.lot_end - greatest(ends.mark, line.lot_end - line.size), 0) as decimal(18, 2)
    ) as open_points
from line
inner join ends
    on line.ledger = ends.ledger
left join expiries
    on line.ledger = expiries.ledger and line.lot_number = expiries.lot_number
union all
select
    ends.ledger,
    {{ number }} as phase,
    0 as lot_number,
    cast(null as timestamp) as ranked_at,
    cast(0 as decimal(18, 2)) as expired_points,
    cast(0 - greatest(ends.mark - coalesce(totals.line_end, 0), 0) as decimal(18, 2)) as open_points
from ends
left join totals
    on ends.ledger = totals.ledger
{%- endmacro %}


{#- The lots with what became of them: a lot that is not carried into a phase is used up or expired before it. -#}
{% macro settled_lots_sql(events, settled) -%}
with lasting as (
    select *, max(phase) over (partition by ledger) as last_phase
    from {{ settled }}
),

fates as (
    select
        ledger,
        lot_number,
        sum(expired_points) as expired_points,
        sum(case when phase = last_phase then open_points else 0 end) as open_points
    from lasting
    group by ledger, lot_number
),

ledgers as (
    select
        ledger,
        min(customer_id) as customer_id,
        min(source) as source
    from {{ events }}
    group by ledger
)

select
    ledgers.customer_id,
    ledgers.source,
    fates.lot_number,
    events.transaction_id,
    cast(coalesce(events.arrived, 0) as decimal(18, 2)) as points,
    cast(coalesce(events.arrived, 0) - fates.expired_points - greatest(fates.open_points, 0) as decimal(18, 2)) as used_points,
    cast(fates.expired_points as decimal(18, 2)) as expired_points,
    cast(fates.open_points as decimal(18, 2)) as open_points,
    events.occurred_date,
    case when fates.expired_points > 0 then events.expires_date end as expired_date,
    events.expires_date,
    events.occurred_at,
    events.expires_at
from fates
inner join ledgers
    on fates.ledger = ledgers.ledger
left join {{ events }} as events
    on fates.ledger = events.ledger and fates.lot_number = events.event_number and fates.lot_number > 0
{%- endmacro %}
