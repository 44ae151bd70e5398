//! How a login is made: with a password, or with a token of Microsoft Entra ID.

use std::path::PathBuf;

use dbvc_engine::driver::{Secret, TargetError};

use super::options::Asked;
use super::part;

/// What `authentication` says, by the names of Microsoft's drivers and shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Password,
    Default,
    ManagedIdentity,
    WorkloadIdentity,
    ServicePrincipal,
    AzureCli,
    Token,
}

const WAYS: [(&str, Way); 12] = [
    ("sql", Way::Password),
    ("sqlpassword", Way::Password),
    ("default", Way::Default),
    ("managedidentity", Way::ManagedIdentity),
    ("msi", Way::ManagedIdentity),
    ("workloadidentity", Way::WorkloadIdentity),
    ("serviceprincipal", Way::ServicePrincipal),
    ("azurecli", Way::AzureCli),
    ("azcli", Way::AzureCli),
    ("cli", Way::AzureCli),
    ("token", Way::Token),
    ("accesstoken", Way::Token),
];

/// Ways of Microsoft's drivers that dbvc does not have.
const NOT_HERE: [&str; 4] = ["password", "integrated", "interactive", "devicecodeflow"];

impl Way {
    pub(super) fn parse(key: &str, value: &str) -> Result<Self, TargetError> {
        let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        let entra = plain.strip_prefix("activedirectory");
        let name = entra.unwrap_or(&plain);
        let known = WAYS.iter().find(|(known, _)| *known == name);
        match known {
            Some((_, way)) if entra.is_none() || *way != Way::Password => Ok(*way),
            _ if NOT_HERE.contains(&name) => Err(part(
                key,
                format!(
                    "`{value}` needs a person or a Windows domain; use `default`, `managed-identity`, `workload-identity`, \
                     `service-principal` or `azure-cli`"
                ),
            )),
            _ => Err(part(
                key,
                format!(
                    "`{value}` is none of `sql`, `default`, `managed-identity`, `workload-identity`, `service-principal`, \
                     `azure-cli`, `token`"
                ),
            )),
        }
    }
}

/// A login that is known.
#[derive(Debug, Clone)]
pub(super) enum Login {
    /// With a password that the server keeps.
    Password { user: String, password: Secret },
    /// With a token that is at hand.
    Token(Secret),
    /// With a token that is asked for.
    Entra(Identity),
}

/// Whose token is asked for.
#[derive(Debug, Clone)]
pub(super) enum Identity {
    /// Whatever this machine offers, in the order of Microsoft's own drivers.
    Default {
        client: Option<String>,
        tenant: Option<String>,
    },
    Managed {
        client: Option<String>,
    },
    Workload {
        client: Option<String>,
        tenant: Option<String>,
    },
    Secret {
        client: String,
        tenant: Option<String>,
        secret: Secret,
    },
    Certificate {
        client: String,
        tenant: Option<String>,
        file: PathBuf,
    },
    AzureCli {
        tenant: Option<String>,
    },
}

impl Login {
    /// The login that a URL's parts and options mean; `azure` where its scheme says that it is in Azure.
    pub(super) fn settle(
        asked: &Asked,
        user: Option<String>,
        password: Option<Secret>,
        azure: bool,
    ) -> Result<Self, TargetError> {
        let way = asked.way.unwrap_or(match (&user, &asked.token) {
            (_, Some(_)) => Way::Token,
            (None, None) if azure => Way::Default,
            _ => Way::Password,
        });
        if asked.certificate.is_some() && way != Way::ServicePrincipal {
            return Err(part(
                "client_certificate",
                "it belongs to `authentication=service-principal`",
            ));
        }
        if password.is_some() && !matches!(way, Way::Password | Way::ServicePrincipal) {
            return Err(part(
                "password",
                "this way of authentication has none; leave it out, or leave `authentication` out",
            ));
        }
        let (client, tenant) = (user, asked.tenant.clone());
        Ok(match way {
            Way::Password => Self::Password {
                user: client.ok_or_else(|| {
                    part(
                        "user",
                        "the URL names no login: `mssql://user:${DB_PASSWORD}@host/database`, or `authentication=default` \
                         for Microsoft Entra ID",
                    )
                })?,
                password: password.unwrap_or_default(),
            },
            Way::Token => Self::Token(asked.token.clone().ok_or_else(|| {
                part(
                    "token",
                    "there is none; `az account get-access-token --resource https://database.windows.net/` gives one, or \
                     use `authentication=azure-cli`",
                )
            })?),
            Way::Default => Self::Entra(Identity::Default { client, tenant }),
            Way::ManagedIdentity => Self::Entra(Identity::Managed { client }),
            Way::WorkloadIdentity => Self::Entra(Identity::Workload { client, tenant }),
            Way::AzureCli => Self::Entra(Identity::AzureCli { tenant }),
            Way::ServicePrincipal => Self::Entra(principal(client, tenant, password, asked.certificate.clone())?),
        })
    }
}

fn principal(
    client: Option<String>,
    tenant: Option<String>,
    password: Option<Secret>,
    file: Option<PathBuf>,
) -> Result<Identity, TargetError> {
    let client = client.ok_or_else(|| part("user", "name the application's (client's) id as the user"))?;
    match (password, file) {
        (Some(_), Some(_)) => Err(part(
            "client_certificate",
            "there is a secret as password too; give one of them",
        )),
        (Some(secret), None) => Ok(Identity::Secret {
            client,
            tenant,
            secret,
        }),
        (None, Some(file)) => Ok(Identity::Certificate { client, tenant, file }),
        (None, None) => Err(part(
            "password",
            "give the application's secret as the password, or `client_certificate=/path/key-and-certificate.pem`",
        )),
    }
}
