//! The service's errors as kinds and codes, without secrets.

use std::time::Duration;

use azure_data_cosmos::CosmosError;
use dbvc_engine::error::{DriverError, ErrorKind, Operation};

use crate::settings::{Login, Settings};

/// No answer of the service is longer than this once it is told.
const LONGEST: usize = 600;

/// Removes what must not be seen from texts of the library.
#[derive(Clone)]
pub(crate) struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("****")
    }
}

impl Secrets {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self(match &settings.login {
            Login::Key(secret)
            | Login::ServicePrincipal {
                client_secret: secret,
                ..
            } => vec![secret.reveal().to_owned()],
            _ => Vec::new(),
        })
    }

    fn removed(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in self.0.iter().filter(|secret| secret.len() > 2) {
            clean = clean.replace(secret.as_str(), "****");
        }
        clean
    }

    /// A failure as the port has it.
    pub(crate) fn told(&self, trouble: &Trouble, operation: Operation) -> DriverError {
        let (status, kind) = (trouble.status(), trouble.kind());
        let made =
            DriverError::new(kind, operation, self.removed(&trouble.words())).with_code(status.to_string());
        match advice(status, kind) {
            Some(note) => made.with_note(note),
            None => made,
        }
    }
}

/// A call that failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// As the library tells it.
    Library(Box<CosmosError>),
    /// One operation of a batch failed, and with it the batch.
    Batch { status: u16, wait: Option<Duration> },
}

impl From<CosmosError> for Trouble {
    fn from(error: CosmosError) -> Self {
        Self::Library(Box::new(error))
    }
}

impl Trouble {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Library(error) => u16::from(error.status().status_code()),
            Self::Batch { status, .. } => *status,
        }
    }

    /// Whether the service itself said so; otherwise it is the library that says why there was no answer.
    pub(crate) fn is_answer(&self) -> bool {
        match self {
            Self::Library(error) => error.is_from_wire() && !error.status().is_transport_generated_503(),
            Self::Batch { .. } => true,
        }
    }

    /// Whether the same call may go through a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.status(), 408 | 410 | 429 | 449 | 500 | 502 | 503 | 504)
    }

    /// How long the service asks to wait.
    pub(crate) fn asked_to_wait(&self) -> Option<Duration> {
        match self {
            Self::Library(error) => {
                let millis = error.response()?.headers().retry_after_ms?;
                Some(Duration::from_millis(millis))
            }
            Self::Batch { wait, .. } => *wait,
        }
    }

    /// The status codes of the service ("HTTP status codes for Azure Cosmos DB").
    fn kind(&self) -> ErrorKind {
        match self.status() {
            408 | 500..=599 if !self.is_answer() => {
                if self.words().to_ascii_lowercase().contains("certificate") {
                    ErrorKind::Tls
                } else {
                    ErrorKind::Unreachable
                }
            }
            400 | 412 => ErrorKind::Statement,
            401 => ErrorKind::Unauthenticated,
            403 => ErrorKind::Denied,
            404 => ErrorKind::NotInstalled,
            409 | 449 => ErrorKind::Conflict,
            408 | 410 | 413 | 429 | 500..=599 => ErrorKind::Resources,
            _ => ErrorKind::Protocol,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Library(error) => words(error),
            Self::Batch { status, .. } => format!("the service refused a batch with status {status}"),
        }
    }
}

fn advice(status: u16, kind: ErrorKind) -> Option<&'static str> {
    match (status, kind) {
        (_, ErrorKind::Tls) => Some(
            "for an emulator on this machine, and for nothing else, set `accept_emulator_certificate = true`",
        ),
        (401, _) => Some("check the account's key, or whether the identity may get a token"),
        (403, _) => Some(
            "the identity needs the data role \"Cosmos DB Built-in Data Contributor\" on the account, and the account's \
             firewall must let this machine in",
        ),
        (429, _) => {
            Some("the containers' request units are used up; give them more, or set a longer `retry_for`")
        }
        _ => None,
    }
}

/// The message with what caused it, in one line.
fn words(error: &CosmosError) -> String {
    let mut words = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let more = cause.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        next = cause.source();
    }
    let mut line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() > LONGEST {
        let end = line.floor_char_boundary(LONGEST);
        line.truncate(end);
        line.push('…');
    }
    line
}
