//! The audit trail around a command: its settings as the engine wants them, and shipping when the command is done.

mod places;

use dbvc_engine::audit::{PublicKey, SigningKey, SinkTarget};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{AuditSettings, OnSinkFailure, SinkSettings, flush};
use dbvc_engine::project::{Context, ExitClass, Failed};
use serde_json::Value;

use crate::app::App;
use crate::config::{AuditConfig, Config, SinkConfig, codes as config_codes};
use crate::render::{Output, json};
use crate::restart;
use crate::stop::{Done, Failing, Stop};
use crate::{codes, exit};

pub(crate) use places::TARGET;

/// What a command has to do with the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trail {
    /// It writes nothing: the trail's settings may be wrong, or lack a key that only others have.
    Aside,
    /// It reads the trail.
    Read,
    /// It may write, and what it wrote is shipped.
    Ship,
    /// The same for a run of migrations, which ships by itself when it runs any.
    Run,
}

impl Trail {
    /// For a run of migrations, which with some flags is none.
    pub(crate) fn where_it_runs(runs: bool) -> Self {
        if runs { Self::Run } else { Self::Aside }
    }

    /// For a command that writes only with some of its flags.
    pub(crate) fn where_it_writes(writes: bool) -> Self {
        if writes { Self::Ship } else { Self::Aside }
    }
}

/// The trail's settings as the engine wants them.
pub(crate) fn settings(app: &App, config: &Config, trail: Trail) -> Result<AuditSettings, Stop> {
    let read = config.audit.as_ref().map_err(Clone::clone);
    let read = read.and_then(|audit| of(app, config, audit));
    match read {
        Ok(settings) => {
            restart::where_needed(app, &settings)?;
            if let Ok(audit) = &config.audit
                && trail != Trail::Aside
            {
                app.output.diagnostics(&audit.warnings);
            }
            Ok(settings)
        }
        Err(problems) if trail == Trail::Aside => Ok(AuditSettings {
            unusable: Some(
                problems
                    .first()
                    .map_or_else(String::new, |one| one.message.clone()),
            ),
            ..AuditSettings::default()
        }),
        Err(problems) => Err(Stop::configuration(problems)),
    }
}

fn of(app: &App, config: &Config, audit: &AuditConfig) -> Result<AuditSettings, Vec<Diagnostic>> {
    let mut problems = places::wrong(config, &audit.sinks);
    let mut settings = AuditSettings {
        switched_off: !audit.enabled.value,
        ..AuditSettings::default()
    };
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
    if let (Some(key), Some(public), Some(said)) =
        (&settings.signing_key, &settings.public_key, &audit.public_key)
        && key.public_key() != *public
    {
        problems.push(
            Diagnostic::error(
                config_codes::KEY,
                "`public_key` does not belong to `signing_key`: it would find every signature wrong",
            )
            .note(format!("it came from {}", said.source))
            .help("`openssl pkey -in audit-key.pem -pubout -out audit-public.pem` writes the one that does"),
        );
    }
    settings.database_id = audit.database_id.as_ref().map(|id| id.value.clone());
    for sink in audit.sinks.iter().filter(|_| audit.enabled.value) {
        match self::sink(app, sink) {
            Ok(sink) => settings.sinks.push(sink),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(problems)
    }
}

fn sink(app: &App, sink: &SinkConfig) -> Result<SinkSettings, Box<Diagnostic>> {
    let url = sink.url.value.reveal();
    let driver = app
        .registry
        .audit_for_url(url)
        .map_err(|error| Box::new(wrong(sink, &error, None)))?;
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
        Box::new(wrong(sink, &error, part).help(format!("its URL looks like {}", driver.info().example_url)))
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

/// Ships what a command wrote, and says what that came to: trouble alone, as each sink's policy wants it. A command
/// that ended badly keeps its code.
pub(crate) async fn after(
    context: &Context<'_>,
    output: Output,
    trail: Trail,
    ended: Result<Done, Stop>,
) -> Result<Done, Stop> {
    let audit = &context.settings.audit;
    let by_itself = match &ended {
        Ok(done) => done.value["steps"]
            .as_array()
            .is_some_and(|steps| !steps.is_empty()),
        Err(_) => true,
    };
    if trail == Trail::Run && by_itself {
        return ended;
    }
    if (audit.sinks.is_empty() && audit.signing_key.is_none()) || context.cancel.is_cancelled() {
        return ended;
    }
    let (report, mut told, blocked) = match flush(context).await {
        Ok(report) => {
            let blocked = report.blocking().next().is_some();
            (json(&report), report.trouble(), blocked)
        }
        Err(failed) => {
            let blocks = |sink: &SinkSettings| sink.on_failure == OnSinkFailure::Block;
            (Value::Null, failed.diagnostics, audit.sinks.iter().any(blocks))
        }
    };
    match ended {
        Ok(mut done) => {
            output.diagnostics(&told);
            if let Value::Object(fields) = &mut done.value {
                fields.insert("audit".to_owned(), report);
            }
            if blocked && done.code == exit::DONE {
                done.code = exit::AUDIT;
            }
            Ok(done)
        }
        Err(mut stop) => {
            // A command that the trail itself has stopped says why already.
            if stop.code != exit::AUDIT {
                stop.diagnostics.append(&mut told);
            }
            Err(stop)
        }
    }
}

/// The sink of that name.
pub(crate) fn named<'s>(settings: &'s AuditSettings, name: &str) -> Failing<&'s SinkSettings> {
    let found = settings.sinks.iter().find(|sink| sink.target.name == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = settings
            .sinks
            .iter()
            .map(|sink| sink.target.name.as_str())
            .collect();
        let help = if names.is_empty() {
            no_sink(settings).to_owned()
        } else {
            format!("sinks here are {}", names.join(", "))
        };
        let problem = Diagnostic::error(codes::WORDS, format!("there is no audit sink `{name}`"));
        Failed::one(ExitClass::Usage, problem.help(help))
    })
}

/// Why nothing is shipped, where there is no sink.
pub(crate) fn no_sink(settings: &AuditSettings) -> &'static str {
    if settings.switched_off {
        "`enabled = false` in [audit] keeps this environment from shipping; the trail is in the database"
    } else {
        "no sink is set up: [audit.sinks.NAME] in dbvc.toml does that; the trail is in the database"
    }
}
