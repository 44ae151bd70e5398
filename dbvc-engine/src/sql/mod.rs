//! SQL as text: what a dialect's lexical rules are, and where statements begin and end.

mod batch;
mod client;
mod comment;
mod compound;
mod copy;
mod cursor;
mod delimiter;
mod dialect;
mod feed;
mod go;
mod lexer;
mod mode;
mod script;
mod segment;
mod split;
mod sqlcmd;
mod statement;
mod track;
mod transaction;
mod transactions;
mod words;

pub use batch::{Batch, ScriptError};
pub use client::connect_database;
pub use comment::comment;
pub use copy::is_binary_copy;
pub use cursor::{Cursor, Wording};
pub use dialect::{Bodies, Dialect};
pub use lexer::TokenKind;
pub use script::{Piece, ScriptReader};
pub use segment::{PlacedSegment, Segment, SegmentKind};
pub use split::{Splitter, split};
pub use statement::{Statement, Substitution};
pub use transaction::{TransactionControl, transaction_control};
pub use transactions::{is_module, transaction_controls};
pub use words::{Token, Tokens, leading_words, tokens};
