//! Keeps secrets out of the lines and values that messages quote.

/// What stands for a secret.
pub(crate) const MASK: &str = "****";

const SECRET_OPTIONS: [&str; 6] = [
    "password=",
    "pwd=",
    "sslpassword=",
    "token=",
    "sslkey=",
    "accountkey=",
];
/// What a key in PEM begins with; what follows it may be the key.
const PEM: &str = "-----BEGIN";

/// A line of a file with `****` in place of the password of each URL; a `${…}` reference is no secret.
pub(crate) fn line(text: &str) -> String {
    match text.find(PEM) {
        Some(start) => format!("{}{MASK}", &text[..start]),
        None => options(&user_info(text)),
    }
}

fn user_info(text: &str) -> String {
    let Some(scheme) = text.find("://") else {
        return text.to_owned();
    };
    let (head, rest) = text.split_at(scheme + 3);
    // A password may hold any character, so the last `@` ends it, whatever stands before.
    let Some(at) = rest.rfind('@') else {
        return text.to_owned();
    };
    let Some(colon) = rest[..at].find(':') else {
        return text.to_owned();
    };
    let password = &rest[colon + 1..at];
    if is_reference(password) {
        return text.to_owned();
    }
    format!("{head}{}:{MASK}{}", &rest[..colon], &rest[at..])
}

fn options(text: &str) -> String {
    let mut clean = text.to_owned();
    for option in SECRET_OPTIONS {
        let mut from = 0;
        while let Some(found) = clean[from..].to_ascii_lowercase().find(option) {
            let start = from + found + option.len();
            let length = clean[start..]
                .find(['&', ';', '"', '\'', ' '])
                .unwrap_or(clean.len() - start);
            if !is_reference(&clean[start..start + length]) {
                clean.replace_range(start..start + length, MASK);
            }
            from = start;
        }
    }
    clean
}

fn is_reference(text: &str) -> bool {
    text.starts_with("${") && text.find('}') == Some(text.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_password_in_a_url_is_masked() {
        assert_eq!(
            line("url = \"postgres://ann:hun@ter/2@db/app\""),
            "url = \"postgres://ann:****@db/app\""
        );
    }

    #[test]
    fn a_reference_stays_readable() {
        let text = "url = \"postgres://ann:${DB_PASSWORD}@db/app\"";
        assert_eq!(line(text), text);
    }

    #[test]
    fn a_password_among_the_options_is_masked() {
        assert_eq!(
            line("postgres://db/app?password=hunter2&x=1"),
            "postgres://db/app?password=****&x=1"
        );
        assert_eq!(
            line("Server=db;Password=hunter2;Database=app"),
            "Server=db;Password=****;Database=app"
        );
        assert_eq!(
            line("url = 'AccountEndpoint=https://a/;AccountKey=aHVudGVyMg==;'"),
            "url = 'AccountEndpoint=https://a/;AccountKey=****;'"
        );
    }

    #[test]
    fn a_key_in_pem_is_masked_to_the_end_of_its_line() {
        assert_eq!(
            line("signing_key = \"-----BEGIN PRIVATE KEY-----\\nMC4CAQ\""),
            "signing_key = \"****"
        );
    }
}
