use super::*;
use crate::migration::formats::{Place, recognise};

fn check(rules: &NamingRules, file: &str) -> Result<(), Refusal> {
    let place = Place {
        folder: None,
        file,
        rollback: false,
    };
    let name = recognise(place).expect("ours").expect(file);
    rules.check(&name)
}

fn style(style: NamingStyle) -> NamingRules {
    NamingRules {
        style,
        vague: Vec::new(),
    }
}

#[test]
fn odd_characters_are_refused_with_the_corrected_name() {
    for (file, code, right) in [
        (
            "V1.1.0__add-users.sql",
            codes::NAME_HYPHEN,
            "V1.1.0__add_users.sql",
        ),
        (
            "20251127_143000_add-users.sql",
            codes::NAME_HYPHEN,
            "20251127_143000_add_users.sql",
        ),
        (
            "V1.1.0__Add users.sql",
            codes::NAME_CHARACTER,
            "V1.1.0__Add_users.sql",
        ),
        (
            "V1.1.0__Add_(users).sql",
            codes::NAME_CHARACTER,
            "V1.1.0__Add_users.sql",
        ),
        (
            "V1.1.0___Add_users.sql",
            codes::NAME_SEPARATOR,
            "V1.1.0__Add_users.sql",
        ),
        (
            "R__Customer-views.sql",
            codes::NAME_HYPHEN,
            "R__Customer_views.sql",
        ),
        (
            "U1.1.0__add-users.sql",
            codes::NAME_HYPHEN,
            "U1.1.0__add_users.sql",
        ),
    ] {
        let refusal = check(&NamingRules::default(), file).expect_err(file);
        assert_eq!(refusal.code, code, "{file}");
        assert_eq!(refusal.help, Help::Rename(right.into()), "{file}");
        assert_eq!(check(&NamingRules::default(), right), Ok(()));
        assert_eq!(check(&style(NamingStyle::Off), file), Ok(()), "{file}");
    }
}

#[test]
fn a_vague_description_is_refused_with_an_example() {
    for word in [
        "update",
        "Fix",
        "changes",
        "misc",
        "test",
        "new",
        "stuff",
        "temp",
        "fix_stuff",
        "more_changes_2",
    ] {
        let file = format!("V1.1.0__{word}.sql");
        let refusal = check(&NamingRules::default(), &file).expect_err(&file);
        assert_eq!(refusal.code, codes::NAME_VAGUE, "{file}");
        let help = "name the object and the change, such as V1.1.0__Add_email_to_customers.sql";
        assert_eq!(refusal.help, Help::Say(help.into()));
    }
    for clear in [
        "Update_prices",
        "Add_test_results",
        "Fix_rounding_of_totals",
        "Ändere_Straße",
        "Support_v1.2",
    ] {
        assert_eq!(
            check(&NamingRules::default(), &format!("V1.1.0__{clear}.sql")),
            Ok(()),
            "{clear}"
        );
    }
}

#[test]
fn a_project_adds_its_own_vague_words() {
    let rules = NamingRules {
        vague: vec!["Cleanup".into()],
        ..NamingRules::default()
    };
    let refusal = check(&rules, "V2__cleanup.sql").expect_err("vague here");
    assert_eq!(
        refusal.message,
        "the description `cleanup` does not say what changes"
    );
    assert_eq!(check(&NamingRules::default(), "V2__cleanup.sql"), Ok(()));
}

#[test]
fn verb_names_follow_one_of_five_patterns() {
    let rules = style(NamingStyle::Verb);
    for right in [
        "create_invoice_table",
        "create_order_line_table",
        "add_email_to_customers",
        "remove_fax_from_customers",
        "add_index_customers_email",
        "migrate_address_data",
    ] {
        assert_eq!(check(&rules, &format!("V2__{right}.sql")), Ok(()), "{right}");
    }
    for wrong in [
        "create_table",
        "create_invoice",
        "add_email",
        "add_to_customers",
        "add_email_to",
        "remove_fax",
        "add_index_customers",
        "migrate_data",
        "email",
    ] {
        let refusal = check(&rules, &format!("V2__{wrong}.sql")).expect_err(wrong);
        assert_eq!(refusal.code, codes::NAME_PATTERN, "{wrong}");
    }
    assert_eq!(
        check(&rules, "R__Views.sql"),
        Ok(()),
        "it defines, it does not change"
    );
}
