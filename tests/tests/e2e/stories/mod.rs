//! What people do with dbvc, from beginning to end.

mod aliases;
mod broken_off;
mod creating;
mod environments;
mod everyday;
mod examples;
mod output;
mod record;
mod rollback;
mod schema;
mod scripts;
mod secrets;
mod together;
mod variables;
