//! ADO.NET connection strings, `Server=host,1433;Database=app;User Id=sa;Password=…`, as applications on SQL Server have
//! them.

use dbvc_engine::driver::Secret;

use super::Sourced;
use super::parts::Parts;

/// What one looks like.
pub const CONNECTION_STRING: &str = "Server=host,1433;Database=app;User Id=user;Password=${DB_PASSWORD}";

/// Whether a text is one, and no URL.
pub(super) fn is_one(text: &str) -> bool {
    let key = text.split('=').next().unwrap_or_default();
    text.contains('=') && !key.contains([':', '/', '?']) && (text.contains(';') || is_server(&plain(key)))
}

/// Reads one. What is no part of a connection is kept as an option, for the driver to judge. The error does not repeat
/// the text, which holds a password.
pub(super) fn read(text: &Sourced<String>) -> Result<Parts, String> {
    let sourced = |value: String| Sourced::new(value, text.source.clone());
    let mut parts = Parts {
        driver: Some("sqlserver".into()),
        ..Parts::default()
    };
    for (key, value) in pairs(&text.value)? {
        let twice = match plain(&key).as_str() {
            name if is_server(name) => {
                let (host, port) = server(&value)?;
                parts.port = port.map(sourced);
                parts.host.replace(sourced(host)).is_some()
            }
            "database" | "initialcatalog" => parts.name.replace(sourced(value)).is_some(),
            "userid" | "uid" | "user" | "username" => parts.user.replace(sourced(value)).is_some(),
            "password" | "pwd" => parts.password.replace(sourced(value).map(Secret::new)).is_some(),
            _ => {
                parts.options.push((key.clone(), Secret::new(value)));
                false
            }
        };
        if twice {
            return Err(format!(
                "`{key}` says once more what another key has said; leave one of them out"
            ));
        }
    }
    Ok(parts)
}

/// A server as SQL Server's clients write it: `tcp:host\\instance,port`. The error says what is not possible.
pub(super) fn server(written: &str) -> Result<(String, Option<String>), String> {
    let written = written.trim();
    let lower = written.to_ascii_lowercase();
    if ["np:", "lpc:", "admin:"]
        .iter()
        .any(|protocol| lower.starts_with(protocol))
    {
        return Err(format!(
            "`{written}` is reached over something else than TCP; write `tcp:host,port`"
        ));
    }
    let address = if lower.starts_with("tcp:") {
        &written[4..]
    } else {
        written
    };
    let Some((host, port)) = address.split_once(',') else {
        return Ok((address.trim().to_owned(), None));
    };
    let port = port.trim();
    if port.parse::<u16>().is_err() || port == "0" {
        return Err(format!(
            "`{port}` is no port: a number from 1 to 65535 follows the host, as in `tcp:host,1433`"
        ));
    }
    Ok((host.trim().to_owned(), Some(port.to_owned())))
}

fn is_server(key: &str) -> bool {
    matches!(
        key,
        "server" | "datasource" | "addr" | "address" | "networkaddress"
    )
}

fn plain(key: &str) -> String {
    let letters = key.chars().filter(|letter| !letter.is_whitespace());
    letters.collect::<String>().to_ascii_lowercase()
}

/// The pairs of a text (.NET, `DbConnectionStringBuilder`): `;` separates, the first `=` ends a key, `==` stands for one in
/// a key, and a value in quotes of either kind may hold anything, its own quote doubled.
fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|letter: char| letter == ';' || letter.is_whitespace());
        if rest.is_empty() {
            return Ok(found);
        }
        let number = found.len() + 1;
        let mut key = String::new();
        loop {
            let Some(end) = rest.find(['=', ';']) else {
                return Err(format!(
                    "part {number} has no `=`; a value with `;` in it belongs in quotes"
                ));
            };
            if rest[end..].starts_with(';') {
                return Err(format!(
                    "part {number} has no `=`; a value with `;` in it belongs in quotes"
                ));
            }
            key.push_str(&rest[..end]);
            rest = &rest[end + 1..];
            if !rest.starts_with('=') {
                break;
            }
            key.push('=');
            rest = &rest[1..];
        }
        let (value, behind) =
            value(rest).ok_or_else(|| format!("the quotes of part {number} are not closed"))?;
        found.push((key.trim().to_owned(), value));
        rest = behind;
    }
}

fn value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches(|letter: char| letter != ';' && letter.is_whitespace());
    let Some(quote) = text.chars().next().filter(|letter| matches!(letter, '\'' | '"')) else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim_end().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut rest = &text[1..];
    loop {
        let end = rest.find(quote)?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if !rest.starts_with(quote) {
            break;
        }
        value.push(quote);
        rest = &rest[1..];
    }
    let behind = rest.trim_start();
    (behind.is_empty() || behind.starts_with(';')).then_some((value, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String, String> {
        read(&Sourced::default_value(text.to_owned()))
            .map(|parts| parts.url("sqlserver").expect("a database"))
    }

    #[test]
    fn what_the_portal_gives_is_read() {
        let text = "Server=tcp:shop.database.windows.net,1433;Initial Catalog=app;Persist Security Info=False;User ID=ann;\
                    Password=s3;cret\u{fc};";
        assert!(url(text).is_err());
        let text = text.replace("s3;cret\u{fc}", "\"s3;c\"\"ret\u{fc}\"");
        assert_eq!(
            url(&text).as_deref(),
            Ok(
                "sqlserver://ann:s3%3Bc%22ret%C3%BC@shop.database.windows.net:1433/app?Persist%20Security%20Info=False"
            )
        );
    }

    #[test]
    fn names_of_instances_and_options_are_kept_for_the_driver() {
        assert_eq!(
            url("Data Source=db\\DEV;Database='my shop';uid=a;pwd=p=;Trust Server Certificate = yes ")
                .as_deref(),
            Ok("sqlserver://a:p%3D@db%5CDEV/my%20shop?Trust%20Server%20Certificate=yes")
        );
        assert_eq!(
            url("server=.;database=app;Authentication=Active Directory Default").as_deref(),
            Ok("sqlserver://./app?Authentication=Active%20Directory%20Default")
        );
    }

    #[test]
    fn a_broken_one_is_not_repeated() {
        for text in [
            "Server=h;hunter2",
            "Server=h;Password='hunter2",
            "Server=h;Password='a'hunter2;Database=b",
        ] {
            let error = url(text).expect_err(text);
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(
            url("Server=np:h;Database=b")
                .expect_err("no TCP")
                .contains("tcp:host")
        );
    }

    #[test]
    fn what_is_said_twice_or_cannot_be_is_named() {
        for (text, words) in [
            (
                "Server=a;Data Source=b;Database=c",
                "`Data Source` says once more",
            ),
            (
                "Server=a;Database=b;Password=hunter2;PWD=x",
                "`PWD` says once more",
            ),
            ("Server=a,14x33;Database=b", "`14x33` is no port"),
            ("Server=tcp:a,0;Database=b", "`0` is no port"),
            ("Server=a,70000;Database=b", "`tcp:host,1433`"),
        ] {
            let error = url(text).expect_err(text);
            assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_url_is_none() {
        for text in [
            "mssql://a:b=c;@h/d",
            "sqlite:a=b;c",
            "postgres://h/d?a=b;c=d",
            "app",
        ] {
            assert!(!is_one(text), "{text}");
        }
        for text in ["Server=h", "Data Source=h;Database=d", "Database=d;Server=h"] {
            assert!(is_one(text), "{text}");
        }
    }
}
