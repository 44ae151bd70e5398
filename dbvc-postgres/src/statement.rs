//! What a statement is, told from its tokens: never from raw text, so that a word in a string, a quoted name or a
//! comment counts for nothing.

use dbvc_engine::driver::TransactionFit;
use dbvc_engine::sql::{Dialect, Statement, Token, TokenKind, leading_words, tokens};

#[cfg(test)]
mod tests;

/// No command is told by what comes later than this.
const LONGEST_HEAD: usize = 256;

/// The tokens at the front of a statement, comments left out.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    tokens: Vec<(String, &'a str)>,
}

impl<'a> Head<'a> {
    pub(crate) fn of(sql: &'a str) -> Self {
        let tokens = tokens(sql, &Dialect::POSTGRES)
            .filter(|token| token.kind != TokenKind::Comment)
            .take(LONGEST_HEAD)
            .map(|token| {
                let keyword = match token.kind {
                    TokenKind::Word => token.text.to_ascii_uppercase(),
                    _ => token.text.to_owned(),
                };
                (keyword, token.text)
            });
        Self {
            tokens: tokens.collect(),
        }
    }

    /// The token of number `at`: a word in upper case, anything else as written.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |(word, _)| word)
    }

    /// Whether these words stand at `at`.
    pub(crate) fn has(&self, at: usize, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(index, word)| self.word(at + index) == *word)
    }

    /// `at`, or the place after `words` where they stand there.
    pub(crate) fn skip(&self, at: usize, words: &[&str]) -> usize {
        if self.has(at, words) { at + words.len() } else { at }
    }

    /// The place after a parenthesis that opens at `at`.
    pub(crate) fn skip_parentheses(&self, at: usize) -> usize {
        if self.word(at) != "(" {
            return at;
        }
        let mut depth = 0;
        for index in at..self.tokens.len() {
            match self.word(index) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return index + 1;
            }
        }
        self.tokens.len()
    }

    /// The name that begins at `at`, as written with its schema, and the place after it.
    pub(crate) fn name(&self, at: usize) -> Option<(String, usize)> {
        let mut name = self.tokens.get(at)?.1.to_owned();
        let mut after = at + 1;
        while self.word(after) == "." {
            name = format!("{name}.{}", self.tokens.get(after + 1)?.1);
            after += 2;
        }
        Some((name, after))
    }

    /// The first place of `words` from `at` on.
    pub(crate) fn find(&self, at: usize, words: &[&str]) -> Option<usize> {
        (at..self.tokens.len()).find(|index| self.has(*index, words))
    }
}

/// Whether a statement that gives rows also changes some (`INSERT … RETURNING`).
pub(crate) fn writes(statement: &Statement) -> bool {
    let words = leading_words(&statement.sql, &Dialect::POSTGRES, 1);
    matches!(
        words.first().map(String::as_str),
        Some("INSERT" | "UPDATE" | "DELETE" | "MERGE" | "COPY")
    )
}

/// The 0-based character at which `name`, as the catalogue has it, stands in a statement, if it stands there once. For
/// unknown names that the server complains of without a place, as it does for columns of an index.
pub(crate) fn only_place(sql: &str, name: &str) -> Option<usize> {
    let is_name = |token: &Token<'_>| match token.kind {
        TokenKind::Word => token.text.to_lowercase() == name,
        TokenKind::QuotedName => token.text.trim_matches('"').replace("\"\"", "\"") == name,
        _ => false,
    };
    let mut places = tokens(sql, &Dialect::POSTGRES).filter(is_name);
    let place = places.next()?;
    places
        .next()
        .is_none()
        .then(|| sql[..place.offset].chars().count())
}

/// Whether a transaction may hold the statement (manual, part VI "SQL Commands": each page that says "cannot be
/// executed inside a transaction block"). `ALTER TYPE … ADD VALUE` fits since version 12, although the value cannot be
/// used before the commit.
pub(crate) fn fit(sql: &str) -> TransactionFit {
    match refusal(&Head::of(sql)) {
        Some(reason) => TransactionFit::Refused(reason),
        None => TransactionFit::Fits,
    }
}

/// Whether a statement does nothing but set something for the rest of its session (manual, part VI, SET, RESET, LOAD,
/// PREPARE; 9.27.1 for `set_config`, which `pg_dump` writes).
pub(crate) fn sets_session(sql: &str) -> bool {
    let head = Head::of(sql);
    match (head.word(0), head.word(1)) {
        ("SET", "LOCAL" | "TRANSACTION" | "CONSTRAINTS") => false,
        ("SET" | "RESET" | "LOAD" | "DEALLOCATE" | "DISCARD", _) => true,
        ("PREPARE", second) => second != "TRANSACTION",
        ("SELECT", _) => {
            let call = head.skip(1, &["PG_CATALOG", "."]);
            let after = head.skip_parentheses(call + 1);
            let calls_more = head.find(call + 2, &["("]).is_some();
            head.has(call, &["SET_CONFIG", "("]) && head.word(after).is_empty() && !calls_more
        }
        _ => false,
    }
}

