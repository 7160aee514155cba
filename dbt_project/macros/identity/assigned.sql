{#- The model int_<entity>_assign: the events of an entity with the person that they are of, `customer_id`: the one whose record they
    name, else whose e-mail, else whose telephone number they carry, where the entity has such. `record_id` is the customer id that the
    event names, `assigned_by` says what decided. -#}
{% macro assigned(name) -%}
{%- set addressed = addressed_events() | selectattr('entity', 'equalto', name) | first -%}
with delivered as (

    select * from {{ ref('stg_' ~ name) }}

),

merged as (

    select * from {{ ref('int_records_merge') }}

),

{% if addressed -%}
found as (

    select * from {{ ref('int_events_find_customer') }}
    where kind = '{{ addressed['kind'] }}'

),

{% endif -%}
final as (

    select
        {%- for column in staged_columns(name) if column not in ('email', 'phone') %}
        {%- if column != 'customer_id' %}
        delivered.{{ column }},
        {%- else %}
        coalesce(merged.customer_id, delivered.customer_id{{ ', found.customer_id' if addressed }}) as customer_id,
        delivered.customer_id as record_id,
        {%- if addressed %}
        case
            when delivered.customer_id is not null then 'customer_id'
            else coalesce(found.assigned_by, 'none')
        end as assigned_by,
        {%- endif %}
        {%- endif %}
        {%- endfor %}
        delivered._source,
        delivered._file,
        delivered._batch_id,
        delivered._row_number,
        delivered._extracted_at,
        delivered._extra
    from delivered
    left join merged
        on delivered.customer_id = merged.record_id
    {%- if addressed %}
    left join found
        on delivered.{{ addressed['key'] }} = found.event_id
    {%- endif %}

)

select * from final
{%- endmacro %}
