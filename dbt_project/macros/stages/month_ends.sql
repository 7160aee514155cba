{#- Materialization: a model observed at every month end, kept as the rows that differ from the observation before.

    The model's SQL says what holds at each of observed_days(), one row per month_end and customer_id. The materialization puts
    month ends there, from the month of the first fact to the last month end up to D, and keeps a row of a customer only
    where it differs from the customer's last one. What is there for a month depends on facts up to its end only, never on D:
    building an earlier D adds and deletes nothing. What the model needs several times over stands before and_then(): it
    is put into a table once, prepared_for_days().

    Incremental: beside the table lie the fingerprints (`<table>_months`) of the facts and the rules that each month was
    computed from. The first month whose fingerprint is another one now is computed again with all months after it, since
    medians and quantiles of the population carry a change to everybody. Months are observed several by one statement, or
    one by one (months_at_once). Their rows and their fingerprints are committed together, so a killed build goes on where
    it stopped.

    meta:
        fingerprints: model with month_end and fingerprint, a text that changes whenever a fact of the month does.
        rules: macro that returns a query of one text, which changes whenever a rule does. The SQL itself, in which vars
            are filled in, counts as a rule too. -#}
{% materialization month_ends, default %}
    {%- set kept = {
        'changes': this.incorporate(type='table'),
        'months': month_ends_sibling(this, '_months'),
        'last': month_ends_sibling(this, '_last'),
        'seen': working_table(this.identifier ~ '_seen'),
    } -%}
    {%- set meta = config.get('meta') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set rules = local_md5(sql ~ run_query(in_dialect(context[meta['rules']]())).columns[0].values()[0]) -%}
    {%- set is_new = month_ends_prepare(kept, sql, rules) -%}
    {%- set plan = month_ends_plan(ref(meta['fingerprints']).render(), kept['months']) -%}
    {%- if plan -%}
        {%- if not is_new -%}
            {%- do month_ends_forget(kept, plan[0]['stale_from']) -%}
        {%- endif -%}
        {%- do month_ends_recall(kept) -%}
        {%- set wanted = plan | selectattr('month_end') | list -%}
        {%- for some in wanted | batch(months_at_once(wanted | length)) -%}
            {%- do month_ends_observe(kept, sql, some) -%}
            {%- do month_ends_keep(kept, rules, some) -%}
        {%- endfor -%}
        {%- do month_ends_remember(kept) -%}
    {%- endif -%}

    {% call noop_statement('main', plan | length ~ ' MONTHS', 'OK', plan | length) -%}
        {{ sql }}
    {%- endcall %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {#- where nothing was stale, nothing was begun -#}
    {% if plan %}{% do adapter.commit() %}{% endif %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [kept['changes']]}) }}
{% endmaterialization %}


{#- A relation that goes with the model's own one. -#}
{% macro month_ends_sibling(relation, suffix) -%}
    {{ return(api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier ~ suffix, type='table'
    )) }}
{%- endmacro %}


