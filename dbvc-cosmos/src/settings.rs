//! A sink's URL, connection string and options, understood.

use std::collections::BTreeMap;
use std::time::Duration;

use dbvc_engine::audit::SinkTarget;
use dbvc_engine::driver::{Secret, TargetError};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// The database where none is named.
const DATABASE: &str = "version-control";
/// How long one call tries again where the service is busy.
const PATIENCE: Duration = Duration::from_secs(20);

const OPTIONS: [&str; 11] = [
    "accept_emulator_certificate",
    "account_key",
    "auth",
    "client_id",
    "client_secret",
    "database",
    "region",
    "retry_for",
    "tenant_id",
    "throughput",
    "tls",
];

/// Where the account is, and how to work with it.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// `https://account.documents.azure.com/`.
    pub(crate) endpoint: Url,
    pub(crate) database: String,
    pub(crate) login: Login,
    pub(crate) throughput: Throughput,
    pub(crate) region: Option<String>,
    pub(crate) patience: Duration,
    /// On this machine, where only emulators are.
    pub(crate) is_emulator: bool,
    /// Any certificate will do; only ever with an emulator.
    pub(crate) accept_certificate: bool,
}

/// How to log in.
#[derive(Debug, Clone)]
pub(crate) enum Login {
    Key(Secret),
    ManagedIdentity {
        client_id: Option<String>,
    },
    WorkloadIdentity {
        client_id: Option<String>,
        tenant_id: Option<String>,
    },
    ServicePrincipal {
        client_id: String,
        tenant_id: String,
        client_secret: Secret,
    },
    AzureCli {
        tenant_id: Option<String>,
    },
}

impl Login {
    pub(crate) fn is_key(&self) -> bool {
        matches!(self, Self::Key(_))
    }
}

/// What new containers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Throughput {
    /// Nothing is said: for serverless accounts.
    Serverless,
    /// Request units a second for each container.
    Manual(u64),
    /// The same, at most.
    Autoscale(u64),
}

/// What a place and a project's options come to, before they are understood.
struct Written {
    endpoint: Url,
    options: BTreeMap<String, Secret>,
}

/// Whether a text is a connection string of an account.
pub(crate) fn is_connection_string(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim_start);
    parts.any(|part| starts_with(part, "AccountEndpoint="))
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(start))
}

pub(crate) fn read(target: &SinkTarget) -> Result<Settings, TargetError> {
    let text = target.url.reveal().trim();
    let mut written = if is_connection_string(text) {
        connection_string(text)?
    } else {
        cosmos_url(text)?
    };
    for (name, value) in &target.options {
        add(&mut written.options, name, value.clone())?;
    }
    if let Some(unknown) = written
        .options
        .keys()
        .find(|name| !OPTIONS.contains(&name.as_str()))
    {
        return Err(unknown_option(unknown));
    }
    understood(written)
}

fn connection_string(text: &str) -> Result<Written, TargetError> {
    let (mut endpoint, mut options) = (None, BTreeMap::new());
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| part_error("connection string", "expected `Name=value` between semicolons"))?;
        match name.to_ascii_lowercase().as_str() {
            "accountendpoint" => endpoint = Some(value),
            "accountkey" => add(&mut options, "account_key", Secret::new(value))?,
            "database" => add(&mut options, "database", Secret::new(value))?,
            _ => {
                return Err(part_error(
                    "connection string",
                    "it may hold AccountEndpoint, AccountKey and Database",
                ));
            }
        }
    }
    let endpoint = endpoint.unwrap_or_default();
    let endpoint = Url::parse(endpoint)
        .ok()
        .filter(|url| url.has_host() && matches!(url.scheme(), "https" | "http"));
    let endpoint = endpoint.ok_or_else(|| {
        part_error(
            "AccountEndpoint",
            "expected something like `https://account.documents.azure.com:443/`",
        )
    })?;
    Ok(Written { endpoint, options })
}

fn cosmos_url(text: &str) -> Result<Written, TargetError> {
    let expected = "expected something like `cosmos://account.documents.azure.com/version-control`";
    let url = Url::parse(text).map_err(|error| TargetError::Url {
        reason: format!("{error}; {expected}"),
    })?;
    if url.scheme() != "cosmos" {
        return Err(part_error("scheme", expected));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(part_error(
            "user",
            "an account has none; give its key as the option `account_key`",
        ));
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| part_error("host", expected))?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let mut options = BTreeMap::new();
    let path = percent_decode_str(url.path().trim_matches('/'))
        .decode_utf8()
        .map_err(|_| part_error("database", "not valid UTF-8 once decoded"))?;
    if !path.is_empty() {
        add(&mut options, "database", Secret::new(path))?;
    }
    for (name, value) in url.query_pairs() {
        add(&mut options, &name, Secret::new(value))?;
    }
    let scheme = match options.get("tls").map(Secret::reveal) {
        None | Some("on") => "https",
        Some("off") => "http",
        Some(_) => return Err(part_error("tls", "expected `on` or `off`")),
    };
    let endpoint =
        Url::parse(&format!("{scheme}://{host}{port}/")).map_err(|_| part_error("host", expected))?;
    Ok(Written { endpoint, options })
}

fn add(options: &mut BTreeMap<String, Secret>, name: &str, value: Secret) -> Result<(), TargetError> {
    if options.insert(name.to_owned(), value).is_some() {
        return Err(part_error(
            name,
            "said twice: in the URL, and once more there or as an option",
        ));
    }
    Ok(())
}

