//! Lines for psql in a script: a few are harmless, the rest cannot run here.

/// What becomes of a client command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It changes nothing: `pg_dump` brackets its output with `\restrict` and `\unrestrict`.
    Drop,
    /// It is harmless if it names the database that the script runs in.
    Pass,
    /// It cannot run; what to do instead.
    Refuse(&'static str),
}

/// The database that a `\connect` line names; `None` when it stays in the same one.
///
/// Reads what `pg_dump` writes: a name, quoted or not, or a connection string behind `-reuse-previous`.
pub fn connect_database(line: &str) -> Option<String> {
    let arguments = line
        .trim_start_matches(|letter: char| !letter.is_whitespace())
        .trim_start();
    let mut name = unquote(arguments);
    if name.starts_with("-reuse-previous") {
        name = unquote(arguments[name.len()..].trim_start());
    }
    if let Some((_, value)) = name.split_once("dbname=") {
        name = connection_value(value);
    }
    (!name.is_empty() && name != "-").then_some(name)
}

/// The first argument as psql reads it: quotes of either kind enclose, a doubled quote stands for itself.
fn unquote(arguments: &str) -> String {
    let mut letters = arguments.chars().peekable();
    let Some(quote) = letters.next_if(|letter| matches!(letter, '\'' | '"')) else {
        return letters.take_while(|letter| !letter.is_whitespace()).collect();
    };
    let mut value = String::new();
    while let Some(letter) = letters.next() {
        if letter == quote && letters.next_if_eq(&quote).is_none() {
            break;
        }
        value.push(letter);
    }
    value
}

/// A value of a connection string: `'…'` encloses, a backslash escapes.
fn connection_value(text: &str) -> String {
    let quoted = text.starts_with('\'');
    let mut letters = text.chars().skip(usize::from(quoted));
    let mut value = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next()),
            '\'' if quoted => break,
            letter if letter.is_whitespace() && !quoted => break,
            letter => value.push(letter),
        }
    }
    value
}

/// The command's name with its backslash.
pub(super) fn name(text: &str) -> &str {
    let end = text[1..].find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    match end {
        Some(0) => &text[..text.ceil_char_boundary(2)],
        Some(end) => &text[..=end],
        None => text,
    }
}

/// What becomes of the command of this name.
pub(super) fn judge(name: &str) -> Verdict {
    match name {
        "\\restrict" | "\\unrestrict" => Verdict::Drop,
        "\\connect" | "\\c" => Verdict::Pass,
        _ => Verdict::Refuse(advice(name)),
    }
}

fn advice(name: &str) -> &'static str {
    match name {
        "\\i" | "\\ir" | "\\include" | "\\include_relative" => {
            "put the other file's text into this script or into a migration of its own"
        }
        "\\copy" => "write COPY … FROM STDIN with the rows in the script, ended by a line `\\.`",
        "\\set" | "\\unset" | "\\getenv" | "\\prompt" | "\\gset" => {
            "use a placeholder, `${name}`, instead of a psql variable"
        }
        "\\gexec" => "run the built statements with EXECUTE in a DO block",
        "\\g" | "\\gx" | "\\gdesc" | "\\bind" | "\\parse" | "\\sendpipeline" | "\\crosstabview"
        | "\\watch" => "end the statement with `;`",
        "\\if" | "\\elif" | "\\else" | "\\endif" => {
            "decide in a DO block with IF … THEN, or in two migrations"
        }
        "\\." => "this line ends the rows of a COPY … FROM STDIN, and no such statement is open; remove it",
        "\\!" => "a migration runs no shell commands; run them outside",
        "\\echo" | "\\qecho" | "\\warn" => "remove it, or use RAISE NOTICE in a DO block",
        "\\encoding" => "remove it, and save the file as UTF-8",
        "\\;" => "write a plain `;`",
        _ => "remove it; only psql understands it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_connect_is_read_as_psql_reads_it() {
        assert_eq!(connect_database("\\connect shop").as_deref(), Some("shop"));
        assert_eq!(
            connect_database("\\c \"My \"\"Shop\"\"\" me").as_deref(),
            Some("My \"Shop\"")
        );
        let written_by_pg_dump = "\\connect -reuse-previous=on \"dbname='it\\'s = here'\"";
        assert_eq!(
            connect_database(written_by_pg_dump).as_deref(),
            Some("it's = here")
        );
        assert_eq!(connect_database("\\c"), None);
        assert_eq!(connect_database("\\connect - me"), None);
    }

    #[test]
    fn commands_are_named_up_to_their_arguments() {
        assert_eq!(name("\\i other.sql"), "\\i");
        assert_eq!(name("\\!ls"), "\\!");
        assert_eq!(name("\\"), "\\");
        assert_eq!(name("\\é"), "\\é");
        assert_eq!(name("\\connect"), "\\connect");
    }
}
