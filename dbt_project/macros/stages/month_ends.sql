{#- Materialization: a model observed at every month end, kept as the rows that differ from the observation before.

    The model's SQL says what holds at one day, observed_day(), one row per customer_id. The materialization puts the month
    ends in its place, one after another, from the month of the first fact to the last month end up to D, and keeps a row
    of a customer only where it differs from the customer's last one. What is there for a month depends on facts up to its
    end only, never on D: building an earlier D adds and deletes nothing.

    Incremental: beside the table lie the fingerprints (`<table>_months`) of the facts and the rules that each month was
    computed from. The first month whose fingerprint is another one now is computed again with all months after it, since
    medians and quantiles of the population carry a change to everybody. A month's rows and its fingerprint are committed
    together, so a killed build goes on where it stopped.

    meta:
        fingerprints: model with month_end and fingerprint, a text that changes whenever a fact of the month does.
        rules: macro that returns a query of one text, which changes whenever a rule does. The SQL itself, in which vars
            are filled in, counts as a rule too. -#}
{% materialization month_ends, default %}
    {%- set changes = this.incorporate(type='table') -%}
    {%- set months = month_ends_sibling(this, '_months') -%}
    {%- set last = month_ends_sibling(this, '_last') -%}
    {%- set meta = config.get('meta') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set rules = local_md5(sql ~ run_query(context[meta['rules']]()).columns[0].values()[0]) -%}
    {%- do month_ends_prepare(changes, months, last, sql, rules) -%}
    {%- set plan = month_ends_plan(ref(meta['fingerprints']).render(), months) -%}
    {%- if plan -%}
        {%- do month_ends_go_back(changes, months, last, plan[0]['stale_from']) -%}
        {%- for month in plan if month['month_end'] is not none -%}
            {%- do month_ends_observe(changes, months, sql, rules, month) -%}
        {%- endfor -%}
        {%- do month_ends_remember(changes, last) -%}
    {%- endif -%}

    {% call noop_statement('main', plan | length ~ ' MONTHS', 'OK', plan | length) -%}
        {{ sql }}
    {%- endcall %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {#- where nothing was stale, nothing was begun -#}
    {% if plan %}{% do adapter.commit() %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [changes]}) }}
{% endmaterialization %}


{#- A relation that goes with the model's own one. -#}
{% macro month_ends_sibling(relation, suffix) -%}
    {{ return(api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ suffix, type='table'
    )) }}
{%- endmacro %}


