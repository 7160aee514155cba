{#- The CTEs from `placeholders` to `cleaned_ids`: `landed` with every id as it is meant, <id>_cleaned: without blanks, tabs and line ends
    around, without what Excel puts around a text (="3001", a leading apostrophe), null if nothing is left. `1001.0` is 1001 where all other
    values of the column in the batch are whole numbers: that is what is left of ids that went through a table of floating-point numbers. -#}
{% macro cleaned_ids_ctes(name) -%}
{%- set entity = canonical_entity(name) -%}
{%- set ids = entity['columns'] | selectattr('type', 'equalto', 'id') | map(attribute='name') | list -%}
placeholders as (
    {{ placeholders_in_force() }}
),

-- one row: each kind's placeholders in one text, which every id and value is looked up in
placeholder_texts as materialized (
    {{ placeholders_as_texts() }}
),

{% if ids -%}
-- a look at the ids as they are; hardly ever is there such a batch
batches_of_floats as (
    select distinct
        _source,
        _batch_id
    from landed
    where {% for id in ids %}{{ 'or ' if not loop.first }}{{ id }} like '%.0'{{ '\n        ' if not loop.last }}{% endfor %}
),

float_ids as (
    select
        landed._source,
        landed._batch_id,
        {%- for id in ids %}
        min(case when {{ is_whole_number('landed.' ~ id) }} then 1 else 0 end) = 1 as {{ id }}_is_float{{ ',' if not loop.last }}
        {%- endfor %}
    from landed
    inner join batches_of_floats
        on
            landed._source = batches_of_floats._source
            and landed._batch_id = batches_of_floats._batch_id
    group by landed._source, landed._batch_id
),

trimmed_ids as not materialized (
    select
        landed.*,
        {%- for id in ids %}
        {{ trimmed_whole(without_nul('landed.' ~ id)) }} as {{ id }}_trimmed,
        float_ids.{{ id }}_is_float{{ ',' if not loop.last }}
        {%- endfor %}
    from landed
    left join float_ids
        on
            landed._source = float_ids._source
            and landed._batch_id = float_ids._batch_id
),

cleaned_ids as not materialized (
    select
        *,
        {%- for id in ids %}
        nullif(
            case
                when {{ id }}_is_float and {{ id }}_trimmed like '%.0' then substr({{ id }}_trimmed, 1, length({{ id }}_trimmed) - 2)
                else {{ unguarded(id ~ '_trimmed') }}
            end,
            ''
        ) as {{ id }}_cleaned{{ ',' if not loop.last }}
        {%- endfor %}
    from trimmed_ids
    {{ evaluated_once() }}
)
{%- else -%}
cleaned_ids as not materialized (
    select * from landed
)
{%- endif -%}
{%- endmacro %}


{#- The seed and what sources say of their own: kind, source (null: of all), placeholder. -#}
{% macro placeholders_in_force() -%}
    select
        kind,
        placeholder,
        cast(null as varchar) as source
    from {{ ref('placeholders') }}
    -- dbt takes this word in a seed for an empty cell
    {%- for kind in ['id', 'value'] %}
    union all
    select
        '{{ kind }}',
        'null',
        cast(null as varchar)
    {%- endfor %}
    {%- for source, kinds in var('source_rules').get('placeholders', {}).items() %}
    {%- for kind, texts in kinds.items() %}
    {%- for text in texts %}
    union all
    select
        '{{ kind }}',
        '{{ text | replace("'", "''") }}',
        '{{ source }}'
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}


{#- Columns <kind>_texts with the placeholders of all sources, and <kind>_own_texts with source:placeholder for those of single sources. -#}
{% macro placeholders_as_texts() -%}
    select
        {%- for kind in ['id', 'person', 'value', 'total'] %}
        {{ _bracketed('placeholder', "kind = '" ~ kind ~ "' and source is null") }} as {{ kind }}_texts
        {%- if var('source_rules').get('placeholders') %},
        {{ _bracketed("source || ':' || placeholder", "kind = '" ~ kind ~ "' and source is not null") }} as {{ kind }}_own_texts
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from placeholders
{%- endmacro %}


{% macro _bracketed(text, condition) -%}
    {%- set listed = "case when " ~ condition ~ " then chr(31) || " ~ text ~ " || chr(31) end" -%}
    coalesce({{ string_list(listed, text, '') }}, '')
{%- endmacro %}


{#- Whether a text is a placeholder of one of the kinds; needs the CTE `placeholder_texts`. Engines do not agree on `in (select …)`
    within a case, and plan it anew for each column. -#}
{% macro is_placeholder(text, kinds) -%}
    position(chr(31) || lower({{ text }}) || chr(31) in coalesce((select {{ kinds | join('_texts || ') }}_texts from placeholder_texts), '')) > 0
    {%- if var('source_rules').get('placeholders') %}
            or position(
                chr(31) || _source || ':' || lower({{ text }}) || chr(31)
                in coalesce((select {{ kinds | join('_own_texts || ') }}_own_texts from placeholder_texts), '')
            ) > 0
    {%- endif -%}
{%- endmacro %}


{#- Whether an id is a whole number, also as 1001.0; one that is empty or a placeholder is not in the way. -#}
{% macro is_whole_number(id) -%}
    {%- set plain = "coalesce(trim(" ~ id ~ "), '')" -%}
    translate(
            case when {{ plain }} like '%.0' then substr({{ plain }}, 1, length({{ plain }}) - 2) else {{ plain }} end, '0123456789', ''
        ) in ('', '-')
            or {{ is_placeholder(plain, ['id', 'person']) | replace('_source', 'landed._source') }}
{%- endmacro %}


{#- Whether an id was written in scientific notation: other ids have been rounded to the same one. -#}
{% macro is_scientific(id) -%}
    lower({{ id }}) like '%e+%' and translate(lower({{ id }}), '0123456789.,', '') = 'e+'
{%- endmacro %}
