//! Confirmation of what is destructive.

use std::io::{BufRead, IsTerminal, Write};

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::{ExitClass, Failed};

use crate::codes;
use crate::interrupt::Interrupt;

/// Who may be asked, and what was said already.
#[derive(Debug, Clone)]
pub(crate) struct Confirmation {
    /// Whether the environment is protected. In any other nobody is asked.
    pub protected: bool,
    /// The environment's name.
    pub environment: String,
    /// The database's names: the one that is asked for, and others that are accepted.
    pub names: Vec<String>,
    /// The target as people may see it.
    pub target: String,
    /// `--yes`.
    pub yes: bool,
    /// `--confirm NAME`.
    pub confirm: Option<String>,
    /// Whether there is a terminal to ask on.
    pub terminal: bool,
}

impl Confirmation {
    /// Whether somebody sits at a terminal.
    pub(crate) fn is_terminal() -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks for the database's name before `what` is done, or takes the flags for it.
    pub(crate) fn ask(&self, what: &str, interrupt: &Interrupt) -> Result<(), Failed> {
        if !self.protected {
            return Ok(());
        }
        if let Some(name) = &self.confirm {
            return self.by_flags(name, what);
        }
        if !self.terminal || self.yes {
            return Err(self.refused(what));
        }
        let typed = interrupt.asking(|| self.typed(what));
        match typed {
            Some(name) if self.names.iter().any(|known| known == name.trim()) => Ok(()),
            Some(name) if name.trim().is_empty() => Err(declined(what)),
            Some(_) => Err(self.wrong(what)),
            None => Err(declined(what)),
        }
    }

    fn by_flags(&self, name: &str, what: &str) -> Result<(), Failed> {
        if !self.names.iter().any(|known| known == name) {
            return Err(self.wrong(what));
        }
        if self.yes || self.terminal {
            Ok(())
        } else {
            Err(self.refused(what))
        }
    }

    fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    fn typed(&self, what: &str) -> Option<String> {
        let mut screen = anstream::stderr();
        write!(
            screen,
            "\n{} is protected: this will {what} {}.\nType the database's name ({}) to go on: ",
            self.environment,
            self.target,
            self.name()
        )
        .ok()?;
        screen.flush().ok()?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).ok()?;
        Some(line)
    }

    fn refused(&self, what: &str) -> Failed {
        usage(
            Diagnostic::error(
                codes::CONFIRM,
                format!(
                    "environment {} is protected, and nobody confirmed to {what} it",
                    self.environment
                ),
            )
            .note(format!("the database is {}; nothing was changed", self.target))
            .help(format!(
                "run it on a terminal, or pass `--yes --confirm {}`",
                self.name()
            )),
        )
    }

    fn wrong(&self, what: &str) -> Failed {
        usage(
            Diagnostic::error(
                codes::CONFIRM_WRONG,
                format!("that is not the name of the database that this would {what}"),
            )
            .note(format!(
                "the database is {} at {}; nothing was changed",
                self.name(),
                self.target
            ))
            .help("check `--environment` and `--database`: `dbvc config` shows where they came from"),
        )
    }
}

fn declined(what: &str) -> Failed {
    usage(Diagnostic::error(
        codes::DECLINED,
        format!("not confirmed to {what}; nothing was changed"),
    ))
}

fn usage(diagnostic: Diagnostic) -> Failed {
    Failed::one(ExitClass::Usage, diagnostic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confirmation(yes: bool, confirm: Option<&str>) -> Confirmation {
        Confirmation {
            protected: true,
            environment: "production".into(),
            names: vec!["shop".into(), "main".into()],
            target: "postgres://db/shop".into(),
            yes,
            confirm: confirm.map(ToOwned::to_owned),
            terminal: false,
        }
    }

    fn code(confirmation: &Confirmation) -> Option<String> {
        let failed = confirmation.ask("roll back", &Interrupt::default()).err()?;
        assert_eq!(failed.exit, ExitClass::Usage);
        Some(failed.diagnostics[0].code.clone())
    }

    #[test]
    fn an_unprotected_environment_asks_nobody() {
        let open = Confirmation {
            protected: false,
            ..confirmation(false, None)
        };
        assert_eq!(code(&open), None);
    }

    #[test]
    fn without_a_terminal_both_flags_are_wanted() {
        assert_eq!(code(&confirmation(false, None)).as_deref(), Some(codes::CONFIRM));
        assert_eq!(code(&confirmation(true, None)).as_deref(), Some(codes::CONFIRM));
        assert_eq!(
            code(&confirmation(false, Some("shop"))).as_deref(),
            Some(codes::CONFIRM)
        );
        assert_eq!(code(&confirmation(true, Some("shop"))), None);
    }

    #[test]
    fn a_wrong_name_is_refused_whatever_else_is_said() {
        assert_eq!(
            code(&confirmation(true, Some("shop2"))).as_deref(),
            Some(codes::CONFIRM_WRONG)
        );
    }
}
