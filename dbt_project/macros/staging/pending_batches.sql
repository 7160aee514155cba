{#- The batches that were landed after the last build of this model, as a list of dictionaries with batch_id, source, mode
    and sequence. Only an incremental run may ask. A batch of which every row was quarantined is done; one without any row
    (an empty snapshot) stays in the list, and doing it again changes nothing. -#}
{% macro pending_batches(entity) -%}
    {%- set query -%}
        select batches.batch_id, batches.source, batches.mode, batches.sequence
        from {{ source('ops', 'batches') }} as batches
        where
            batches.entity = '{{ entity }}'
            and (batches.source, batches.batch_id) not in (select distinct _source, _batch_id from {{ this }})
        order by batches.sequence
    {%- endset -%}
    {%- set found = [] -%}
    {%- for row in run_query(query) -%}
        {%- do found.append({'batch_id': row[0], 'source': row[1], 'mode': row[2], 'sequence': row[3] | int}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- The ids of the batches of an entity that were taken back. -#}
{% macro withdrawn_batches(entity) -%}
    {%- set query -%}
        select batch_id
        from {{ source('ops', 'batches') }}
        where entity = '{{ entity }}' and is_withdrawn
        order by sequence
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}


{#- The batches of which this model holds the rows otherwise than they stand by now: taken back since, or put back. Only an
    incremental run may ask, and it looks into the table only where some batch was ever taken back. -#}
{% macro turned_batches(entity) -%}
    {%- set query -%}
        select batch_id, mode, case when is_withdrawn then 1 else 0 end
        from {{ source('ops', 'batches') }}
        where entity = '{{ entity }}' and withdrawal_count > 0
        order by sequence
    {%- endset -%}
    {%- set now = {} -%}
    {%- for row in run_query(query) -%}
        {%- do now.update({row[0]: {'batch_id': row[0], 'mode': row[1], 'is_withdrawn': row[2] | int}}) -%}
    {%- endfor -%}
    {%- set turned = [] -%}
    {%- if now -%}
        {%- set held -%}
            select distinct _batch_id, case when _disposition = 'withdrawn' then 1 else 0 end
            from {{ this }}
            where _batch_id in ({{ text_literals(now.keys() | list) }})
            order by _batch_id
        {%- endset -%}
        {%- for row in run_query(held) if now[row[0]]['is_withdrawn'] != row[1] | int -%}
            {%- if now[row[0]]['mode'] != 'append' -%}
                {%- do exceptions.raise_compiler_error('batch ' ~ row[0] ~ ' was withdrawn or put back: build with --full-refresh') -%}
            {%- endif -%}
            {%- do turned.append(now[row[0]]) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(turned) }}
{%- endmacro %}


{#- Texts as SQL literals with commas between; a literal that nothing equals if there are none. -#}
{% macro text_literals(values) -%}
    {%- if not values %}''{% endif -%}
    {%- for value in values -%}
        '{{ value | replace("'", "''") }}'{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
