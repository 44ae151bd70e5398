//! Lines for `sqlcmd` in a script: none can run here.

use super::{ScriptError, Statement, go::ends_word};

/// The commands that begin with a colon (`sqlcmd` reference, "sqlcmd commands"; SQLCMD mode of Management Studio).
const COMMANDS: [(&str, &str); 17] = [
    (
        "r",
        "put the other file's text into this script or into a migration of its own",
    ),
    (
        "setvar",
        "declare a placeholder, `placeholders.name = \"value\"` in dbvc.toml, and write `${name}` where the script has \
         `$(name)`",
    ),
    (
        "connect",
        "a migration runs in the database that dbvc is connected to; remove the line, and give other databases \
         migrations of their own",
    ),
    (
        "on error",
        "remove it: a run stops at the first error, and takes back what it did",
    ),
    (
        "out",
        "remove it; dbvc writes what the server says to its own output",
    ),
    (
        "error",
        "remove it; dbvc writes what the server says to its own output",
    ),
    (
        "perftrace",
        "remove it; dbvc writes what the server says to its own output",
    ),
    ("exit", "remove it, and what follows it; a script runs to its end"),
    ("quit", "remove it, and what follows it; a script runs to its end"),
    (
        "reset",
        "remove it, and the part of the batch before it, which `:reset` throws away",
    ),
    ("ed", "remove it; it only means something at a keyboard"),
    ("list", "remove it; it only means something at a keyboard"),
    ("listvar", "remove it; it only means something at a keyboard"),
    ("help", "remove it; it only means something at a keyboard"),
    ("serverlist", "remove it; it only means something at a keyboard"),
    ("xml", "remove it; it only changes what sqlcmd shows"),
    (
        "!!",
        "a migration runs no commands of the operating system; run them outside",
    ),
];

/// Whether a line begins with a command; `None` when more text is needed to say.
pub(super) fn is_command(line: &[u8], end_of_input: bool) -> Option<bool> {
    if line.starts_with(b"!!") {
        return Some(true);
    }
    if line.len() < 2 && !end_of_input {
        return None;
    }
    let Some(name) = line.strip_prefix(b":") else {
        return Some(false);
    };
    for (command, _) in COMMANDS {
        let known = name.len().min(command.len());
        if !name[..known].eq_ignore_ascii_case(&command.as_bytes()[..known]) {
            continue;
        }
        let whole = known == command.len();
        match name.get(known) {
            None if !end_of_input => return None,
            None if whole => return Some(true),
            Some(behind) if whole && (command == "!!" || ends_word(*behind)) => return Some(true),
            _ => {}
        }
    }
    Some(false)
}

/// Why the line cannot run. It begins with what is refused.
pub(super) fn refusal(line: &Statement) -> ScriptError {
    let text = line.sql.as_str();
    if let Some(behind) = text.strip_prefix("$(") {
        let name = behind.split(')').next().unwrap_or_default();
        return client_command(
            line,
            format!("$({name})"),
            format!(
                "use a placeholder, `${{{name}}}`, with its value in dbvc.toml or `--placeholder {name}=…`"
            ),
        );
    }
    if text
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("go"))
    {
        return ScriptError::Separator {
            origin: line.origin,
            written: text.to_owned(),
            advice: separator_advice(text),
        };
    }
    let name = text.strip_prefix(':').unwrap_or(text);
    let known = COMMANDS
        .iter()
        .filter(|(command, _)| {
            name.get(..command.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(command))
        })
        .max_by_key(|(command, _)| command.len());
    let (length, advice) = known.map_or((name.len(), "remove it"), |(command, advice)| {
        (command.len(), *advice)
    });
    let colon = text.len() - name.len();
    client_command(line, text[..colon + length].to_owned(), advice.to_owned())
}

fn client_command(line: &Statement, command: String, advice: String) -> ScriptError {
    ScriptError::ClientCommand {
        origin: line.origin,
        command,
        client: "sqlcmd",
        advice,
    }
}

