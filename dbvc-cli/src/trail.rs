//! The audit trail around a command: its settings as the engine wants them, and shipping when the command is done.

use dbvc_engine::audit::{PublicKey, SigningKey, SinkTarget};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{AuditSettings, OnSinkFailure, ShipReport, SinkReport, SinkSettings, flush};
use dbvc_engine::project::{Context, ExitClass, Failed};

use crate::app::App;
use crate::config::{AuditConfig, Config, SinkConfig, codes as config_codes};
use crate::render::count;
use crate::stop::Stop;
use crate::codes;

/// What a command has to do with the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trail {
    /// It writes nothing: the trail's settings may be wrong, or lack a key that only others have.
    Aside,
    /// It reads the trail.
    Read,
    /// It may write, and what it wrote is shipped.
    Ship,
}

/// The trail's settings as the engine wants them.
pub(crate) fn settings(app: &App, config: &Config, trail: Trail) -> Result<AuditSettings, Stop> {
    let read = config.audit.as_ref().map_err(Clone::clone);
    let read = read.and_then(|audit| of(app, audit));
    match read {
        Ok(settings) => Ok(settings),
        Err(_) if trail == Trail::Aside => Ok(AuditSettings::default()),
        Err(problems) => Err(Stop::configuration(problems)),
    }
}

fn of(app: &App, audit: &AuditConfig) -> Result<AuditSettings, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut settings = AuditSettings::default();
    let unusable = |setting: &str, source: String, error: &dyn std::fmt::Display| {
        Diagnostic::error(config_codes::KEY, format!("`{setting}` cannot be used: {error}"))
            .note(format!("it came from {source}"))
            .help("`openssl genpkey -algorithm ed25519 -out audit-key.pem` makes a key")
    };
    if let Some(key) = &audit.signing_key {
        match SigningKey::from_pem(key.value.reveal()) {
            Ok(key) => settings.signing_key = Some(key),
            Err(error) => problems.push(unusable("signing_key", key.source.to_string(), &error)),
        }
    }
    if let Some(key) = &audit.public_key {
        match PublicKey::from_pem(&key.value) {
            Ok(key) => settings.public_key = Some(key),
            Err(error) => problems.push(unusable("public_key", key.source.to_string(), &error)),
        }
    }
    for sink in audit.sinks.iter().filter(|_| audit.enabled.value) {
        match self::sink(app, sink) {
            Ok(sink) => settings.sinks.push(sink),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(problems)
    }
}

fn sink(app: &App, sink: &SinkConfig) -> Result<SinkSettings, Diagnostic> {
    let url = sink.url.value.reveal();
    let driver = app
        .registry
        .audit_for_url(url)
        .map_err(|error| wrong(sink, &error, None))?;
    let options = sink.options.iter();
    let target = SinkTarget {
        name: sink.name.clone(),
        url: sink.url.value.clone(),
        options: options
            .map(|(name, option)| (name.clone(), option.value.clone()))
            .collect(),
    };
    driver.check(&target).map_err(|error| {
        let part = match &error {
            dbvc_engine::driver::TargetError::Part { part, .. } => Some(part.as_str()),
            _ => None,
        };
        wrong(sink, &error, part).help(format!("its URL looks like {}", driver.info().example_url))
    })?;
    Ok(SinkSettings {
        driver,
        target,
        on_failure: sink.on_failure.value,
    })
}

/// What is wrong with a sink's description, at the line of the part that is wrong where that is known.
fn wrong(sink: &SinkConfig, error: &dyn std::fmt::Display, part: Option<&str>) -> Diagnostic {
    let message = format!("the audit sink `{}` cannot be used: {error}", sink.name);
    let label = part
        .and_then(|part| sink.option_labels.get(part))
        .or(sink.label.as_ref());
    let problem = Diagnostic::error(config_codes::SINK, message);
    match label {
        Some(label) => problem.label(label.clone()),
        None => problem.note(format!("it came from {}", sink.url.source)),
    }
}

/// What became of shipping after a command.
pub(crate) struct Shipped {
    pub(crate) report: Option<ShipReport>,
    /// What people are told.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether a sink that must not be away was away.
    pub(crate) blocked: bool,
}

/// Ships what a command wrote. Where nothing is set up it does nothing.
pub(crate) async fn ship(context: &Context<'_>) -> Shipped {
    let audit = &context.settings.audit;
    let mut shipped = Shipped {
        report: None,
        diagnostics: Vec::new(),
        blocked: false,
    };
    if audit.sinks.is_empty() && audit.signing_key.is_none() {
        return shipped;
    }
    match flush(context).await {
        Ok(report) => {
            shipped.diagnostics = trouble(&report);
            shipped.blocked = report.blocking().next().is_some();
            shipped.report = Some(report);
        }
        Err(failed) => {
            let blocks = |sink: &SinkSettings| sink.on_failure == OnSinkFailure::Block;
            shipped.blocked = audit.sinks.iter().any(blocks);
            shipped.diagnostics = failed.diagnostics;
        }
    }
    shipped
}

/// What is said of sinks that do not have all, as each one's policy wants it.
pub(crate) fn trouble(report: &ShipReport) -> Vec<Diagnostic> {
    report.failed().filter_map(about).collect()
}

fn about(sink: &SinkReport) -> Option<Diagnostic> {
    let message = format!(
        "the audit sink `{}` does not have all: {} in the database",
        sink.sink,
        match sink.waiting {
            1 => "1 event waits".to_owned(),
            waiting => format!("{} wait", count(waiting, "event")),
        }
    );
    let diagnostic = match sink.on_failure {
        OnSinkFailure::Block => Diagnostic::error(codes::SINK_AWAY, message),
        OnSinkFailure::Warn => Diagnostic::warning(codes::SINK_AWAY, message),
        OnSinkFailure::Spool => return None,
    };
    let why = sink.failure.clone().unwrap_or_default();
    Some(diagnostic.note(why).help("nothing is lost: the next run ships them, or `dbvc audit flush`"))
}

/// A failure to reach a sink, with exit code 9.
pub(crate) fn unavailable(diagnostics: Vec<Diagnostic>) -> Failed {
    Failed {
        exit: ExitClass::AuditUnavailable,
        diagnostics,
        steps: Vec::new(),
    }
}

/// The sink of that name.
pub(crate) fn named<'s>(settings: &'s AuditSettings, name: &str) -> Result<&'s SinkSettings, Failed> {
    let found = settings.sinks.iter().find(|sink| sink.target.name == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = settings.sinks.iter().map(|sink| sink.target.name.as_str()).collect();
        let help = if names.is_empty() {
            "no sink is set up here: [audit.sinks.NAME] in dbvc.toml does that".to_owned()
        } else {
            format!("sinks here are {}", names.join(", "))
        };
        let problem = Diagnostic::error(codes::WORDS, format!("there is no audit sink `{name}`"));
        Failed::one(ExitClass::Usage, problem.help(help))
    })
}
