//! From settings to a client.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{Secret, TokenCredential};
use azure_data_cosmos::options::{
    BinaryEncodingOptions, ConnectionPoolOptions, EndToEndOperationLatencyPolicy, OperationOptions,
    OperationOptionsBuilder, Region, ServerCertificateValidation, ThrottlingRetryOptionsBuilder,
    UserAgentSuffix,
};
use azure_data_cosmos::{
    AccountEndpoint, AccountReference, ContainerClient, CosmosClient, CosmosClientBuilder,
    CosmosRuntimeBuilder, RoutingStrategy,
};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientSecretCredential, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::error::{Secrets, Trouble};
use crate::patience::{Patience, patiently};
use crate::settings::{Login, Settings};

/// One call with the retries of the library; ours come on top.
const ONE_CALL: Duration = Duration::from_secs(15);
/// How long the first call may be tried where the service is busy.
const FIRST_CALL: Duration = Duration::from_secs(5);

/// An account, and those of its containers that were asked for.
pub(crate) struct Client {
    pub(crate) account: CosmosClient,
    pub(crate) settings: Settings,
    pub(crate) secrets: Secrets,
    containers: BTreeMap<&'static str, ContainerClient>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.settings.endpoint.as_str())
            .field("database", &self.settings.database)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Connects to the account; the first call asks it for its regions.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let secrets = Secrets::of(&settings);
        let told = |trouble: &Trouble| {
            let error = secrets.told(trouble, Operation::Connect);
            error.with_note(format!("the account is {}", settings.endpoint))
        };
        let account = account(&settings)?;
        let patience = Patience::of_first_call(settings.patience.min(FIRST_CALL));
        let client = patiently(patience, || connect(&settings, account.clone())).await;
        Ok(Self {
            account: client.map_err(|trouble| told(&trouble))?,
            settings,
            secrets,
            containers: BTreeMap::new(),
        })
    }

    /// How long one call may go on trying.
    pub(crate) fn patience(&self) -> Patience {
        Patience::of(self.longest())
    }

    /// How long one call may go on trying.
    pub(crate) fn longest(&self) -> std::time::Duration {
        self.settings.patience
    }

    /// An error as the port has it.
    pub(crate) fn failed(&self, operation: Operation) -> impl Fn(Trouble) -> DriverError + use<> {
        let secrets = self.secrets.clone();
        move |trouble| secrets.told(&trouble, operation)
    }

    /// A container that must be there.
    pub(crate) async fn container(&mut self, name: &'static str) -> Result<ContainerClient> {
        if let Some(known) = self.containers.get(name) {
            return Ok(known.clone());
        }
        let database = self.account.database_client(self.settings.database.clone());
        let found = patiently(self.patience(), || database.container_client(name, None)).await;
        match found {
            Ok(container) => {
                self.containers.insert(name, container.clone());
                Ok(container)
            }
            Err(trouble) if trouble.status() == 404 => Err(self.missing(name)),
            Err(trouble) => Err(self.secrets.told(&trouble, Operation::Connect)),
        }
    }

    fn missing(&self, name: &str) -> DriverError {
        let message = format!(
            "the database `{}` of {} has no container `{name}`",
            self.settings.database,
            self.settings.endpoint.host_str().unwrap_or_default()
        );
        DriverError::new(ErrorKind::NotInstalled, Operation::Connect, message)
            .with_note("`dbvc init --infrastructure` makes it")
    }
}

async fn connect(settings: &Settings, account: AccountReference) -> azure_data_cosmos::Result<CosmosClient> {
    // Said in any case, so that no variable of the environment can say otherwise.
    let certificates = if settings.accept_certificate {
        ServerCertificateValidation::RequiredUnlessEmulator
    } else {
        ServerCertificateValidation::Required
    };
    let mut pool = ConnectionPoolOptions::builder().with_server_certificate_validation(certificates);
    if settings.is_emulator {
        pool = pool.with_is_http2_allowed(false).with_gateway_v2_disabled(true);
    }
    let mut runtime = CosmosRuntimeBuilder::new()
        .with_connection_pool(pool.build()?)
        .with_default_operation_options(operation());
    if let Ok(name) = UserAgentSuffix::try_from("dbvc") {
        runtime = runtime.with_user_agent_suffix(name);
    }
    let mut builder = CosmosClientBuilder::new().with_runtime(runtime.build().await?);
    if settings.is_emulator {
        builder = builder.with_binary_encoding_options(BinaryEncodingOptions::new().with_enabled(false));
    }
    let region = settings.region.clone().map(Region::new);
    let regions = RoutingStrategy::PreferredRegions(region.into_iter().collect());
    builder.build(account, regions).await
}

/// Waiting for request units is ours, so that one limit holds for all of it.
fn operation() -> OperationOptions {
    OperationOptionsBuilder::new()
        .with_throttling_retry_options(
            ThrottlingRetryOptionsBuilder::new()
                .with_max_retry_count(0)
                .build(),
        )
        .with_end_to_end_latency_policy(EndToEndOperationLatencyPolicy::new(ONE_CALL))
        .build()
}

fn account(settings: &Settings) -> Result<AccountReference> {
    let endpoint = AccountEndpoint::from(settings.endpoint.clone());
    let credential = match &settings.login {
        Login::Key(key) => {
            let key = Secret::from(key.reveal().to_owned());
            return Ok(AccountReference::with_authentication_key(endpoint, key));
        }
        other => credential(other),
    };
    match credential {
        Ok(credential) => Ok(AccountReference::with_credential(endpoint, credential)),
        Err(error) => Err(DriverError::new(
            ErrorKind::Unauthenticated,
            Operation::Connect,
            format!("cannot log in with Entra ID: {error}"),
        )),
    }
}

fn credential(login: &Login) -> azure_core::Result<Arc<dyn TokenCredential>> {
    Ok(match login {
        Login::ManagedIdentity { client_id } => {
            ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                ..ManagedIdentityCredentialOptions::default()
            }))?
        }
        Login::WorkloadIdentity { client_id, tenant_id } => {
            WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                client_id: client_id.clone(),
                tenant_id: tenant_id.clone(),
                ..WorkloadIdentityCredentialOptions::default()
            }))?
        }
        Login::ServicePrincipal {
            client_id,
            tenant_id,
            client_secret,
        } => {
            let secret = Secret::from(client_secret.reveal().to_owned());
            ClientSecretCredential::new(tenant_id, client_id.clone(), secret, None)?
        }
        Login::AzureCli { tenant_id } => AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: tenant_id.clone(),
            ..AzureCliCredentialOptions::default()
        }))?,
        Login::Key(_) => {
            return Err(azure_core::Error::with_message(
                azure_core::error::ErrorKind::Credential,
                "a key is no identity",
            ));
        }
    })
}
