//! What a mutant does wrong, and which rule must see it.

/// One thing that an adapter does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Writes whatever the fence says.
    IgnoresTheFence,
    /// Applies a unit's statements one by one.
    AppliesByHalves,
    /// Makes the record when it is only asked for it.
    InstallsWhenAsked,
    /// Never looks at the token.
    NeverStops,
    /// Counts places from one.
    CountsFromOne,
    /// Gives every holder the same number.
    KeepsTheFence,
    /// Gives a held lock to the next who asks.
    GivesAHeldLock,
    /// Renews whatever it is shown.
    RenewsAnything,
    /// Drops the reason.
    ForgetsTheReason,
    /// Doubles backslashes.
    EscapesTwice,
    /// Counts rows twice.
    CountsTwice,
    /// Lets a query write.
    WritesInQueries,
    /// Goes on behind a failed statement.
    GoesOn,
    /// Names the wrong statement.
    BlamesTheFirst,
    /// Knows one kind of error.
    HasOneKind,
    /// Gives the oldest entries for the newest.
    LimitsFromTheFront,
    /// Counts its own tables.
    CountsTheRecord,
    /// Says that everything was done.
    SaysDone,
    /// Commits when it should roll back.
    CommitsInstead,
    /// Lets a reader write.
    LetsReadersWrite,
    /// Goes on behind a failed unit.
    GoesOnInTurn,
    /// Applies units without a word.
    TellsNothing,
    /// Breaks whoever holds the lock.
    BreaksAnyone,
}

/// Each fault and a rule that it breaks.
pub(crate) const FAULTS: &[(Fault, &str)] = &[
    (Fault::IgnoresTheFence, "fence::a_stale_fence_records_nothing"),
    (
        Fault::IgnoresTheFence,
        "fence::a_stale_fence_begins_no_transaction",
    ),
    (
        Fault::AppliesByHalves,
        "unit::a_failure_at_the_last_statement_leaves_nothing",
    ),
    (
        Fault::AppliesByHalves,
        "unit::a_script_that_cannot_be_read_leaves_nothing",
    ),
    (
        Fault::InstallsWhenAsked,
        "read_only::the_survey_of_a_session_that_may_write_makes_nothing",
    ),
    (
        Fault::NeverStops,
        "cancel::what_was_stopped_before_it_began_does_not_run",
    ),
    (Fault::CountsFromOne, "position::it_points_at_the_wrong_word"),
    (Fault::KeepsTheFence, "lock::the_fence_grows_with_each_holder"),
    (Fault::GivesAHeldLock, "lock::a_held_lock_is_not_given"),
    (Fault::GivesAHeldLock, "lock::ten_contenders_have_one_winner"),
    (
        Fault::RenewsAnything,
        "lost_lock::renewing_a_lost_lock_is_refused",
    ),
    (
        Fault::ForgetsTheReason,
        "history::the_history_has_what_was_recorded",
    ),
    (Fault::EscapesTwice, "history::odd_characters_come_back_unchanged"),
    (Fault::CountsTwice, "execute::rows_are_counted"),
    (Fault::WritesInQueries, "read_only::a_query_refuses_to_write"),
    (
        Fault::GoesOn,
        "execute::the_first_failure_stops_and_what_went_before_stays",
    ),
    (Fault::BlamesTheFirst, "execute::the_failing_statement_is_told"),
    (
        Fault::HasOneKind,
        "execute::a_wrong_statement_is_the_statements_fault",
    ),
    (
        Fault::LimitsFromTheFront,
        "history::the_newest_entries_can_be_had_alone",
    ),
    (
        Fault::ForgetsTheReason,
        "snapshots::a_snapshot_comes_back_as_it_was_kept",
    ),
    (
        Fault::LimitsFromTheFront,
        "snapshots::the_newest_snapshot_is_the_one_kept_last",
    ),
    (
        Fault::IgnoresTheFence,
        "snapshots::a_stale_fence_keeps_no_snapshot",
    ),
    (Fault::CountsTheRecord, "overview::the_record_does_not_count"),
    (
        Fault::SaysDone,
        "resolve::a_table_that_is_not_there_was_not_created",
    ),
    (Fault::CommitsInstead, "transaction::what_is_rolled_back_is_gone"),
    (
        Fault::GoesOnInTurn,
        "turn::a_unit_that_fails_stops_the_queue_and_those_before_it_stay",
    ),
    (
        Fault::TellsNothing,
        "turn::each_unit_is_told_when_it_begins_and_when_it_is_committed",
    ),
    (Fault::IgnoresTheFence, "turn::a_stale_fence_applies_no_unit"),
    (Fault::LetsReadersWrite, "read_only::a_reader_changes_no_row"),
    (
        Fault::BreaksAnyone,
        "lost_lock::a_holder_that_changed_is_not_broken",
    ),
];
