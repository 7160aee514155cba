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


{#- Texts as SQL literals with commas between; a literal that nothing equals if there are none. -#}
{% macro text_literals(values) -%}
    {%- if not values %}''{% endif -%}
    {%- for value in values -%}
        '{{ value | replace("'", "''") }}'{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
