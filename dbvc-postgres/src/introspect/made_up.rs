//! Names that the server makes up.

/// Whether the server would make up `name` of these parts: joined with `_`, with a number at the end where that name was
/// taken (`ChooseRelationName`, `ChooseConstraintName`). A name that it had to shorten is not recognised and counts as
/// given.
pub(super) fn is_made_up(name: &str, parts: &[&str]) -> bool {
    let stem = parts.join("_");
    name.strip_prefix(&stem)
        .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_made_up;

    #[test]
    fn a_made_up_name_is_recognised_with_its_number() {
        assert!(is_made_up("t_a_b_key", &["t", "a", "b", "key"]));
        assert!(is_made_up("t_pkey2", &["t", "pkey"]));
        assert!(!is_made_up("t_pkey_old", &["t", "pkey"]));
        assert!(!is_made_up("mine", &["t", "pkey"]));
    }
}
