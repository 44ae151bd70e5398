//! Where a text begins or ends transactions: a statement with its first words, a batch anywhere in it.

use super::{Dialect, Token, TokenKind, leading_words, tokens, transaction_control};

/// Where in `sql` transactions begin or end, with the words that do it: at most one place in a statement, any number in a
/// batch. The body of a module that a batch creates does not count, and neither does a savepoint.
pub fn transaction_controls(sql: &str, dialect: &Dialect) -> Vec<(usize, String)> {
    if !dialect.go_batches {
        let words = transaction_control(sql, dialect).map(|_| leading_words(sql, dialect, 2).join(" "));
        return words.into_iter().map(|words| (0, words)).collect();
    }
    let tokens: Vec<Token<'_>> = tokens(sql, dialect)
        .filter(|token| token.kind != TokenKind::Comment)
        .collect();
    if is_module(&tokens) {
        return Vec::new();
    }
    (0..tokens.len())
        .filter_map(|at| Some((tokens[at].offset, control(&tokens, at)?)))
        .collect()
}

/// Whether a batch defines a procedure, a function, a trigger or a view, whose text it then is to its end.
pub fn is_module(tokens: &[Token<'_>]) -> bool {
    let words: Vec<&Token<'_>> = tokens
        .iter()
        .skip_while(|token| token.is_symbol(';'))
        .take(4)
        .collect();
    let is = |at: usize, options: &[&str]| {
        words
            .get(at)
            .is_some_and(|word| options.iter().any(|option| word.is_word(option)))
    };
    let kind = match () {
        () if is(0, &["CREATE"]) && is(1, &["OR"]) && is(2, &["ALTER"]) => 3,
        () if is(0, &["CREATE", "ALTER"]) => 1,
        () => return false,
    };
    is(kind, &["PROC", "PROCEDURE", "FUNCTION", "TRIGGER", "VIEW"])
}

/// The statement at `at`, where it begins or ends a transaction (Transact-SQL reference, "BEGIN TRANSACTION" and its
/// kin). `COMMIT` and `ROLLBACK` are reserved words there, and so never names.
fn control(tokens: &[Token<'_>], at: usize) -> Option<String> {
    let is = |at: usize, options: &[&str]| {
        tokens
            .get(at)
            .is_some_and(|token| options.iter().any(|option| token.is_word(option)))
    };
    let whole = |words: usize| {
        let texts = tokens[at..]
            .iter()
            .take(words)
            .map(|token| token.text.to_ascii_uppercase());
        Some(texts.collect::<Vec<_>>().join(" "))
    };
    if is(at, &["BEGIN"]) && is(at + 1, &["TRAN", "TRANSACTION"]) {
        return whole(2);
    }
    if is(at, &["BEGIN"]) && is(at + 1, &["DISTRIBUTED"]) {
        return whole(3);
    }
    if is(at, &["COMMIT"]) {
        return whole(1 + usize::from(is(at + 1, &["TRAN", "TRANSACTION", "WORK"])));
    }
    // `ALTER DATABASE … WITH ROLLBACK IMMEDIATE` is about the transactions of others.
    let of_others = at > 0 && is(at - 1, &["WITH"]);
    if is(at, &["ROLLBACK"]) && !of_others {
        if !is(at + 1, &["TRAN", "TRANSACTION"]) {
            return whole(1 + usize::from(is(at + 1, &["WORK"])));
        }
        let to = tokens.get(at + 2);
        return match to {
            Some(name) if saves(&tokens[..at], name) => None,
            _ => whole(2),
        };
    }
    None
}

/// Whether `SAVE TRANSACTION name` stands there.
fn saves(tokens: &[Token<'_>], name: &Token<'_>) -> bool {
    tokens.windows(3).any(|three| {
        (three[0].is_word("SAVE"))
            && (three[1].is_word("TRAN") || three[1].is_word("TRANSACTION"))
            && three[2].text == name.text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sql: &str) -> Vec<(usize, String)> {
        transaction_controls(sql, &Dialect::MSSQL)
    }

    #[test]
    fn a_batch_that_begins_or_ends_a_transaction_says_where() {
        for (sql, expected) in [
            ("begin tran; select 1", (0, "BEGIN TRAN")),
            ("select 1\nBEGIN TRANSACTION t", (9, "BEGIN TRANSACTION")),
            ("BEGIN DISTRIBUTED TRAN", (0, "BEGIN DISTRIBUTED TRAN")),
            ("IF @@ERROR <> 0 BEGIN ROLLBACK END", (22, "ROLLBACK")),
            ("select 1 commit work", (9, "COMMIT WORK")),
            (
                "begin try commit tran t end try begin catch end catch",
                (10, "COMMIT TRAN"),
            ),
            ("rollback transaction elsewhere", (0, "ROLLBACK TRANSACTION")),
            ("/* create proc p as */ commit", (23, "COMMIT")),
        ] {
            assert_eq!(found(sql), [(expected.0, expected.1.to_owned())], "{sql}");
        }
        assert_eq!(found("begin tran\nselect 1\ncommit").len(), 2);
    }

    #[test]
    fn blocks_savepoints_modules_and_names_are_left_alone() {
        for sql in [
            "BEGIN SELECT 1 END",
            "BEGIN TRY SELECT 1 END TRY BEGIN CATCH THROW END CATCH",
            "BEGIN ATOMIC END",
            "BEGIN CONVERSATION TIMER (@c) TIMEOUT = 1",
            "SAVE TRAN a; SELECT 1; ROLLBACK TRAN a",
            "ALTER DATABASE shop SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE",
            "ALTER DATABASE CURRENT SET ENABLE_BROKER WITH ROLLBACK AFTER 10 SECONDS",
            "CREATE PROC p AS BEGIN TRAN; COMMIT",
            "create or alter procedure p as begin transaction commit",
            "-- why\nALTER TRIGGER t ON x AFTER INSERT AS ROLLBACK",
            "DECLARE @commit int = 1, @rollback int; SELECT @commit AS [commit]",
            "SELECT * INTO #commit FROM t",
            "PRINT 'commit'; EXEC('begin tran')",
            "-- commit\nSELECT 1",
        ] {
            assert_eq!(found(sql), [], "{sql}");
        }
    }

    #[test]
    fn a_statement_of_another_dialect_is_looked_at_as_a_whole() {
        let found = |sql| transaction_controls(sql, &Dialect::POSTGRES);
        assert_eq!(found("commit and chain"), [(0, "COMMIT AND".to_owned())]);
        assert_eq!(found("select 1 as commit"), []);
    }
}
