//! `snapshot`: the schema as files.

use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::SnapshotKind;
use dbvc_engine::project::{ExitClass, Failed, SnapshotRequest, keep_snapshot, snapshot};

use crate::app::App;
use crate::args::{SnapshotArgs, SnapshotWord};
use crate::codes;
use crate::config::Config;
use crate::render::{count, json};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &SnapshotArgs) -> Result<Done, Stop> {
    if args.kind == Some(SnapshotWord::Version) && args.version.is_none() {
        return Err(Stop::usage(
            Diagnostic::error(codes::WORDS, "`--type version` wants the version")
                .help("name it: `dbvc snapshot 1.2.0`"),
        ));
    }
    let folder = config.root.join(&args.folder);
    let single = config.databases.len() == 1;
    each_with(
        app,
        config,
        args.reason.as_deref(),
        Trail::where_it_writes(!args.files_only),
        async |work| {
            let name = &work.context.settings.database;
            let folder = if single { folder.clone() } else { folder.join(name) };
            one(work, args, &folder).await
        },
    )
    .await
}

async fn one(work: &Work<'_>, args: &SnapshotArgs, folder: &Path) -> Result<Done, Failed> {
    work.heading();
    let version = args
        .version
        .as_deref()
        .map(|text| work.version(text))
        .transpose()?;
    std::fs::create_dir_all(folder).map_err(|error| unwritten(folder, &error))?;
    let report = if args.files_only {
        snapshot(&work.context).await?
    } else {
        let kind = match (args.kind, &version) {
            (Some(said), _) => said.into(),
            (None, Some(_)) => SnapshotKind::Version,
            (None, None) => SnapshotKind::Baseline,
        };
        let version = version.as_ref().map(ToString::to_string);
        keep_snapshot(&work.context, &SnapshotRequest { kind, version }).await?
    };
    let mut names = vec!["schema_current".to_owned()];
    names.extend(version.map(|version| format!("schema_v{version}")));
    let mut files = Vec::new();
    for name in names {
        let texts = [("json", Some(&report.json)), ("sql", report.sql.as_ref())];
        for (ending, text) in texts {
            let Some(text) = text else { continue };
            let path = folder.join(format!("{name}.{ending}"));
            std::fs::write(&path, text).map_err(|error| unwritten(&path, &error))?;
            work.output.say(format!("written  {}", path.display()));
            files.push(path);
        }
    }
    if let Some(kept) = report.kept {
        work.output
            .say(format!("kept     in the record as snapshot {kept}"));
    }
    let objects: usize = report.objects.values().sum();
    work.output.say(count(objects as u64, "object"));
    for left_out in &report.left_out {
        work.output.say(format!("not in the SQL  {left_out}"));
    }
    let mut value = json(&report);
    value["files"] = json(&files);
    Ok(Done::well(value))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failed {
    let message = format!("cannot write {}: {error}", path.display());
    Failed::one(
        ExitClass::Usage,
        Diagnostic::error(codes::FILE, message).help("check the rights of the file and of its folder"),
    )
}
