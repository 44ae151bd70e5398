//! The parts of an address, as the client program wants them.

/// `scheme://user:password@host:port/database?options`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) user: String,
    pub(super) password: String,
    pub(super) host: String,
    pub(super) port: String,
}

impl Address {
    /// Reads what is there; what is missing is as the servers have it by default.
    pub(super) fn of(url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let (login, place) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, "3306"));
        Self {
            user: decoded(user),
            password: decoded(password),
            host: host.to_owned(),
            port: port.to_owned(),
        }
    }
}

/// The same address with another database; its options stay.
pub(super) fn with_database(url: &str, database: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, String::new()), |(address, options)| {
            (address, format!("?{options}"))
        });
    let host_at = address.find("://").map_or(0, |at| at + 3);
    let end = address[host_at..]
        .find('/')
        .map_or(address.len(), |at| host_at + at);
    format!("{}/{database}{options}", &address[..end])
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = (*first == b'%').then(|| tail.get(..2)).flatten();
        let code = code.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_address_are_read() {
        let address = Address::of("mysql://ann:p%40ss%2F@db.example:3307/app?ssl-mode=required");
        assert_eq!(
            (address.user.as_str(), address.password.as_str()),
            ("ann", "p@ss/")
        );
        assert_eq!(
            (address.host.as_str(), address.port.as_str()),
            ("db.example", "3307")
        );
        assert_eq!(Address::of("mysql://root@db").port, "3306");
    }

    #[test]
    fn the_database_in_an_address_is_replaced_and_its_options_stay() {
        assert_eq!(
            with_database("mysql://u:p@h:1/a?x=1", "b"),
            "mysql://u:p@h:1/b?x=1"
        );
        assert_eq!(with_database("mysql://u:p@h:1", "b"), "mysql://u:p@h:1/b");
    }
}
