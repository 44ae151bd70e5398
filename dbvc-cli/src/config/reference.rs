//! `${VARIABLE}` references in the values of `dbvc.toml`.

use dbvc_engine::diagnostic::Diagnostic;

use super::codes;
use super::document::Located;
use super::surroundings::Variables;

/// What a value is used for, which decides whether what is filled in must be escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// As it is.
    Text,
    /// In a URL: what stands before the `@` is escaped, so that a password may hold any character.
    Url,
}

/// Fills in every `${NAME}` and `${NAME:-default}`; `$${` stands for `${`.
pub(super) fn resolve(
    located: &Located<String>,
    variables: &Variables,
    used: Use,
) -> Result<String, Box<Diagnostic>> {
    let template = &located.value;
    let mut filled = String::new();
    let mut rest = template.as_str();
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        if let Some(literal) = before.strip_suffix('$') {
            filled.push_str(literal);
            filled.push_str("${");
            rest = &reference[2..];
            continue;
        }
        filled.push_str(before);
        let Some(end) = reference.find('}') else {
            return Err(Box::new(
                Diagnostic::error(codes::REFERENCE, "a `${` has no `}`")
                    .label(located.label.clone())
                    .help("write `${NAME}`; `$${` stands for a plain `${`"),
            ));
        };
        let after = &reference[end + 1..];
        let value = value(&reference[2..end], located, variables)?;
        if used == Use::Url && in_user_info(&filled, after) {
            filled.push_str(&escape(&value));
        } else {
            filled.push_str(&value);
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn value(inside: &str, located: &Located<String>, variables: &Variables) -> Result<String, Box<Diagnostic>> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    if let Some(found) = variables.get(name) {
        return Ok(found.value);
    }
    if let Some(default) = default {
        return Ok(default.to_owned());
    }
    let mut label = located.label.clone();
    label.text = format!("needs {name}");
    Err(Box::new(
        Diagnostic::error(codes::REFERENCE, format!("`${{{name}}}` has no value"))
            .label(label)
            .help(format!(
                "set {name} in the environment, or in the project's `.env` file"
            )),
    ))
}

fn in_user_info(before: &str, after: &str) -> bool {
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    before.contains("://") && (authority.contains('@') || after.starts_with('@'))
}

/// Percent-encodes everything but letters, digits and `-._~` (RFC 3986, 2.3).
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            for digit in [byte >> 4, byte & 15] {
                escaped
                    .extend(char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::surroundings::Surroundings;

    fn resolved(template: &str, used: Use) -> Result<String, Box<Diagnostic>> {
        let mut surroundings = Surroundings::default();
        for (name, value) in [
            ("PW", "p@ss/w%rd"),
            ("HOST", "db.example"),
            ("ALL", "postgres://a:b@c/d"),
        ] {
            surroundings.variables.insert(name.into(), value.into());
        }
        let variables = Variables::read(&surroundings, Path::new("/nowhere")).expect("no file");
        let located = Located {
            value: template.to_owned(),
            label: dbvc_engine::diagnostic::Label::file("dbvc.toml"),
        };
        resolve(&located, &variables, used)
    }

    #[test]
    fn a_password_with_odd_characters_is_escaped_in_a_url() {
        let url = resolved("postgres://ann:${PW}@${HOST}/app", Use::Url).expect("set");
        assert_eq!(url, "postgres://ann:p%40ss%2Fw%25rd@db.example/app");
    }

    #[test]
    fn a_whole_url_is_taken_as_it_is() {
        assert_eq!(resolved("${ALL}", Use::Url).expect("set"), "postgres://a:b@c/d");
    }

    #[test]
    fn a_default_serves_where_the_variable_is_unset() {
        assert_eq!(
            resolved("${NO:-x}/${HOST:-y}", Use::Text).expect("set"),
            "x/db.example"
        );
    }

    #[test]
    fn two_dollars_are_a_literal() {
        assert_eq!(resolved("a$${PW}", Use::Text).expect("set"), "a${PW}");
    }

    #[test]
    fn a_missing_variable_is_named_with_where_to_set_it() {
        let error = resolved("x${NO}", Use::Text).expect_err("unset");
        assert_eq!(error.message, "`${NO}` has no value");
        assert!(error.help[0].contains(".env"));
    }
}
