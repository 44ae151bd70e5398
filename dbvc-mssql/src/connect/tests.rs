use super::*;

fn read(url: &str) -> Result<Settings, TargetError> {
    Settings::read(&Target::parse(url).expect("a URL"))
}

fn settings(url: &str) -> Settings {
    read(url).unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn refusal(url: &str) -> String {
    match read(url) {
        Ok(_) => panic!("{url} was taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_a_url_says_is_used() {
    let settings = settings("mssql://ann:s%40cret@db.example:1444/app?encrypt=strict&connect_timeout=3");
    assert_eq!((settings.server.as_str(), settings.port), ("db.example", 1444));
    assert_eq!(settings.config.get_addr(), "db.example:1444");
    assert_eq!(settings.database, "app");
    assert_eq!(settings.encrypt, Encrypt::Strict);
    assert_eq!(settings.timeout, Duration::from_secs(3));
    assert_eq!(settings.config.get_command_timeout(), None);
    let Login::Password { user, password } = &settings.login else {
        panic!("{:?}", settings.login)
    };
    assert_eq!((user.as_str(), password.reveal()), ("ann", "s@cret"));
}

#[test]
fn a_password_with_any_characters_arrives_as_it_is() {
    let settings = settings("sqlserver://a%5Cb:%25%40%3A%2F%3F%23%5B%5D%20%2B%C3%A9%25zz%3B%3D@db/app");
    let Login::Password { user, password } = &settings.login else {
        panic!("{:?}", settings.login)
    };
    assert_eq!((user.as_str(), password.reveal()), ("a\\b", "%@:/?#[] +é%zz;="));
}

#[test]
fn nothing_shows_a_password_or_a_token() {
    for url in [
        "mssql://ann:hunter2@db/app",
        "mssql://db/app?token=hunter2",
        "mssql://id:hunter2@db/app?authentication=service-principal&tenant=t",
    ] {
        let shown = format!("{:?}", settings(url));
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!Target::parse(url).expect("a URL").shown().contains("hunter2"));
    }
}

#[test]
fn everything_is_encrypted_and_checked_unless_told_otherwise() {
    let settings_of = |options: &str| settings(&format!("mssql://ann:x@db/app?{options}"));
    assert_eq!(settings_of("").encrypt, Encrypt::Mandatory);
    assert!(!format!("{:?}", settings_of("").config).contains("bypass: true"));
    assert_eq!(settings_of("encrypt=False").encrypt, Encrypt::Login);
    assert_eq!(settings_of("Encrypt=Mandatory").encrypt, Encrypt::Mandatory);
    let trusting = format!("{:?}", settings_of("TrustServerCertificate=true").config);
    assert!(trusting.contains("bypass: true"), "{trusting}");
    let local = settings("mssql://ann:x@localhost/app?encrypt=none");
    assert_eq!(local.encrypt, Encrypt::Nothing);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (options, words) in [
        (
            "encrypt=strict&trust_server_certificate=true".to_owned(),
            "always checks",
        ),
        ("encrypt=none".into(), "only for a server on this machine"),
        ("encrypt=maybe".into(), "is none of"),
        (format!("tls_ca={file}"), "holds no certificate"),
        ("ssl_ca=no-such.pem".into(), "no such file"),
    ] {
        let said = refusal(&format!("mssql://ann:x@db/app?{options}"));
        assert!(said.contains(words), "{options}: {said}");
    }
}

#[test]
fn named_instances_are_asked_for_where_no_port_is_named() {
    let place = |url: &str| {
        let settings = settings(url);
        (settings.server.clone(), settings.config.get_addr())
    };
    assert_eq!(
        place("mssql://ann:x@db%5CDEV/app"),
        ("db\\DEV".into(), "db:1434".into())
    );
    assert_eq!(
        place("mssql://ann:x@db/app?instance=DEV"),
        ("db\\DEV".into(), "db:1434".into())
    );
    assert_eq!(
        place("mssql://ann:x@db:1500/app?instance=DEV"),
        ("db".into(), "db:1500".into())
    );
    assert_eq!(
        place("mssql://ann:x@./app"),
        ("localhost".into(), "localhost:1433".into())
    );
    assert_eq!(
        place("mssql://ann:x@[::1]/app"),
        ("::1".into(), "[::1]:1433".into())
    );
    assert!(refusal("mssql://ann:x@db%5CDEV/app?instance=TEST").contains("another one"));
    assert!(refusal("mssql://ann:x@db%2C14x33/app").contains("`14x33` is none"));
    assert!(refusal("mssql://ann:x@(localdb)%5Cv11/app").contains("LocalDB"));
}

#[test]
fn the_login_is_made_as_asked() {
    let login = |url: &str| settings(url).login;
    let entra = |url: &str| match login(url) {
        Login::Entra(identity) => format!("{identity:?}"),
        other => panic!("{url}: {other:?}"),
    };
    for word in ["default", "Active Directory Default", "ActiveDirectoryDefault"] {
        let url = format!("mssql://db/app?authentication={}", word.replace(' ', "%20"));
        assert!(entra(&url).starts_with("Default"), "{word}");
    }
    assert!(entra("azuresql://db/app").starts_with("Default"));
    assert!(entra("mssql://x.database.windows.net/app").starts_with("Default"));
    let managed = entra("mssql://id@db/app?authentication=Active+Directory+MSI");
    assert_eq!(managed, "Managed { client: Some(\"id\") }");
    let principal = entra("mssql://id:pw@db/app?Authentication=ActiveDirectoryServicePrincipal&tenant=t");
    assert!(
        principal.starts_with("Secret { client: \"id\", tenant: Some(\"t\")"),
        "{principal}"
    );
    assert!(matches!(
        login("mssql://ann:x@x.database.windows.net/app"),
        Login::Password { .. }
    ));
    assert!(matches!(login("mssql://db/app?token=abc"), Login::Token(_)));
    for (url, words) in [
        ("mssql://db/app", "names no login"),
        ("mssql://db/app?authentication=token", "there is none"),
        ("mssql://ann:x@db/app?authentication=default", "has none"),
        (
            "mssql://db/app?authentication=ActiveDirectoryInteractive",
            "needs a person",
        ),
        (
            "mssql://db/app?authentication=Active%20Directory%20Password",
            "needs a person",
        ),
        ("mssql://db/app?authentication=kerberos", "is none of"),
        ("mssql://db/app?IntegratedSecurity=SSPI", "Windows logins"),
        ("mssql://db/app?Trusted_Connection=yes", "Windows logins"),
        (
            "mssql://id@db/app?authentication=service-principal",
            "client_certificate",
        ),
        ("mssql://:pw@db/app?authentication=service-principal", "client's"),
    ] {
        assert!(refusal(url).contains(words), "{url}: {}", refusal(url));
    }
}

#[test]
fn keys_of_connection_strings_count_or_are_known_to_mean_nothing_here() {
    let settings = settings(
        "mssql://ann:x@db/app?Persist+Security+Info=False&MultipleActiveResultSets=False&Encrypt=True&\
         TrustServerCertificate=False&Connection+Timeout=30&Application+Name=shop&Integrated+Security=False&\
         ApplicationIntent=ReadWrite&Command+Timeout=60",
    );
    assert_eq!(settings.timeout, Duration::from_secs(30));
    assert!(format!("{:?}", settings.config).contains("shop"));
    for (options, words) in [
        ("Failover+Partner=b", "listener"),
        ("ApplicationIntent=ReadOnly", "readable secondary"),
        ("encript=true", "did you mean `encrypt`?"),
        (
            "trust_server_certificat=true",
            "did you mean `trust_server_certificate`?",
        ),
        ("colour=red", "known are encrypt"),
        ("Servr=db", "did you mean `Server`?"),
        ("Pasword=x", "did you mean `Password`?"),
        ("encrypt=true&Encrypt=false", "`encrypt` is said twice"),
        (
            "connect_timeout=5&Connection+Timeout=5",
            "`connect_timeout` is said twice",
        ),
        ("connect_timeout=0", "from 1 on"),
        ("packet_size=1", "512"),
    ] {
        let said = refusal(&format!("mssql://ann:x@db/app?{options}"));
        assert!(said.contains(words), "{options}: {said}");
    }
}

#[test]
fn a_url_without_a_database_is_refused() {
    for url in ["mssql://ann:x@db", "mssql://ann:x@db/", "mssql://ann:x@db/a/b"] {
        assert!(refusal(url).starts_with("database: "), "{}", refusal(url));
    }
    assert_eq!(settings("mssql://ann:x@db/My%20Shop").database, "My Shop");
}

#[test]
fn a_login_in_azure_waits_for_a_database_that_wakes_up() {
    assert_eq!(
        settings("mssql://a:x@s.Database.Windows.net/app").timeout,
        AZURE_TIMEOUT
    );
    assert_eq!(
        settings("mssql://a:x@database.windows.net.example/app").timeout,
        CONNECT_TIMEOUT
    );
}
