{#- A materialization: what is left of lots that are consumed in the order in which they expire.

    The model's query gives the events of all ledgers, one row per event: ledger (a text), event_number (from 1, in the order of
    what happened), phase (see settle_lots), lot_number (the event_number of the lot that comes or expires; null where points are
    used), arrived, used, is_expiry, ranked_at (when the lot expires, which is the order of consumption), and whatever describes a
    lot. The table has the columns of the events that bring a lot, and of each lot

    used_points, expired_points, open_points   which add up to what arrived

    Beside them stands one row a ledger with lot_number 0, whose open_points are the ledger's debt as a negative number.

    The phases are in macros/loyalty/settle_lots.sql. -#}
{% materialization point_lots, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set events = working_table(this.identifier ~ '__events') -%}
    {%- set settled = working_table(this.identifier ~ '__settled') -%}
    {%- set phase = working_table(this.identifier ~ '__phase') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- for table in (events, settled, phase) -%}
        {%- do run_statement(drop_working_table_sql(table)) -%}
    {%- endfor -%}
    {%- do run_statement(create_working_table_sql(events, compiled_code)) -%}
    {%- do settle_lots(events, settled, phase) -%}

    {%- if existing is not none -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ create_table_as(false, target_relation, settled_lots_sql(events, settled)) }}
    {%- endcall -%}
    {%- for table in (events, settled) -%}
        {%- do run_statement(drop_working_table_sql(table)) -%}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