fn understood(written: Written) -> Result<Settings, TargetError> {
    let Written {
        mut endpoint,
        options,
    } = written;
    let option = |name: &str| options.get(name).map(Secret::reveal);
    let is_emulator = is_loopback(&endpoint);
    if option("tls") == Some("off") {
        // A connection string says it with `http:`.
        let _ = endpoint.set_scheme("http");
    }
    if endpoint.scheme() == "http" && !is_emulator {
        return Err(part_error(
            "tls",
            "only an emulator on this machine may be spoken to without encryption",
        ));
    }
    let accept_certificate = match option("accept_emulator_certificate") {
        None | Some("false") => false,
        Some("true") if is_emulator => true,
        Some("true") => {
            return Err(part_error(
                "accept_emulator_certificate",
                "only for an emulator on this machine: localhost, 127.0.0.1 or [::1]",
            ));
        }
        Some(_) => {
            return Err(part_error(
                "accept_emulator_certificate",
                "expected `true` or `false`",
            ));
        }
    };
    Ok(Settings {
        database: database(option("database").unwrap_or(DATABASE))?,
        login: login(&options)?,
        throughput: throughput(option("throughput").unwrap_or("serverless"))?,
        region: option("region").map(str::to_owned),
        patience: option("retry_for").map_or(Ok(PATIENCE), patience)?,
        endpoint,
        is_emulator,
        accept_certificate,
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address == std::net::Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == std::net::Ipv6Addr::LOCALHOST,
        None => false,
    }
}

/// The service's own rule for names ("Azure Cosmos DB service quotas", "Per-database"); the slash would be another path.
fn database(name: &str) -> Result<String, TargetError> {
    if name.is_empty() || name.len() > 255 || name.contains(['/', '\\', '#', '?']) || name.ends_with(' ') {
        return Err(part_error(
            "database",
            "up to 255 characters, none of them `/`, `\\`, `#` or `?`, and no space at the end",
        ));
    }
    Ok(name.to_owned())
}

fn throughput(text: &str) -> Result<Throughput, TargetError> {
    let refused = || {
        part_error(
            "throughput",
            "expected `serverless`, `manual:400` (from 400 on, in steps of 100) or `autoscale:1000` (from 1000 on, in \
             steps of 1000)",
        )
    };
    let number = |text: &str, step: u64, least: u64| {
        let number: u64 = text.parse().map_err(|_| refused())?;
        if number >= least && number.is_multiple_of(step) {
            Ok(number)
        } else {
            Err(refused())
        }
    };
    match text.split_once(':') {
        None if text == "serverless" => Ok(Throughput::Serverless),
        Some(("manual", units)) => number(units, 100, 400).map(Throughput::Manual),
        Some(("autoscale", units)) => number(units, 1000, 1000).map(Throughput::Autoscale),
        _ => Err(refused()),
    }
}

fn patience(text: &str) -> Result<Duration, TargetError> {
    let seconds = text.strip_suffix('s').unwrap_or(text);
    match seconds.parse::<u64>() {
        Ok(seconds) if seconds <= 3600 => Ok(Duration::from_secs(seconds)),
        _ => Err(part_error(
            "retry_for",
            "expected seconds up to an hour, such as `20s`",
        )),
    }
}

fn login(options: &BTreeMap<String, Secret>) -> Result<Login, TargetError> {
    const WAYS: &str = "`key` (with `account_key`), `managed-identity`, `workload-identity`, `service-principal` or \
                        `azure-cli`";
    let text = |name: &str| options.get(name).map(|value| value.reveal().to_owned());
    let way = text("auth").or_else(|| options.contains_key("account_key").then(|| "key".to_owned()));
    let Some(way) = way else {
        return Err(part_error("auth", &format!("say how to log in: {WAYS}")));
    };
    let needed = |name: &str| {
        text(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| part_error(name, &format!("needed for `auth = {way}`")))
    };
    let (login, uses): (Login, &[&str]) = match way.as_str() {
        "key" => (Login::Key(Secret::new(needed("account_key")?)), &["account_key"]),
        "managed-identity" => {
            let client_id = text("client_id");
            (Login::ManagedIdentity { client_id }, &["client_id"])
        }
        "workload-identity" => {
            let (client_id, tenant_id) = (text("client_id"), text("tenant_id"));
            (
                Login::WorkloadIdentity { client_id, tenant_id },
                &["client_id", "tenant_id"],
            )
        }
        "service-principal" => {
            let login = Login::ServicePrincipal {
                client_id: needed("client_id")?,
                tenant_id: needed("tenant_id")?,
                client_secret: Secret::new(needed("client_secret")?),
            };
            (login, &["client_id", "tenant_id", "client_secret"])
        }
        "azure-cli" => {
            let tenant_id = text("tenant_id");
            (Login::AzureCli { tenant_id }, &["tenant_id"])
        }
        _ => return Err(part_error("auth", &format!("expected {WAYS}"))),
    };
    let useless = ["account_key", "client_id", "tenant_id", "client_secret"]
        .into_iter()
        .find(|name| options.contains_key(*name) && !uses.contains(name));
    match useless {
        Some(name) => Err(part_error(name, &format!("has no meaning with `auth = {way}`"))),
        None => Ok(login),
    }
}

fn unknown_option(option: &str) -> TargetError {
    let nearest = OPTIONS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(option, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    let reason = match nearest {
        Some((_, known)) => format!("unknown option; did you mean `{known}`?"),
        None => format!("unknown option; known are {}", OPTIONS.join(", ")),
    };
    part_error(option, &reason)
}

fn part_error(part: &str, reason: &str) -> TargetError {
    TargetError::Part {
        part: part.to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests;
