//! Words without a flag: an environment, a migration, or both.

use dbvc_engine::diagnostic::Diagnostic;

use crate::codes;

/// What the words of `rollback` mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct What {
    /// A migration.
    pub migration: Option<String>,
    /// An environment.
    pub environment: Option<String>,
}

impl What {
    /// Tells migrations and environments apart by how they begin.
    pub fn read(words: &[String]) -> Result<Self, Box<Diagnostic>> {
        let mut what = Self::default();
        for word in words {
            let slot = if is_migration(word) {
                &mut what.migration
            } else {
                &mut what.environment
            };
            if let Some(first) = slot.replace(word.clone()) {
                return Err(Box::new(
                    Diagnostic::error(
                        codes::WORDS,
                        format!("`{first}` and `{word}` cannot both be meant"),
                    )
                    .help("name one migration by its id, such as 1.3.0 or R__views, and at most one environment"),
                ));
            }
        }
        Ok(what)
    }
}

/// `1.3.0`, `V1.3.0`, `R__views`, `20251127_143000`.
fn is_migration(word: &str) -> bool {
    let rest = word
        .strip_prefix(['V', 'v', 'B', 'b', 'U', 'u', 'R', 'r'])
        .unwrap_or(word);
    let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    digits(word) || word.contains("__") || (rest.len() < word.len() && digits(rest))
}

/// The environment that is meant when one is given by its place and perhaps by its flag too.
pub fn place(flag: Option<&String>, place: Option<&String>) -> Result<Option<String>, Box<Diagnostic>> {
    match (flag, place) {
        (Some(flag), Some(place)) if flag != place => Err(Box::new(
            Diagnostic::error(
                codes::WORDS,
                format!("the environment is said twice: `{place}` and `--environment {flag}`"),
            )
            .help("say it once"),
        )),
        (flag, place) => Ok(flag.or(place).cloned()),
    }
}