fn separator_advice(written: &str) -> String {
    let behind = written[2..].trim();
    if behind.starts_with(';') {
        return "write `GO` without the `;`: with it, SQL Server's own clients send the word to the server as a part of the \
                batch; where it is a name, write `[GO]`"
            .to_owned();
    }
    if behind.split("--").next().is_some_and(|count| count.trim() == "0") {
        return "take the batch out, or put it into a comment; some clients leave it out at `GO 0`, for others it is an \
                error"
            .to_owned();
    }
    if behind.starts_with("$(") {
        return "write the count as a number; a placeholder, `${name}`, may stand for it".to_owned();
    }
    "behind `GO` only a count from 1 on and a `--` comment may stand; put the rest on a line of its own"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::sql::{Dialect, Piece, ScriptError, ScriptReader};
    use crate::text::{Origin, Placeholders, TextError, TextSource};

    /// Hands out one text as often as told.
    struct Repeated(&'static str, usize);

    impl TextSource for Repeated {
        fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
            if self.1 == 0 {
                return Ok(false);
            }
            self.1 -= 1;
            into.push_str(self.0);
            Ok(true)
        }
    }

    fn reader(text: &'static str, times: usize) -> ScriptReader<Repeated> {
        let source = Repeated(text, times);
        ScriptReader::new(
            source,
            &Dialect::MSSQL,
            Placeholders::NONE,
            "V1__a.sql",
            Origin::START,
        )
    }

    /// Where the script stops, why, and what is advised.
    fn refusal(text: &'static str) -> (String, String) {
        let mut reader = reader(text, 1);
        loop {
            let error = match reader.next_piece() {
                Ok(Some(_)) => continue,
                Ok(None) => panic!("{text} was read to its end"),
                Err(error) => error,
            };
            let place = error
                .origin()
                .map(|origin| origin.at.to_string())
                .unwrap_or_default();
            let (ScriptError::ClientCommand { advice, .. } | ScriptError::Separator { advice, .. }) = &error
            else {
                panic!("{error}")
            };
            return (format!("{place}: {error}"), advice.clone());
        }
    }

    #[test]
    fn commands_and_variables_of_sqlcmd_are_refused_where_they_stand() {
        for (text, said, advised) in [
            (
                "SELECT 1\nGO\n :r b.sql\n",
                "3:2: `:r` is a sqlcmd command, not SQL",
                "other file's text",
            ),
            (
                ":SetVar a b",
                "1:1: `:SetVar` is a sqlcmd command, not SQL",
                "${name}",
            ),
            (
                ":On Error exit",
                "1:1: `:On Error` is a sqlcmd command, not SQL",
                "first error",
            ),
            (
                ":listvar",
                "1:1: `:listvar` is a sqlcmd command, not SQL",
                "keyboard",
            ),
            (
                "!!dir",
                "1:1: `!!` is a sqlcmd command, not SQL",
                "operating system",
            ),
            (
                "GO\nUSE [$(Db)]\n",
                "2:6: `$(Db)` is a sqlcmd variable, not SQL",
                "`${Db}`",
            ),
        ] {
            let (error, advice) = refusal(text);
            assert_eq!(error, said);
            assert!(advice.contains(advised), "{text}: {advice}");
        }
    }

    #[test]
    fn a_line_that_only_looks_like_a_separator_is_refused() {
        for (text, said, advised) in [
            (
                "SELECT 1\nGO ;\n",
                "2:1: `GO ;` does not separate batches",
                "without the `;`",
            ),
            (
                "SELECT 1\n go;",
                "2:2: `go;` does not separate batches",
                "without the `;`",
            ),
            ("GO 0", "1:1: `GO 0` does not separate batches", "leave it out"),
            (
                "GO 0 -- never",
                "1:1: `GO 0 -- never` does not separate batches",
                "leave it out",
            ),
            (
                "GO two",
                "1:1: `GO two` does not separate batches",
                "only a count",
            ),
            (
                "GO $(n)",
                "1:1: `GO $(n)` does not separate batches",
                "as a number",
            ),
        ] {
            let (error, advice) = refusal(text);
            assert_eq!(error, said);
            assert!(advice.contains(advised), "{text}: {advice}");
        }
    }

    #[test]
    fn a_batch_with_a_count_runs_so_often() {
        let mut reader = reader("SELECT 1\nGO 3\n-- c\nSELECT 2", 1);
        let mut read = Vec::new();
        while let Some(batch) = reader.read_batch(1).expect("it is fine") {
            let statement = &batch.statements[0];
            read.push((statement.sql.clone(), statement.origin.at.line, batch.last));
        }
        let one = || ("SELECT 1".to_owned(), 1, false);
        assert_eq!(
            read,
            [one(), one(), one(), ("-- c\nSELECT 2".to_owned(), 3, true)]
        );
    }

    #[test]
    fn the_last_batch_knows_it_behind_comments_and_separators() {
        let mut reader = reader("SELECT 1\nGO\n\nGO\n-- the end\n", 1);
        let batch = reader.read_batch(1).expect("it is fine").expect("a batch");
        assert!(batch.last);
        assert_eq!(reader.next_piece().expect("it is fine"), None::<Piece>);
    }

    #[test]
    fn memory_is_that_of_the_largest_batch() {
        let mut reader = reader(
            "INSERT INTO t VALUES (N'it''s', '\nGO\n'); -- don't\nGO\n",
            20_000,
        );
        let mut count = 0;
        while let Some(piece) = reader.next_piece().expect("it is fine") {
            let Piece::Statement(statement) = piece else {
                panic!("{piece:?}")
            };
            assert!(statement.sql.len() < 100);
            count += 1;
        }
        assert_eq!(count, 20_000);
    }
}
