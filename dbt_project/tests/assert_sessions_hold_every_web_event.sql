-- Detects: web events that are in no session or in two, sessions that the funnel or the months lose.
-- Usual cause: two events in one order, or an entry source that the grouping does not keep apart.
-- A row: what was counted, here and there; where customers are excluded, their sessions are in none.
{{ config(tags=['candidate']) }}

with events as (

    select
        count(*) as events,
        sum(case when is_counted then 0 else 1 end) as uncounted
    from {{ ref('feat_web_events') }}

),

sessions as (

    select
        count(*) as sessions,
        coalesce(sum(event_count), 0) as events,
        coalesce(sum(case when has_checkout and has_purchase then 1 else 0 end), 0) as completed
    from {{ ref('web_sessions') }}

),

funnel as (

    select
        coalesce(sum(sessions), 0) as sessions,
        coalesce(sum(completed_checkouts), 0) as completed
    from {{ ref('checkout_funnel') }}

),

final as (

    select
        events.events,
        sessions.events as events_of_sessions,
        sessions.sessions,
        funnel.sessions as sessions_of_funnel
    from events
    cross join sessions
    cross join funnel
    where
        sessions.events + coalesce(events.uncounted, 0) > events.events
        or (coalesce(events.uncounted, 0) = 0 and sessions.events <> events.events)
        or sessions.sessions <> funnel.sessions
        or sessions.completed <> funnel.completed

)

select * from final
