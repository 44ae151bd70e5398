//! Tokens of Microsoft Entra ID in the place of a password.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{Secret as AzureSecret, TokenCredential};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertionCredential, ClientSecretCredential,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use dbvc_engine::driver::Secret;

use super::assertion::Signed;
use super::auth::Identity;

/// Outside Azure, nobody answers for a managed identity; one that is there answers at once.
const MANAGED_IDENTITY_WAIT: Duration = Duration::from_secs(4);

/// Where tokens come from.
///
/// The server looks at a token when the login is made, and the protocol has no way to send another one later; a
/// connection goes on behind the end of its token until the server wants it renewed (Microsoft, "All about SQL drivers
/// and access tokens"). So what is renewed is the connection: who opens one anew gets a fresh token.
#[derive(Clone)]
pub(crate) struct TokenSource {
    sources: Vec<Source>,
    /// What the tokens are for: `https://database.windows.net/.default`, or another cloud's.
    scope: &'static str,
}

#[derive(Clone)]
struct Source {
    name: &'static str,
    credential: Result<Arc<dyn TokenCredential>, String>,
    wait: Option<Duration>,
}

impl TokenSource {
    pub(super) fn of(identity: &Identity, scope: &'static str) -> Self {
        let sources = match identity {
            Identity::Default { client, tenant } => default_sources(client.as_deref(), tenant.as_deref()),
            Identity::Managed { client } => vec![managed(client.as_deref(), None)],
            Identity::Workload { client, tenant } => vec![workload(client.as_deref(), tenant.as_deref())],
            Identity::Secret {
                client,
                tenant,
                secret,
            } => {
                vec![with_secret(client, tenant_or_variable(tenant.as_deref()), secret)]
            }
            Identity::Certificate { client, tenant, file } => {
                vec![with_certificate(
                    client,
                    tenant_or_variable(tenant.as_deref()),
                    file,
                )]
            }
            Identity::AzureCli { tenant } => vec![azure_cli(tenant.as_deref())],
        };
        Self { sources, scope }
    }

    /// A token; a source that has a fresh one at hand gives that. The error says what each source answered.
    pub(super) async fn token(&self) -> Result<Secret, String> {
        let mut refusals = Vec::new();
        for source in &self.sources {
            match source.token(self.scope).await {
                Ok(token) => return Ok(token),
                Err(reason) => refusals.push(format!("{}: {reason}", source.name)),
            }
        }
        Err(refusals.join("; "))
    }
}

impl Source {
    async fn token(&self, scope: &str) -> Result<Secret, String> {
        let credential = self.credential.as_ref().map_err(Clone::clone)?;
        let scopes = [scope];
        let asked = credential.get_token(&scopes, None);
        let answer = match self.wait {
            Some(wait) => tokio::time::timeout(wait, asked)
                .await
                .map_err(|_| format!("no answer within {} s", wait.as_secs()))?,
            None => asked.await,
        };
        let token = answer.map_err(|error| one_line(&error))?;
        Ok(Secret::new(token.token.secret()))
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.sources.iter().map(|source| source.name).collect();
        f.debug_struct("TokenSource")
            .field("sources", &names)
            .finish_non_exhaustive()
    }
}

/// In the order of Microsoft's `DefaultAzureCredential`, as far as there is a crate for it.
fn default_sources(client: Option<&str>, tenant: Option<&str>) -> Vec<Source> {
    let mut sources = Vec::new();
    let client = client
        .map(ToOwned::to_owned)
        .or_else(|| variable("AZURE_CLIENT_ID"));
    if let Some(client) = &client {
        let tenant = tenant_or_variable(tenant);
        if let Some(secret) = variable("AZURE_CLIENT_SECRET") {
            sources.push(with_secret(client, tenant.clone(), &Secret::new(secret)));
        }
        if let Some(file) = variable("AZURE_CLIENT_CERTIFICATE_PATH") {
            sources.push(with_certificate(client, tenant, file.as_ref()));
        }
    }
    if variable("AZURE_FEDERATED_TOKEN_FILE").is_some() {
        sources.push(workload(client.as_deref(), tenant));
    }
    // App Service and Functions say where to ask; elsewhere somebody may answer on a fixed address, or nobody.
    let wait = variable("IDENTITY_ENDPOINT")
        .is_none()
        .then_some(MANAGED_IDENTITY_WAIT);
    sources.push(managed(client.as_deref(), wait));
    sources.push(azure_cli(tenant));
    sources
}

fn with_secret(client: &str, tenant: Option<String>, secret: &Secret) -> Source {
    let made = tenant.ok_or_else(|| NO_TENANT.to_owned()).and_then(|tenant| {
        let secret = AzureSecret::new(secret.reveal().to_owned());
        ClientSecretCredential::new(&tenant, client.to_owned(), secret, None)
            .map_err(|error| one_line(&error))
    });
    source("service principal", made, None)
}

fn with_certificate(client: &str, tenant: Option<String>, file: &std::path::Path) -> Source {
    let made = tenant.ok_or_else(|| NO_TENANT.to_owned()).and_then(|tenant| {
        let authority = variable("AZURE_AUTHORITY_HOST");
        let signed = Signed::read(file, client, &tenant, authority.as_deref())?;
        ClientAssertionCredential::new(tenant, client.to_owned(), signed, None)
            .map_err(|error| one_line(&error))
    });
    source("service principal with a certificate", made, None)
}

fn workload(client: Option<&str>, tenant: Option<&str>) -> Source {
    let options = WorkloadIdentityCredentialOptions {
        client_id: client.map(ToOwned::to_owned),
        tenant_id: tenant.map(ToOwned::to_owned),
        ..WorkloadIdentityCredentialOptions::default()
    };
    let made = WorkloadIdentityCredential::new(Some(options)).map_err(|error| one_line(&error));
    source("workload identity", made, None)
}

fn managed(client: Option<&str>, wait: Option<Duration>) -> Source {
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: client.map(|client| UserAssignedId::ClientId(client.to_owned())),
        ..ManagedIdentityCredentialOptions::default()
    };
    let made = ManagedIdentityCredential::new(Some(options)).map_err(|error| one_line(&error));
    source("managed identity", made, wait)
}

fn azure_cli(tenant: Option<&str>) -> Source {
    let options = AzureCliCredentialOptions {
        tenant_id: tenant.map(ToOwned::to_owned),
        ..AzureCliCredentialOptions::default()
    };
    let made = AzureCliCredential::new(Some(options)).map_err(|error| one_line(&error));
    source("Azure CLI", made, None)
}

fn source<C: TokenCredential + 'static>(
    name: &'static str,
    made: Result<Arc<C>, String>,
    wait: Option<Duration>,
) -> Source {
    Source {
        name,
        credential: made.map(|credential| credential as Arc<dyn TokenCredential>),
        wait,
    }
}

const NO_TENANT: &str = "its tenant is not known; say `tenant=…` in the URL, or set AZURE_TENANT_ID";

fn tenant_or_variable(tenant: Option<&str>) -> Option<String> {
    tenant
        .map(ToOwned::to_owned)
        .or_else(|| variable("AZURE_TENANT_ID"))
}

/// A variable that Azure itself sets for its workloads, and that all of its tools read.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn one_line(error: &azure_core::Error) -> String {
    let words = error.to_string();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