{#- The session's own table of what was last seen of each customer. -#}
{% macro month_ends_seen(changes) -%}
    {{ return(changes.identifier ~ '_seen') }}
{%- endmacro %}


{#- Make the tables where they are missing, and empty ones in the place of those made by other rules. -#}
{% macro month_ends_prepare(changes, months, last, sql, rules) -%}
    {%- set is_there = adapter.get_relation(changes.database, changes.schema, months.identifier) is not none -%}
    {%- if is_there and not flags.FULL_REFRESH -%}
        {%- set others = run_query("select count(*) from " ~ months ~ " where rules <> '" ~ rules ~ "'") -%}
        {%- if others.columns[0].values()[0] == 0 -%}
            {{ return('') }}
        {%- endif -%}
    {%- endif -%}
    {%- set nothing -%}
        select
            cast(null as date) as month_end,
            template.*
        from (
            {{ sql }}
        ) as template
        where false
    {%- endset -%}
    {% call statement('month_ends_prepare') -%}
        drop table if exists {{ changes }};
        drop table if exists {{ last }};
        drop table if exists {{ months }};
        create table {{ changes }} as {{ nothing }};
        create table {{ last }} as {{ nothing }};
        create table {{ months }} (month_end date, fingerprint varchar, rules varchar);
    {%- endcall %}
    {% do adapter.commit() %}
{%- endmacro %}


{#- The month ends to compute, oldest first, with their fingerprints: all from the first one up to D that is missing or
    stale (stale_from). A month without facts has the fingerprint '-'. The last row has no month_end where a month is
    stale that lies outside the history now. No row: everything is there. -#}
{% macro month_ends_plan(fingerprints, months) -%}
    {%- set first_day = '(select min(month_end) from ' ~ fingerprints ~ ')' -%}
    {%- set query -%}
        with series as (

            {{ month_series(first_day, as_of_date()) }}

        ),

        wanted as (

            select
                {{ month_end('series.month') }} as month_end,
                coalesce(fingerprints.fingerprint, '-') as fingerprint
            from series
            left join {{ fingerprints }} as fingerprints
                on {{ month_end('series.month') }} = fingerprints.month_end
            where {{ month_end('series.month') }} <= {{ as_of_date() }}

        ),

        stale as (

            select min(coalesce(wanted.month_end, months.month_end)) as stale_from
            from wanted
            full outer join {{ months }} as months
                on wanted.month_end = months.month_end
            where
                coalesce(wanted.month_end, months.month_end) <= {{ as_of_date() }}
                and coalesce(wanted.fingerprint <> months.fingerprint, true)

        )

        select
            cast(stale.stale_from as varchar) as stale_from,
            cast(wanted.month_end as varchar) as month_end,
            wanted.fingerprint
        from stale
        left join wanted
            on stale.stale_from <= wanted.month_end
        where stale.stale_from is not null
        order by wanted.month_end
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}


{#- Forget everything from a month on, and find what was last seen of each customer before it: kept from the last build
    where that ended just there, else the last row of each. -#}
{% macro month_ends_go_back(changes, months, last, stale_from) -%}
    {%- set seen = month_ends_seen(changes) -%}
    {% call statement('month_ends_forget') -%}
        delete from {{ changes }} where month_end >= date '{{ stale_from }}';
        delete from {{ months }} where month_end >= date '{{ stale_from }}';
    {%- endcall %}
    {% do adapter.commit() %}
    {%- set kept = run_query(
        'select count(*) from ' ~ months ~ ' as months having max(months.month_end)'
        ~ ' is distinct from (select max(month_end) from ' ~ last ~ ')'
    ) -%}
    {% call statement('month_ends_seen') -%}
        drop table if exists {{ seen }};
        {% if kept.rows | length == 0 %}
        create temporary table {{ seen }} as select * from {{ last }};
        {% else %}
        create temporary table {{ seen }} as
        select changes.*
        from {{ changes }} as changes
        inner join (
            select
                customer_id,
                max(month_end) as month_end
            from {{ changes }}
            group by customer_id
        ) as newest
            on
                changes.customer_id = newest.customer_id
                and changes.month_end = newest.month_end;
        {% endif %}
    {%- endcall %}
    {% do adapter.commit() %}
{%- endmacro %}


{#- One month: what holds at its end, the rows of it that are new, and the mark that they are there, as one. -#}
{% macro month_ends_observe(changes, months, sql, rules, month) -%}
    {%- set day = "date '" ~ month['month_end'] ~ "'" -%}
    {%- set seen = month_ends_seen(changes) -%}
    {%- set observed = changes.identifier ~ '_observed' -%}
    {%- set compared = adapter.get_columns_in_relation(changes) | map(attribute='name')
        | reject('in', ['month_end', 'customer_id']) | list -%}
    {% call statement('month_ends_observe') -%}
        create temporary table {{ observed }} as
        select
            {{ day }} as month_end,
            template.*
        from (
            {{ sql | replace(observed_day() | trim, day) }}
        ) as template;
        insert into {{ changes }}
        select observed.*
        from {{ observed }} as observed
        left join {{ seen }} as seen
            on observed.customer_id = seen.customer_id
        where
            seen.customer_id is null
            {%- for column in compared %}
            or observed.{{ column }} is distinct from seen.{{ column }}
            {%- endfor %};
        insert into {{ months }} values ({{ day }}, '{{ month['fingerprint'] }}', '{{ rules }}');
        drop table {{ seen }};
        alter table {{ observed }} rename to {{ seen }};
    {%- endcall %}
    {% do adapter.commit() %}
{%- endmacro %}


{#- Keep what was seen at the last month for the next build; the materialization commits it at its end. -#}
{% macro month_ends_remember(changes, last) -%}
    {% call statement('month_ends_remember') -%}
        delete from {{ last }};
        insert into {{ last }} select * from {{ month_ends_seen(changes) }};
        drop table {{ month_ends_seen(changes) }};
    {%- endcall %}
{%- endmacro %}
