{#- Where persons are named, by entities.yml: for each column that names the record of whose a row is, `entity`, `record` (SQL of the
    record's id in base_<entity>) and `happened_on` (SQL of the date of the event; none where the row is the record itself). -#}
{% macro named_records() -%}
    {%- set found = [] -%}
    {%- for name, entity in entities().items() -%}
        {%- for column in entity['columns'] if column['type'] == 'id' and column['person'] in ('record', 'owner') -%}
            {%- do found.append({
                'entity': name,
                'record': lead_record_id() if column['of'] == 'leads' else column['name'],
                'happened_on': happened_on(entity) if column['person'] == 'owner' else none,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- The names of the entities whose rows are events of a person. -#}
{% macro entities_of_events() -%}
    {{ return(named_records() | rejectattr('happened_on', 'none') | map(attribute='entity') | list) }}
{%- endmacro %}


{#- SQL of the business date of an entity's event. -#}
{% macro happened_on(entity, relation='') -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    {%- set dates = (entity['columns'] + entity['staged']) | selectattr('type', 'equalto', 'date') | map(attribute='name') | list -%}
    {%- set columns = [] -%}
    {%- for column in entity['happened'] -%}
        {%- do columns.append(prefix ~ column) -%}
    {%- endfor -%}
    {%- set first = columns[0] if columns | length == 1 else 'coalesce(' ~ columns | join(', ') ~ ')' -%}
    {{ return(first if entity['happened'][0] in dates else business_date(first)) }}
{%- endmacro %}


{#- The entities whose rows may name a person by an address or a telephone number instead of an id: `entity`, `key`, `kind` (how an event
    is called, ticket of ticket_id), whether there is an `email` and a
    `phone`, and `addresses`, those that there are. -#}
{% macro addressed_events() -%}
    {%- set found = [] -%}
    {%- for name, entity in entities().items() -%}
        {%- set columns = entity['columns'] | map(attribute='name') | list -%}
        {%- set is_record = entity['columns'] | selectattr('person', 'equalto', 'record') | list -%}
        {%- if not is_record and ('email' in columns or 'phone' in columns) -%}
            {%- do found.append({
                'entity': name,
                'key': entity['key'][0],
                'kind': entity['key'][0] | replace('_id', ''),
                'email': 'email' in columns,
                'phone': 'phone' in columns,
                'addresses': ['email', 'phone'] | select('in', columns) | list,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
