{%- set texts = ['metric', 'column_name', 'definition', 'formula', 'unit'] %}
{%- set names = vars_named_in(ref('metric_definitions'), texts).split(',') | select | list %}
{%- set steps = names | batch(6) | list or [[]] %}

with metric_definitions as (

    select * from {{ ref('metric_definitions') }}

),

-- a few vars at a time: all at once would be a call two dozen levels deep
{% for names in steps %}
filled_{{ loop.index }} as (

    select
        {{ with_vars_in_force('metric', names) }} as metric,
        metric_name,
        table_name,
        {{ with_vars_in_force('column_name', names) }} as column_name,
        {{ with_vars_in_force('definition', names) }} as definition,
        {{ with_vars_in_force('formula', names) }} as formula,
        {{ with_vars_in_force('unit', names) }} as unit
    from {{ 'metric_definitions' if loop.first else 'filled_' ~ loop.index0 }}

),

{% endfor %}
final as (

    select
        cast(metric as varchar) as metric,
        cast(metric_name as varchar) as name,
        cast(table_name as varchar) as table_name,
        cast(column_name as varchar) as column_name,
        -- old names, deprecated for one version: they are reserved words
        cast(table_name as varchar) as {{ adapter.quote('table') }},  -- noqa: RF06
        cast(column_name as varchar) as {{ adapter.quote('column') }},
        cast(definition as varchar) as definition,
        cast(formula as varchar) as formula,
        cast(unit as varchar) as unit,
        {{ as_of_date() }} as as_of_date
    from filled_{{ steps | length }}

)

select * from final
