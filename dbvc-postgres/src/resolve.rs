//! Finding out what became of a broken-off statement.

use dbvc_engine::driver::Resolver;
use crate::session::PostgresSession;
impl Resolver for PostgresSession {}
