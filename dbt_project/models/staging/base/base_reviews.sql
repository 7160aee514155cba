{{ config(meta=versions_of('reviews')) }}

with {{ landed_cte('reviews') }},

{{ typed_cte('reviews') }},

{{ checked_cte('reviews') }}

select * from checked
