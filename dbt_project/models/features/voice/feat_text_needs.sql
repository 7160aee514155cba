with texts as (

    select * from {{ ref('feat_texts') }}

),

phrases as (

    select * from {{ ref('feat_need_phrases') }}

),

-- a negation reaches no further than its clause
clauses as (

    select
        kind,
        event_id,
        ' ' || {{ split_into_rows('words', '[' ~ clause_ends() ~ ']') }} || ' ' as clause
    from texts

),

places as (

    select
        kind,
        event_id,
        clause,
        {{ numbers_up_to('length(clause)') }} as place
    from clauses
    where length(clause) > 3

),

-- looked up by its first characters, whatever the number of keywords
found as (

    select distinct
        places.kind,
        places.event_id,
        places.clause,
        places.place,
        phrases.phrase,
        phrases.except_in,
        phrases.language,
        places.place + phrases.phrase_length - 1 as last_place
    from places
    inner join phrases
        on
            phrases.first_characters = {{ first_characters('places.clause', 'places.place') }}
            and phrases.phrase = substr(places.clause, places.place, phrases.phrase_length)

),

exceptions as (

    select distinct
        phrase,
        {{ as_phrase('exception', 'language') }} as exception
    from (
        select
            phrase,
            language,
            {{ split_into_rows('except_in', '[|]') }} as exception
        from phrases
        where except_in is not null
    ) as listed

),

excepted as (

    select distinct
        found.kind,
        found.event_id,
        found.clause,
        found.place,
        found.phrase
    from found
    inner join exceptions
        on found.phrase = exceptions.phrase
    where
        -- where the phrase stands in the exception, and so the exception in the clause
        found.place >= position(exceptions.phrase in exceptions.exception)
        and substr(
            found.clause,
            found.place - position(exceptions.phrase in exceptions.exception) + 1,
            length(exceptions.exception)
        ) = exceptions.exception

),

counted as (

    select
        found.kind,
        found.event_id,
        found.clause,
        found.place,
        found.phrase,
        found.last_place
    from found
    left join excepted
        on
            found.kind = excepted.kind
            and found.event_id = excepted.event_id
            and found.clause = excepted.clause
            and found.place = excepted.place
            and found.phrase = excepted.phrase
    where excepted.phrase is null

),

-- the longest hit wins: one inside another says nothing
measured as (

    select
        kind,
        event_id,
        clause,
        place,
        phrase,
        last_place,
        max(last_place) over (
            partition by kind, event_id, clause
            order by place asc, last_place desc
            rows between unbounded preceding and 1 preceding
        ) as covered_up_to
    from counted

),

said as (

    select
        measured.kind,
        measured.event_id,
        phrases.need,
        case
            when not phrases.is_problem then false
            else not {{ is_negated('substr(measured.clause, 1, measured.place - 1)') }}
        end as is_problem
    from measured
    inner join phrases
        on measured.phrase = phrases.phrase
    where coalesce(measured.covered_up_to, 0) < measured.last_place

),

final as (

    select
        said.kind,
        said.event_id,
        said.need,
        max(case when said.is_problem then 1 else 0 end) = 1 as is_problem
    from said
    group by said.kind, said.event_id, said.need

)

select * from final
