//! `init --infrastructure`: what the audit sinks need.

use dbvc_engine::audit::Provisioned;
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::SinkSettings;
use serde_json::{Value, json};

use crate::app::App;
use crate::config::Config;
use crate::render::{clean, json as value_of};
use crate::stop::{Done, Stop};
use crate::trail::{Trail, no_sink, settings};
use crate::{codes, exit};

pub(super) async fn run(app: &App, config: &Config) -> Result<Done, Stop> {
    let audit = settings(app, config, Trail::Read)?;
    app.output
        .progress(format!("audit sinks in {}", config.environment.value));
    if audit.sinks.is_empty() {
        app.output.say(no_sink(&audit));
    }
    let mut values = Vec::new();
    let mut problems = Vec::new();
    for sink in &audit.sinks {
        let name = &sink.target.name;
        match sink.driver.provision(&sink.target).await {
            Ok(found) => {
                show(app, name, &found);
                values.push(json!({ "sink": name, "made": found.made, "found": found.found }));
            }
            Err(error) => {
                let problem = wrong(sink, &error);
                values.push(json!({ "sink": name, "diagnostic": value_of(&problem) }));
                problems.push(problem);
            }
        }
    }
    if !problems.is_empty() && !app.output.json {
        return Err(Stop::new(exit::AUDIT, problems));
    }
    Ok(Done {
        code: if problems.is_empty() {
            exit::DONE
        } else {
            exit::AUDIT
        },
        value: json!({ "environment": config.environment.value, "sinks": Value::Array(values) }),
    })
}

fn show(app: &App, name: &str, found: &Provisioned) {
    let told = |word: &str, things: &[String]| {
        for thing in things {
            app.output.say(clean(&format!("{word}  {name}: {thing}")));
        }
    };
    told("made ", &found.made);
    told("found", &found.found);
    if found.made.is_empty() && found.found.is_empty() {
        app.output.say(format!("found  {name}"));
    }
}

fn wrong(sink: &SinkSettings, error: &dbvc_engine::error::DriverError) -> Diagnostic {
    let message = format!("the audit sink `{}` cannot be made ready", sink.target.name);
    let mut problem = Diagnostic::error(codes::SINK_SETUP, message).note(error.to_string());
    problem.notes.extend(error.notes.iter().cloned());
    problem
}