{#- How many month ends one statement observes, of so many. A few at once are quicker than one by one, and need the memory for
    a few times the customers. -#}
{% macro months_at_once(count) -%}
    {{ return(adapter.dispatch('months_at_once')(count)) }}
{%- endmacro %}


{% macro default__months_at_once(count) -%}
    {{ return(6) }}
{%- endmacro %}


{#- A job of Spark costs more than its rows: one for all. -#}
{% macro spark__months_at_once(count) -%}
    {{ return([count, 1] | max) }}
{%- endmacro %}


{#- Make the tables where they are missing, and empty ones in the place of those made by other rules; says whether it did. -#}
{% macro month_ends_prepare(kept, sql, rules) -%}
    {%- set changes, months = kept['changes'], kept['months'] -%}
    {%- set is_there = adapter.get_relation(changes.database, changes.schema, months.identifier) is not none -%}
    {%- if is_there and not flags.FULL_REFRESH -%}
        {%- set others = run_query("select count(*) from " ~ months ~ " where rules <> '" ~ rules ~ "'") -%}
        {%- if others.columns[0].values()[0] == 0 -%}
            {{ return(false) }}
        {%- endif -%}
    {%- endif -%}
    {%- for relation in (changes, kept['last'], months) -%}
        {%- do run_statement('drop table if exists ' ~ relation) -%}
    {%- endfor -%}
    {%- set observed = month_ends_observe(kept, sql, []) -%}
    {%- for relation in (changes, kept['last']) -%}
        {%- do run_statement(create_table_as(false, relation, 'select * from ' ~ observed)) -%}
    {%- endfor -%}
    {%- set no_month -%}
        select cast(null as date) as month_end, cast(null as varchar) as fingerprint, cast(null as varchar) as rules
        where false
    {%- endset -%}
    {%- do run_statement(create_table_as(false, months, no_month)) -%}
    {% do adapter.commit() %}
    {{ return(true) }}
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
    {{ return(run_query(in_dialect(query)).rows) }}
{%- endmacro %}


{#- Forget everything from a month on. -#}
{% macro month_ends_forget(kept, stale_from) -%}
    {%- for relation in (kept['changes'], kept['months']) -%}
        {%- do run_statement('delete from ' ~ relation ~ " where month_end >= date '" ~ stale_from ~ "'") -%}
    {%- endfor -%}
    {% do adapter.commit() %}
{%- endmacro %}


{#- What was last seen of each customer: kept from the last build where that ended just there, else the last row of each. -#}
{% macro month_ends_recall(kept) -%}
    {%- set is_elsewhere = run_query(
        'select count(*) from ' ~ kept['months'] ~ ' as months having max(months.month_end)'
        ~ ' is distinct from (select max(month_end) from ' ~ kept['last'] ~ ')'
    ) -%}
    {%- set newest -%}
        select changes.*
        from {{ kept['changes'] }} as changes
        inner join (
            select
                customer_id,
                max(month_end) as month_end
            from {{ kept['changes'] }}
            group by customer_id
        ) as newest
            on
                changes.customer_id = newest.customer_id
                and changes.month_end = newest.month_end
    {%- endset -%}
    {%- do month_ends_work(kept['seen'], newest if is_elsewhere.rows | length else 'select * from ' ~ kept['last']) -%}
    {% do adapter.commit() %}
{%- endmacro %}


{#- What holds at some month ends, in a working table whose name is returned. -#}
{% macro month_ends_observe(kept, sql, some) -%}
    {%- set queries = sql.split(and_then()) -%}
    {%- set days -%}
        {%- for month in some %}
        select date '{{ month['month_end'] }}' as month_end{{ ' union all' if not loop.last }}
        {%- else %}
        select cast(null as date) as month_end where false
        {%- endfor %}
    {%- endset -%}
    {%- set observed = working_table(this.identifier ~ '_observed') -%}
    {%- do month_ends_work(observed_days(), days) -%}
    {%- if queries | length > 1 -%}
        {%- do month_ends_work(prepared_for_days(), queries[0]) -%}
    {%- endif -%}
    {%- do month_ends_work(observed, queries | last) -%}
    {{ return(observed) }}
{%- endmacro %}


{#- Keep what is new of the observed months, with the mark that they are there, as one. -#}
{% macro month_ends_keep(kept, rules, some) -%}
    {%- set observed = working_table(this.identifier ~ '_observed') -%}
    {%- set columns = adapter.get_columns_in_relation(kept['changes']) | map(attribute='name') | list -%}
    {%- set compared = columns | reject('in', ['month_end', 'customer_id']) | list -%}
    {%- set changed = month_ends_changed_once(observed, kept['seen'], columns, compared) if some | length == 1
        else month_ends_changed(observed, kept['seen'], columns, compared) -%}
    {%- do run_statement('insert into ' ~ kept['changes'] ~ ' ' ~ changed) -%}
    {%- set marks -%}
        {%- for month in some %}
        select date '{{ month['month_end'] }}', '{{ month['fingerprint'] }}', '{{ rules }}'{{ ' union all' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {%- do run_statement('insert into ' ~ kept['months'] ~ ' ' ~ marks) -%}
    {%- do month_ends_work(
        kept['seen'],
        'select * from ' ~ observed ~ " where month_end = date '" ~ (some | last)['month_end'] ~ "'"
    ) -%}
    {% do adapter.commit() %}
{%- endmacro %}


{#- The rows of one observed month that differ from what was last seen of the customer. -#}
{% macro month_ends_changed_once(observed, seen, columns, compared) -%}
    select {% for column in columns %}observed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ observed }} as observed
    left join {{ seen }} as seen
        on observed.customer_id = seen.customer_id
    where
        seen.customer_id is null
        {%- for column in compared %}
        or observed.{{ column }} is distinct from seen.{{ column }}
        {%- endfor %}
{%- endmacro %}


{#- The rows of several observed months that differ from the customer's row before. -#}
{% macro month_ends_changed(observed, seen, columns, compared) -%}
    select {{ columns | join(', ') }}
    from (
        select
            everything.*,
            row_number() over (partition by customer_id order by month_end) as row_number_of_customer
            {%- for column in compared %},
            lag({{ column }}) over (partition by customer_id order by month_end) as {{ column }}_before
            {%- endfor %}
        from (
            select {{ columns | join(', ') }}, true as is_observed from {{ observed }}
            union all
            select {{ columns | join(', ') }}, false as is_observed from {{ seen }}
        ) as everything
    ) as compared
    where
        is_observed
        and (
            row_number_of_customer = 1
            {%- for column in compared %}
            or {{ column }} is distinct from {{ column }}_before
            {%- endfor %}
        )
{%- endmacro %}


{#- Keep what was seen at the last month for the next build, and clear the table; the materialization commits it at its end. -#}
{% macro month_ends_remember(kept) -%}
    {%- do run_statement('drop table if exists ' ~ kept['last']) -%}
    {%- do run_statement(create_table_as(false, kept['last'], 'select * from ' ~ kept['seen'])) -%}
    {%- for name in ('_seen', '_observed', '_prepared', '_days') -%}
        {%- do run_statement(drop_working_table_sql(working_table(this.identifier ~ name))) -%}
    {%- endfor -%}
{%- endmacro %}


{#- Put a query into a working table, in the place of what was there. -#}
{% macro month_ends_work(name, query) -%}
    {%- do run_statement(drop_working_table_sql(name)) -%}
    {%- do run_statement(create_working_table_sql(name, query)) -%}
{%- endmacro %}
