//! Certificates, made anew for each run.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// Who signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut about = CertificateParams::default();
        about.distinguished_name.push(DnType::CommonName, name);
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        about.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let pem = about.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(about, key),
            pem,
        }
    }

    /// Signs a certificate; `names` are hosts and addresses, `life` how long from now it is good.
    fn sign(&self, subject: &str, names: &[&str], life: Duration) -> (String, String) {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut about = CertificateParams::new(names).unwrap();
        about.distinguished_name.push(DnType::CommonName, subject);
        about.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        about.not_before = date_time_ymd(2001, 1, 1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        about.not_after = date_time_ymd(1970, 1, 1) + now + life;
        let key = KeyPair::generate().unwrap();
        let certificate = about.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// Longer than any test.
pub(crate) const LONG: Duration = Duration::from_hours(24);

/// A folder of them.
pub(crate) struct Folder {
    place: tempfile::TempDir,
    authority: Authority,
    /// The login that must own the keys, where the test runs as root.
    owner: &'static str,
}

/// The one name that the server's certificate has: 127.0.0.1 is another.
pub(crate) const HOST: &str = "localhost";

impl Folder {
    /// `ca.pem`, `server.pem` for [`HOST`], `client.pem` for `subject`, each with its key, and `stranger.pem`, which
    /// signed none of them and has the same name as `ca.pem`.
    pub(crate) fn new(owner: &'static str, subject: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let made = Self {
            place: folder,
            authority: Authority::new("the tests"),
            owner,
        };
        made.write("ca.pem", &made.authority.pem);
        made.write("stranger.pem", &Authority::new("somebody else").pem);
        made.put("server", HOST, &[HOST], LONG);
        made.put("client", subject, &[], LONG);
        made
    }

    /// Puts another certificate in the place of the server's.
    pub(crate) fn serve(&self, names: &[&str], life: Duration) {
        self.put("server", HOST, names, life);
    }

    fn put(&self, name: &str, subject: &str, names: &[&str], life: Duration) {
        let (certificate, key) = self.authority.sign(subject, names, life);
        self.write(&format!("{name}.pem"), &certificate);
        self.write(&format!("{name}-key.pem"), &key);
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.file(name);
        std::fs::write(&path, text).unwrap();
        if name.ends_with("-key.pem") {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            if name.starts_with("server") {
                give(&path, self.owner);
            }
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// The file's path as an option's value.
    pub(crate) fn path(&self, name: &str) -> String {
        self.file(name).display().to_string()
    }
}

/// Hands a file to a login of the system, where that is ours to do; otherwise the server runs as we do.
fn give(path: &Path, owner: &str) {
    let _ = std::process::Command::new("chown")
        .arg(owner)
        .arg(path)
        .stderr(std::process::Stdio::null())
        .status();
}
