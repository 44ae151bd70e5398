//! Making the database and its containers.

use azure_data_cosmos::models::{
    ContainerProperties, IndexingMode, IndexingPolicy, ThroughputProperties, TimeToLive,
};
use azure_data_cosmos::options::CreateContainerOptions;
use dbvc_engine::audit::Provisioned;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::client::Client;
use crate::item::{EVENTS, MIGRATIONS, PARTITION_KEY, SNAPSHOTS};
use crate::patience::patiently;
use crate::settings::Throughput;

/// The containers, with the properties that queries look for. Everything else would only make writes dearer.
const CONTAINERS: [(&str, &[&str]); 3] = [
    (
        EVENTS,
        &["sequence", "action", "environment", "at", "migration", "runId"],
    ),
    (SNAPSHOTS, &["kind"]),
    (MIGRATIONS, &["kind"]),
];

/// Makes what is not there. With an identity instead of a key nothing can be made: then all of it must be there.
pub(crate) async fn provision(client: &mut Client) -> Result<Provisioned> {
    let mut provisioned = Provisioned::default();
    if !client.settings.login.is_key() {
        for (name, _) in CONTAINERS {
            match client.container(name).await {
                Ok(_) => provisioned.found.push(format!("container {name}")),
                Err(error) if error.kind == ErrorKind::NotInstalled => {
                    return Err(not_by_identity(client, &error));
                }
                Err(error) => return Err(error),
            }
        }
        return Ok(provisioned);
    }
    let failed = client.failed(Operation::Install);
    let database = client.settings.database.clone();
    let made = patiently(client.patience(), || {
        client.account.create_database(&database, None)
    })
    .await;
    note(
        &mut provisioned,
        format!("database {database}"),
        match made {
            Ok(_) => true,
            Err(trouble) if trouble.status() == 409 => false,
            Err(trouble) => return Err(failed(trouble)),
        },
    );
    for (name, indexed) in CONTAINERS {
        let made = make(client, name, indexed).await?;
        if !made {
            check(client, name).await?;
        }
        note(&mut provisioned, format!("container {name}"), made);
    }
    Ok(provisioned)
}

fn note(provisioned: &mut Provisioned, name: String, made: bool) {
    if made {
        provisioned.made.push(name);
    } else {
        provisioned.found.push(name);
    }
}

async fn make(client: &Client, name: &'static str, indexed: &[&str]) -> Result<bool> {
    let failed = client.failed(Operation::Install);
    let mut options = CreateContainerOptions::default();
    match client.settings.throughput {
        Throughput::Serverless => {}
        Throughput::Manual(units) => options = options.with_throughput(ThroughputProperties::manual(units)),
        Throughput::Autoscale(units) => {
            options = options.with_throughput(ThroughputProperties::autoscale(units, None));
        }
    }
    let properties = ContainerProperties::new(name, PARTITION_KEY.into())
        .with_indexing_policy(indexing(indexed))
        .with_default_ttl(TimeToLive::Forever);
    let database = client.account.database_client(client.settings.database.clone());
    let made = patiently(client.patience(), || {
        database.create_container(properties.clone(), Some(options.clone()))
    })
    .await;
    match made {
        Ok(_) => Ok(true),
        Err(trouble) if trouble.status() == 409 => Ok(false),
        Err(trouble) => Err(failed(trouble)),
    }
}

fn indexing(names: &[&str]) -> IndexingPolicy {
    let mut policy = IndexingPolicy::default()
        .with_indexing_mode(IndexingMode::Consistent)
        .with_excluded_path("/*");
    policy.automatic = true;
    for name in names {
        policy = policy.with_included_path(format!("/{name}/?"));
    }
    policy
}

/// A container that somebody else made: with another partition key nothing would be found in it, and with a time to live
/// events would vanish.
async fn check(client: &mut Client, name: &'static str) -> Result<()> {
    let failed = client.failed(Operation::Install);
    let container = client.container(name).await?;
    let found = patiently(client.patience(), || container.read(None)).await;
    let properties = found
        .and_then(|response| Ok(response.into_model()?))
        .map_err(failed)?;
    let paths: Vec<&str> = properties
        .partition_key
        .paths()
        .iter()
        .map(AsRef::as_ref)
        .collect();
    let why = if paths != [PARTITION_KEY] {
        format!(
            "has the partition key {}, and must have {PARTITION_KEY}",
            paths.join(", ")
        )
    } else if matches!(properties.default_ttl, TimeToLive::Seconds(_)) {
        "deletes its items after a time: switch its time to live off".to_owned()
    } else {
        return Ok(());
    };
    let message = format!("the container `{name}` is there and {why}");
    Err(DriverError::new(
        ErrorKind::Unsupported,
        Operation::Install,
        message,
    ))
}

/// The service lets only keys, and Azure's own management, make databases ("Data plane role-based access control").
fn not_by_identity(client: &Client, error: &DriverError) -> DriverError {
    let host = client.settings.endpoint.host_str().unwrap_or_default();
    let account = host.split('.').next().unwrap_or_default();
    let database = &client.settings.database;
    let throughput = match client.settings.throughput {
        Throughput::Serverless => String::new(),
        Throughput::Manual(units) => format!(" --throughput {units}"),
        Throughput::Autoscale(units) => format!(" --max-throughput {units}"),
    };
    let mut told = DriverError::new(
        ErrorKind::Unsupported,
        Operation::Install,
        format!("{}; an Entra ID identity cannot make it", error.message),
    )
    .with_note("make it with the account's key, or with the Azure command line:")
    .with_note(format!(
        "az cosmosdb sql database create --resource-group GROUP --account-name {account} --name {database}"
    ));
    for (name, _) in CONTAINERS {
        told = told.with_note(format!(
            "az cosmosdb sql container create --resource-group GROUP --account-name {account} --database-name {database} \
             --name {name} --partition-key-path {PARTITION_KEY}{throughput}"
        ));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_looked_for_is_indexed() {
        let policy = serde_json::to_value(indexing(&["kind"])).expect("JSON");
        assert_eq!(
            policy,
            serde_json::json!({
                "automatic": true,
                "indexingMode": "consistent",
                "includedPaths": [{"path": "/kind/?"}],
                "excludedPaths": [{"path": "/*"}],
            })
        );
    }
}
