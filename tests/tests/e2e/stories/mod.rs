//! What people do with dbvc, from beginning to end.

mod aliases;
mod audit_block;
mod audit_claims;
mod audit_files;
mod audit_gone;
mod audit_ground;
mod audit_places;
mod audit_settings;
mod audit_sinks;
mod audit_told;
mod audit_trail;
mod broken_off;
mod creating;
mod drift;
mod environments;
mod everyday;
mod examples;
mod generating;
mod output;
mod proving;
mod record;
mod release;
mod replaying;
mod rollback;
mod round_trips;
mod rules;
mod schema;
mod scripts;
mod secrets;
mod sql_server;
mod t_sql;
mod together;
mod variables;

use dbvc_tests::stage::Stage;

/// The exit code of a run whose script fails behind a `CREATE TABLE`: MySQL has committed that one, and it stays.
fn code_behind_a_table(stage: &Stage) -> i32 {
    if stage.is_mysql() { 7 } else { 6 }
}
