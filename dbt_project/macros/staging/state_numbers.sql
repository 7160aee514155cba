{#- The number of the state that is being built: how many batches have landed. Batches are only added (where one is gone
    the state is built anew), so a later state has a higher number. Tables of the state carry it as `_changed_in`. -#}
{% macro state_number() -%}
    (select count(*) from {{ source('ops', 'batches') }})
{%- endmacro %}


{#- The number of the last state in which a row of this model was written; only an incremental run may ask. A row above
    this model with a higher `_changed_in` has changed since. Where a build wrote nothing the number stays, and what it
    looked at is looked at again: that changes nothing. -#}
{% macro last_state_number() -%}
    {{ return(run_query('select coalesce(max(_changed_in), 0) from ' ~ this).columns[0].values()[0] | int) }}
{%- endmacro %}
