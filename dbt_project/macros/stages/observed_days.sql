{#- In a model of the materialization month_ends. -#}

{#- The relation of the month ends that are observed by one statement, column `month_end`. -#}
{% macro observed_days() -%}
{{ working_table(this.identifier ~ '_days') }}
{%- endmacro %}


{#- A relation that the materialization has prepared for those days, by the query that stands before and_then(). -#}
{% macro prepared_for_days() -%}
{{ working_table(this.identifier ~ '_prepared') }}
{%- endmacro %}


{#- Between the query of prepared_for_days() and the model's own. -#}
{% macro and_then() -%}
;  -- prepared; what is observed:
{%- endmacro %}