/// Whether a statement that runs outside a transaction is undone as a whole by its failure. Procedures and blocks may
/// commit on their way (manual, 43.8 "Transaction Management").
pub(crate) fn is_atomic(sql: &str) -> bool {
    let head = Head::of(sql);
    match head.word(0) {
        "CALL" => false,
        // Its language may be any; one that commits says so, runs another text, or calls what may.
        "DO" => {
            let upper = sql.to_uppercase();
            !["COMMIT", "ROLLBACK", "CALL", "EXECUTE"]
                .iter()
                .any(|word| upper.contains(word))
        }
        _ => refusal(&head).is_none(),
    }
}

/// Whether a statement waits for locks that do not stand in others' way: the concurrent forms, and `VACUUM` but for its
/// full form (manual, 13.3.1 "Table-Level Locks").
pub(crate) fn lets_pass(sql: &str) -> bool {
    let head = Head::of(sql);
    match head.word(0) {
        "CREATE" | "DROP" | "REINDEX" | "ALTER" => {
            refusal(&head).is_some_and(|why| why.contains("CONCURRENTLY"))
        }
        "VACUUM" => {
            let options = head.skip_parentheses(1);
            head.word(1) != "FULL" && head.find(1, &["FULL"]).is_none_or(|at| at >= options)
        }
        _ => false,
    }
}

fn refusal(head: &Head<'_>) -> Option<&'static str> {
    match (head.word(0), head.word(1)) {
        ("CREATE", "UNIQUE" | "INDEX") => {
            let at = head.skip(1, &["UNIQUE"]);
            head.has(at, &["INDEX", "CONCURRENTLY"])
                .then_some("CREATE INDEX CONCURRENTLY waits for other transactions to end")
        }
        ("DROP", "INDEX") => head
            .has(2, &["CONCURRENTLY"])
            .then_some("DROP INDEX CONCURRENTLY waits for other transactions to end"),
        ("REINDEX", _) => reindex(head),
        ("VACUUM", _) => Some("VACUUM works in transactions of its own"),
        ("CREATE" | "DROP", "DATABASE") => Some("a database is made and dropped outside every transaction"),
        ("CREATE" | "DROP", "TABLESPACE") => {
            Some("a tablespace is made and dropped outside every transaction")
        }
        ("ALTER", "SYSTEM") => Some("ALTER SYSTEM writes a file, which cannot be rolled back"),
        ("ALTER", "DATABASE") => head
            .find(3, &["SET", "TABLESPACE"])
            .map(|_| "moving a database to another tablespace cannot be rolled back"),
        (_, "SUBSCRIPTION") => subscription(head),
        ("ALTER", "TABLE") => detach(head),
        ("CLUSTER", _) => cluster(head),
        ("COMMIT" | "ROLLBACK", "PREPARED") => {
            Some("a prepared transaction is ended outside every transaction")
        }
        ("DISCARD", "ALL") => Some("DISCARD ALL resets the session, its transaction included"),
        _ => None,
    }
}

/// `REINDEX` of one table or index fits; of more, or concurrently, it works in transactions of its own.
fn reindex(head: &Head<'_>) -> Option<&'static str> {
    let at = head.skip_parentheses(1);
    let option = head.find(1, &["CONCURRENTLY"]).filter(|found| *found < at);
    let off = option.is_some_and(|found| matches!(head.word(found + 1), "FALSE" | "OFF" | "0"));
    let concurrently = (option.is_some() && !off) || head.word(at + 1) == "CONCURRENTLY";
    if concurrently {
        return Some("REINDEX CONCURRENTLY waits for other transactions to end");
    }
    matches!(head.word(at), "SCHEMA" | "DATABASE" | "SYSTEM")
        .then_some("REINDEX of more than one table works in transactions of its own")
}

fn subscription(head: &Head<'_>) -> Option<&'static str> {
    let is_off = |option: &str| {
        head.find(3, &[option]).is_some_and(|at| {
            let value = if head.word(at + 1) == "=" { at + 2 } else { at + 1 };
            matches!(
                head.word(value).trim_matches('\''),
                "FALSE" | "OFF" | "0" | "false" | "off"
            )
        })
    };
    match head.word(0) {
        "CREATE" => (!is_off("CREATE_SLOT") && !is_off("CONNECT"))
            .then_some("CREATE SUBSCRIPTION makes a slot on the other server, which cannot be rolled back"),
        "DROP" => Some("DROP SUBSCRIPTION drops a slot on the other server, which cannot be rolled back"),
        "ALTER" => (head.find(3, &["PUBLICATION"]).is_some() && !is_off("REFRESH"))
            .then_some("refreshing a subscription asks the other server, which cannot be rolled back"),
        _ => None,
    }
}

fn detach(head: &Head<'_>) -> Option<&'static str> {
    let at = head.find(2, &["DETACH", "PARTITION"])?;
    let (_, after) = head.name(at + 2)?;
    (head.word(after) == "CONCURRENTLY")
        .then_some("DETACH PARTITION CONCURRENTLY waits for other transactions to end")
}

fn cluster(head: &Head<'_>) -> Option<&'static str> {
    let at = head.skip(head.skip_parentheses(1), &["VERBOSE"]);
    head.word(at)
        .is_empty()
        .then_some("CLUSTER without a table works in transactions of its own")
}
