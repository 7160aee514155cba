{#- The number of the state that is being built: how many batches have landed, and how often one was withdrawn or put back.
    Both only grow (where a batch is gone the state is built anew), so a later state has a higher number. Tables of the state carry it as `_changed_in`. -#}
{% macro state_number() -%}
    (select cast(count(*) + coalesce(sum(withdrawal_count), 0) as bigint) from {{ source('ops', 'batches') }})
{%- endmacro %}


{#- The number of the last state in which a row of this model was written; only an incremental run may ask. A row above
    this model with a higher `_changed_in` has changed since. Where a build wrote nothing the number stays, and what it
    looked at is looked at again: that changes nothing. -#}
{% macro last_state_number() -%}
    {{ return(run_query('select coalesce(max(_changed_in), 0) from ' ~ this).columns[0].values()[0] | int) }}
{%- endmacro %}
