//! What people do with dbvc, from beginning to end.

#[macro_use]
mod stage;

mod aliases;
mod broken_off;
mod creating;
mod environments;
mod everyday;
mod examples;
mod output;
mod record;
mod rollback;
mod scripts;
mod secrets;
mod together;
mod variables;
