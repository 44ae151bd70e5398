use super::*;

fn target(url: &str, options: &[(&str, &str)]) -> SinkTarget {
    SinkTarget {
        name: "trail".into(),
        url: Secret::new(url),
        options: options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)))
            .collect(),
    }
}

const KEY: &str = "bWFzdGVyLWtleQ==";

#[test]
fn a_url_and_a_connection_string_say_the_same() {
    let by_url = read(&target(
        "cosmos://a.documents.azure.com:443/audit",
        &[("account_key", KEY)],
    ))
    .expect("a URL");
    let text = format!("AccountEndpoint=https://a.documents.azure.com:443/;AccountKey={KEY};");
    let by_string = read(&target(&text, &[("database", "audit")])).expect("a connection string");
    for settings in [by_url, by_string] {
        assert_eq!(settings.endpoint.as_str(), "https://a.documents.azure.com/");
        assert_eq!(settings.database, "audit");
        assert!(matches!(settings.login, Login::Key(key) if key.reveal() == KEY));
        assert!(!settings.is_emulator && !settings.accept_certificate);
    }
}

#[test]
fn the_database_has_a_default_and_a_key_keeps_its_padding() {
    let text = format!("accountendpoint=https://a.b/;ACCOUNTKEY={KEY}");
    let settings = read(&target(&text, &[])).expect("settings");
    assert_eq!(settings.database, "version-control");
    assert!(matches!(settings.login, Login::Key(key) if key.reveal() == KEY));
}

#[test]
fn every_way_to_log_in_is_understood() {
    for (options, way) in [
        (&[("auth", "managed-identity")][..], "ManagedIdentity"),
        (
            &[("auth", "workload-identity"), ("client_id", "c")],
            "WorkloadIdentity",
        ),
        (
            &[
                ("auth", "service-principal"),
                ("client_id", "c"),
                ("tenant_id", "t"),
                ("client_secret", "hunter2"),
            ],
            "ServicePrincipal",
        ),
        (&[("auth", "azure-cli")], "AzureCli"),
    ] {
        let settings = read(&target("cosmos://a.documents.azure.com", options)).expect(way);
        let shown = format!("{:?}", settings.login);
        assert!(shown.starts_with(way), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_and_named() {
    let key = ("account_key", KEY);
    for (url, options, named) in [
        ("cosmos://a.b", &[][..], "auth"),
        ("cosmos://a.b", &[("auth", "password")], "auth"),
        ("cosmos://a.b", &[("auth", "key")], "account_key"),
        ("cosmos://a.b", &[("auth", "azure-cli"), key], "account_key"),
        (
            "cosmos://a.b",
            &[("auth", "service-principal"), ("client_id", "c")],
            "tenant_id",
        ),
        ("cosmos://", &[key], "host"),
        ("cosmos:a.b", &[key], "host"),
        ("cosmos://ann:x@a.b", &[key], "user"),
        ("cosmos://a.b/one/two", &[key], "database"),
        ("cosmos://a.b/one?database=two", &[key], "database"),
        ("cosmos://a.b?tls=off", &[key], "tls"),
        ("cosmos://a.b?tls=maybe", &[key], "tls"),
        (
            "cosmos://a.b?accept_emulator_certificate=true",
            &[key],
            "accept_emulator_certificate",
        ),
        ("cosmos://a.b?throughput=manual:450", &[key], "throughput"),
        ("cosmos://a.b?throughput=autoscale:400", &[key], "throughput"),
        ("cosmos://a.b?retry_for=soon", &[key], "retry_for"),
        ("cosmos://a.b?acount_key=x", &[], "account_key"),
        ("AccountEndpoint=a.b;AccountKey=x", &[], "AccountEndpoint"),
        ("AccountEndpoint=http://a.b;AccountKey=x", &[], "tls"),
        (
            "AccountEndpoint=https://a.b;AccountKey=x;Nmae=y",
            &[],
            "connection string",
        ),
    ] {
        let error = read(&target(url, options)).expect_err(url).to_string();
        assert!(error.contains(named), "{url}: {error}");
        assert!(!error.contains(KEY), "{url}: {error}");
    }
}

#[test]
fn only_an_emulator_on_this_machine_is_trusted_blindly() {
    for host in ["localhost:8081", "127.0.0.1:8081", "[::1]:8081"] {
        let url = format!("cosmos://{host}?accept_emulator_certificate=true&account_key=k");
        let settings = read(&target(&url, &[])).expect(host);
        assert!(settings.is_emulator && settings.accept_certificate, "{host}");
    }
    let url = "cosmos://127.0.0.1.example.org?accept_emulator_certificate=true&account_key=k";
    assert!(read(&target(url, &[])).is_err());
}

#[test]
fn throughput_is_understood() {
    assert_eq!(throughput("serverless"), Ok(Throughput::Serverless));
    assert_eq!(throughput("manual:400"), Ok(Throughput::Manual(400)));
    assert_eq!(throughput("autoscale:4000"), Ok(Throughput::Autoscale(4000)));
}
