//! The driver: name, schemes, checks.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::audit::{AuditDriver, AuditDriverInfo, AuditSink, Provisioned, SinkTarget};
use dbvc_engine::driver::TargetError;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::client::Client;
use crate::provision;
use crate::settings::{self, Login, Settings};
use crate::sink::CosmosSink;

static INFO: AuditDriverInfo = AuditDriverInfo {
    name: "cosmos",
    title: "Azure Cosmos DB",
    schemes: &["cosmos"],
    example_url: "cosmos://account.documents.azure.com/version-control",
};

/// Without it the library asks the metadata service of the machine as soon as it starts, at an address that is somebody
/// else's outside Azure. There is no other way to tell it not to (`azure_data_cosmos_driver` 1.0.0, `vm_metadata.rs`).
const QUIET: (&str, &str) = ("COSMOS_DISABLE_IMDS", "1");

/// Azure Cosmos DB.
#[derive(Debug, Clone, Copy, Default)]
pub struct CosmosAuditDriver;

/// The driver for audit trails in Azure Cosmos DB.
pub fn audit_driver() -> Arc<dyn AuditDriver> {
    Arc::new(CosmosAuditDriver)
}

#[async_trait]
impl AuditDriver for CosmosAuditDriver {
    fn info(&self) -> &AuditDriverInfo {
        &INFO
    }

    fn answers_to(&self, url: &str) -> bool {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        scheme.eq_ignore_ascii_case("cosmos") || settings::is_connection_string(url)
    }

    fn environment(&self, target: &SinkTarget) -> &[(&'static str, &'static str)] {
        match settings::read(target) {
            Ok(settings) if asks_metadata_service(&settings) => &[],
            _ => &[QUIET],
        }
    }

    fn check(&self, target: &SinkTarget) -> Result<(), TargetError> {
        settings::read(target).map(|_| ())
    }

    fn patience(&self, target: &SinkTarget) -> Option<std::time::Duration> {
        settings::read(target).ok().map(|settings| settings.patience)
    }

    async fn open(&self, target: &SinkTarget) -> Result<Box<dyn AuditSink>> {
        let client = connect(target).await?;
        Ok(Box::new(CosmosSink::open(client).await?))
    }

    async fn provision(&self, target: &SinkTarget) -> Result<Provisioned> {
        provision::provision(&mut connect(target).await?).await
    }
}

/// A managed identity gets its tokens there.
fn asks_metadata_service(settings: &Settings) -> bool {
    matches!(settings.login, Login::ManagedIdentity { .. })
}

async fn connect(target: &SinkTarget) -> Result<Client> {
    let settings = settings::read(target)
        .map_err(|error| DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string()))?;
    let (name, value) = QUIET;
    if !asks_metadata_service(&settings) && std::env::var_os(name).is_none() {
        let message = format!(
            "the library for Cosmos DB would ask this machine's metadata service; start the process with {name}={value}"
        );
        return Err(DriverError::new(
            ErrorKind::Unsupported,
            Operation::Connect,
            message,
        ));
    }
    Client::open(settings).await
}
