//! What the adapter does against a real server. `DBVC_TEST_MSSQL_URL` names one on which databases may be made; without
//! it every test here is shown as ignored.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod mutations;
mod schema;
mod scratch;
mod stage;

use libtest_mimic::{Arguments, Trial};

pub(crate) const URL: &str = "DBVC_TEST_MSSQL_URL";

macro_rules! trials {
    ($($module:ident::$name:ident),* $(,)?) => {
        vec![$(Trial::test(concat!(stringify!($module), "::", stringify!($name)), || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on($module::$name());
            Ok(())
        })),*]
    };
}

fn main() {
    let is_there = std::env::var_os(URL).is_some();
    let trials = trials![
        schema::two_databases_made_alike_read_alike_to_the_byte,
        schema::the_record_is_left_out,
        schema::the_script_makes_an_equal_schema,
        schema::every_single_change_shows_and_is_written_and_so_is_its_undoing,
        schema::from_nothing_and_to_nothing,
        schema::the_time_of_a_change_is_known,
        schema::four_hundred_tables_are_read_at_once,
        scratch::it_is_empty_and_like_the_database_beside_it,
        scratch::whoever_is_in_it_does_not_keep_it,
    ];
    let trials = trials.into_iter().map(|trial| trial.with_ignored_flag(!is_there));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}
