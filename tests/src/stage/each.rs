//! One story, and a test of it for each database.

/// The databases: a backend joins all stories and all failures by one line here. Hands the list on to another macro; each
/// has what is said of its tests, its name, the name of a test on it, and an `Option` of a [`Stage`](super::Stage).
///
/// No SQL Server can be installed by the test command, so that its tests are shown as ignored where none is named; the
/// package's `build.rs` looks.
#[macro_export]
macro_rules! for_every_database {
    ($($with:tt)*) => {
        $($with)*! {
            sqlite on_sqlite Some($crate::stage::Stage::empty_on_sqlite());
            postgres on_postgres $crate::stage::Stage::empty_on_postgres();
            mariadb on_mariadb $crate::stage::Stage::empty_on_mariadb();
            mysql on_mysql $crate::stage::Stage::empty_on_mysql();
            #[cfg_attr(not(sql_server), ignore = "DBVC_TEST_MSSQL_URL names no SQL Server")]
            mssql on_mssql $crate::stage::Stage::empty_on_mssql();
        }
    };
}

/// Stories that go the same way on every database. Each becomes one test for each.
#[macro_export]
macro_rules! on_every_database {
    ($($story:tt)*) => {
        $crate::stories_on! { a_test_on_each { $($story)* } }
    };
}

/// The same without SQL Server, for stories that have no form for it.
#[macro_export]
macro_rules! on_every_database_but_sql_server {
    ($($story:tt)*) => {
        $crate::stories_on! { a_test_on_each_but_sql_server { $($story)* } }
    };
}

/// The same on every server: a file has no sessions.
#[macro_export]
macro_rules! on_every_server {
    ($($story:tt)*) => {
        $crate::stories_on! { a_test_on_each_server { $($story)* } }
    };
}

/// The same on MySQL and MariaDB.
#[macro_export]
macro_rules! on_mysql_and_mariadb {
    ($($story:tt)*) => {
        $crate::stories_on! { a_test_on_each_of_the_family { $($story)* } }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! stories_on {
    ($which:ident { $($(#[$about:meta])* fn $name:ident($stage:ident) $body:block)* }) => {
        $(mod $name {
            use super::*;

            $(#[$about])*
            fn story($stage: $crate::stage::Stage) $body

            $crate::for_every_database! { $crate::$which }
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! a_test_on_each {
    ($($(#[$about:meta])* $database:ident $test:ident $stage:expr;)*) => {
        $(#[test]
        $(#[$about])*
        fn $test() {
            if let Some(stage) = $stage {
                story(stage);
            }
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! a_test_on_each_but_sql_server {
    () => {};
    ($(#[$about:meta])* mssql $test:ident $stage:expr; $($rest:tt)*) => {
        $crate::a_test_on_each_but_sql_server! { $($rest)* }
    };
    ($(#[$about:meta])* $other:ident $test:ident $stage:expr; $($rest:tt)*) => {
        $crate::a_test_on_each! { $(#[$about])* $other $test $stage; }
        $crate::a_test_on_each_but_sql_server! { $($rest)* }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! a_test_on_each_server {
    (sqlite $test:ident $stage:expr; $($servers:tt)*) => {
        $crate::a_test_on_each! { $($servers)* }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! a_test_on_each_of_the_family {
    () => {};
    (mariadb $test:ident $stage:expr; $($rest:tt)*) => {
        $crate::a_test_on_each! { mariadb $test $stage; }
        $crate::a_test_on_each_of_the_family! { $($rest)* }
    };
    (mysql $test:ident $stage:expr; $($rest:tt)*) => {
        $crate::a_test_on_each! { mysql $test $stage; }
        $crate::a_test_on_each_of_the_family! { $($rest)* }
    };
    ($(#[$about:meta])* $other:ident $test:ident $stage:expr; $($rest:tt)*) => {
        $crate::a_test_on_each_of_the_family! { $($rest)* }
    };
}
