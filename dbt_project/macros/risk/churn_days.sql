{#- The days of which churn features are wanted, as date literals: D and one, two and three horizons before it (scoring), and the month
    ends between the last two of them (lead_time). -#}
{% macro churn_days() -%}
    {%- set horizon = var('risk_horizon_days') -%}
    {%- set found = [] -%}
    {%- for periods in range(4) -%}
        {%- do found.append({'observed_on': add_days(as_of_date(), -horizon * periods), 'purpose': 'scoring'}) -%}
    {%- endfor -%}
    {%- if execute -%}
        {%- set last = modules.datetime.datetime.strptime(var('as_of_date') | string, '%Y-%m-%d').date() -%}
        {%- for ago in range(1, horizon) -%}
            {%- set day = last - modules.datetime.timedelta(days=ago) -%}
            {%- if (day + modules.datetime.timedelta(days=1)).day == 1 -%}
                {%- do found.append({'observed_on': "date '" ~ day ~ "'", 'purpose': 'lead_time'}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
