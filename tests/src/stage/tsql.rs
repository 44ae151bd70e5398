//! The stories' SQL in SQL Server's words.
//!
//! Stories are told in what most databases understand. A script that holds a line `GO` is T-SQL already, and stays as it
//! is.

/// A part of a script: a string, a word, or one other character.
fn parts(script: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = script;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let end = match first {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '|' if rest.starts_with("||") => 2,
            _ if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts
}

/// A script, one batch for each statement that ends with its line: so each is a step of its own, as elsewhere.
pub(super) fn script(text: &str) -> String {
    if is_t_sql(text) {
        return text.to_owned();
    }
    let text = statement(text);
    let mut batches = String::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        batches.push_str(line);
        if line.ends_with(";\n") && lines.peek().is_some() {
            batches.push_str("GO\n");
        }
    }
    batches
}

/// Statements in T-SQL's words.
pub(super) fn statement(text: &str) -> String {
    if is_t_sql(text) {
        return text.to_owned();
    }
    let renamed: Vec<String> = parts(text).into_iter().map(renamed).collect();
    let joined = concatenated(&renamed).concat();
    fetched(&joined.replace("add column ", "add "))
}

fn is_t_sql(text: &str) -> bool {
    text.lines().any(|line| line == "GO")
}

/// The batches of what [`script`] made.
pub(super) fn batches(script: &str) -> Vec<String> {
    let lines: Vec<&str> = script.lines().collect();
    let batches = lines.split(|line| *line == "GO").map(|lines| lines.join("\n"));
    batches.filter(|batch| !batch.trim().is_empty()).collect()
}

fn renamed(part: &str) -> String {
    match part {
        "text" => "nvarchar(400)".to_owned(),
        "boolean" => "bit".to_owned(),
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        // That word is a row's version there.
        "timestamp" => "datetime2".to_owned(),
        other => other.to_owned(),
    }
}

/// `a || b || c` as `concat(a, b, c)`.
fn concatenated(parts: &[String]) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        if parts[at] != "||" {
            done.push(parts[at].clone());
            at += 1;
            continue;
        }
        let first = operand_before(&done);
        let mut joined = done.split_off(first).concat();
        while parts.get(at).is_some_and(|part| part == "||") {
            let begin = at + 1 + blanks(&parts[at + 1..]);
            let end = operand_behind(parts, begin);
            let operand = concatenated(&parts[begin..end]).concat();
            joined = format!("{}, {operand}", joined.trim_end());
            let gap = blanks(&parts[end..]);
            let more = parts.get(end + gap).is_some_and(|part| part == "||");
            at = if more { end + gap } else { end };
        }
        done.push(format!("concat({joined})"));
    }
    done
}

fn blanks(parts: &[String]) -> usize {
    parts.iter().take_while(|part| part.trim().is_empty()).count()
}

/// Where the operand begins that `done` ends with: a string, a name, a call or brackets.
fn operand_before(done: &[String]) -> usize {
    let mut at = done.len();
    while at > 0 && done[at - 1].trim().is_empty() {
        at -= 1;
    }
    let mut depth = 0;
    while at > 0 {
        match done[at - 1].as_str() {
            ")" => depth += 1,
            "(" => depth -= 1,
            part if depth == 0 && is_end(part) => break,
            _ => {}
        }
        if depth < 0 {
            break;
        }
        at -= 1;
    }
    at
}

fn operand_behind(parts: &[String], begin: usize) -> usize {
    let mut depth = 0;
    for (at, part) in parts.iter().enumerate().skip(begin) {
        match part.as_str() {
            "(" => depth += 1,
            ")" if depth == 0 => return at,
            ")" => depth -= 1,
            part if depth == 0 && is_end(part) => return at,
            _ => {}
        }
    }
    parts.len()
}

fn is_end(part: &str) -> bool {
    part.trim().is_empty() || matches!(part, "," | ";" | "||" | "=")
}

/// `order by a limit 1` as SQL Server says it.
fn fetched(text: &str) -> String {
    let Some((before, behind)) = text.split_once(" limit ") else {
        return text.to_owned();
    };
    let end = behind
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(behind.len());
    let (count, rest) = behind.split_at(end);
    format!(
        "{before} offset 0 rows fetch next {count} rows only{}",
        fetched(rest)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_that_ends_with_its_line_is_a_batch() {
        let told = script("-- a; text\ncreate table a(b text);\ninsert into a values ('text;');\n");
        assert_eq!(
            told,
            "-- a; text\ncreate table a(b nvarchar(400));\nGO\ninsert into a values ('text;');\n"
        );
        assert_eq!(script(&told), told);
        assert_eq!(batches(&told).len(), 2);
    }

    #[test]
    fn texts_are_joined_by_a_function() {
        for (text, wanted) in [
            ("select a || 'x' || b from t", "select concat(a, 'x', b) from t"),
            (
                "select cast(n as text) || coalesce(' ' || b, '') from t",
                "select concat(cast(n as nvarchar(400)), coalesce(concat(' ', b), '')) from t",
            ),
            (
                "select count(*) || '' from t",
                "select concat(count(*), '') from t",
            ),
        ] {
            assert_eq!(statement(text), wanted);
        }
    }

    #[test]
    fn types_and_truths_have_other_words_and_strings_keep_theirs() {
        let told =
            statement("create table a(b boolean default true, c timestamp, d text default 'true text')");
        assert_eq!(
            told,
            "create table a(b bit default 1, c datetime2, d nvarchar(400) default 'true text')"
        );
    }

    #[test]
    fn a_limit_is_an_offset() {
        assert_eq!(
            statement("(select a from t order by a limit 1)"),
            "(select a from t order by a offset 0 rows fetch next 1 rows only)"
        );
    }
}
