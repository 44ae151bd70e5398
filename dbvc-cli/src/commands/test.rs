//! `test`: every migration and its undo script, tried on a scratch database.

use dbvc_engine::project::{Failed, Proof, Verdict, prove};

use crate::app::App;
use crate::args::TestArgs;
use crate::config::Config;
use crate::exit;
use crate::render::{count, duration, json};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &TestArgs) -> Result<Done, Stop> {
    each_with(app, config, None, Trail::Aside, async |work| {
        one(work, args.strict).await
    })
    .await
}

async fn one(work: &Work<'_>, strict: bool) -> Result<Done, Failed> {
    work.heading();
    let report = prove(&work.context).await?;
    for proof in &report.migrations {
        told(work, proof);
    }
    let counts: Vec<String> = report
        .counts
        .iter()
        .map(|(verdict, number)| format!("{number} {verdict}"))
        .collect();
    let took = std::time::Duration::from_millis(report.duration_ms);
    let all = count(report.migrations.len() as u64, "migration");
    let counts = if counts.is_empty() {
        String::new()
    } else {
        format!(": {}", counts.join(", "))
    };
    work.output.say(format!("{all} in {}{counts}", duration(took)));
    let faulty = report
        .migrations
        .iter()
        .any(|proof| proof.is_fault() || (strict && proof.is_doubtful()));
    Ok(Done {
        value: json(&report),
        code: if faulty { exit::FINDINGS } else { exit::DONE },
    })
}

fn told(work: &Work<'_>, proof: &Proof) {
    let output = work.output;
    output.say(format!(
        "  {:<12}  {}  {}",
        proof.verdict, proof.migration, proof.description
    ));
    let mut more: Vec<String> = proof.reason.iter().cloned().collect();
    more.extend(
        proof
            .losses
            .iter()
            .map(|loss| format!("lost: {} ({})", loss.what, loss.basis)),
    );
    if proof.verdict != Verdict::Wrong && !proof.takes_along.is_empty() {
        more.push(format!(
            "undone with all rows written since: {}",
            proof.takes_along.join(", ")
        ));
    }
    if let Some(difference) = &proof.difference {
        let text = difference.to_string();
        more.extend(text.trim_end().lines().map(ToOwned::to_owned));
    }
    for line in more {
        output.say(format!("                {line}"));
    }
    output.diagnostics_unless_json(&proof.findings);
}
