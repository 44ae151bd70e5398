#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use super::*;
use crate::lint::Patterns;
use crate::schema::{
    Body, Column, DataType, ForeignKey, IndexPart, Key, Object, ObjectKind, Policy, Reference, TypeFamily,
};

const HASH: TypeFamily = TypeFamily::Binary;
const TEXT: TypeFamily = TypeFamily::Text;
const TIME: TypeFamily = TypeFamily::TimestampTz;

/// Columns by name and family; a `?` after the name lets it be NULL.
fn table(columns: &[(&str, TypeFamily)], primary: &[&str], once: &[&str], refers: &[(&str, &str)]) -> Table {
    let mut table = Table::default();
    for (position, (name, family)) in (1..).zip(columns) {
        let column = Column {
            position,
            data_type: DataType::new(*family, format!("{family:?}")),
            nullable: name.ends_with('?'),
            ..Column::default()
        };
        table
            .columns
            .insert(name.trim_end_matches('?').to_owned(), column);
    }
    for (name, columns, primary) in [("pk", primary, true), ("once", once, false)] {
        if !columns.is_empty() {
            let parts = columns.iter().map(|name| IndexPart::column(*name)).collect();
            let key = Key {
                primary,
                parts,
                ..Key::default()
            };
            table.keys.insert(name.to_owned(), key);
        }
    }
    for (column, referred) in refers {
        let foreign = ForeignKey {
            columns: vec![(*column).to_owned()],
            references: Reference {
                schema: Some("vault".to_owned()),
                table: (*referred).to_owned(),
                columns: Vec::new(),
            },
            ..ForeignKey::default()
        };
        table.foreign_keys.insert(format!("{column}_fk"), foreign);
    }
    table
}

const ORIGIN: [(&str, TypeFamily); 3] = [("tenant_hk", HASH), ("load_date", TIME), ("record_source", TEXT)];

fn with_origin(columns: &[(&'static str, TypeFamily)]) -> Vec<(&'static str, TypeFamily)> {
    columns.iter().copied().chain(ORIGIN).collect()
}

/// Two hubs, the link between them, a satellite of one, and the tenants' own hub: nothing is wrong.
fn vault() -> Database {
    let mut database = Database::new("postgres");
    let mut add = |name: &str, table: Table| {
        let key = ObjectKey::within(ObjectKind::Table, "vault", name);
        database.objects.insert(key, Object::new(Body::Table(table)));
    };
    add(
        "tenant_h",
        table(
            &[
                ("tenant_hk", HASH),
                ("tenant_bk", TEXT),
                ("load_date", TIME),
                ("record_source", TEXT),
            ],
            &["tenant_hk"],
            &["tenant_bk"],
            &[],
        ),
    );
    for name in ["customer", "product"] {
        let columns: [(&'static str, TypeFamily); 2] = match name {
            "customer" => [("customer_hk", HASH), ("customer_bk", TEXT)],
            _ => [("product_hk", HASH), ("product_bk", TEXT)],
        };
        add(
            &format!("{name}_h"),
            table(
                &with_origin(&columns),
                &[columns[0].0],
                &["tenant_hk", columns[1].0],
                &[],
            ),
        );
    }
    add(
        "purchase_l",
        table(
            &with_origin(&[("purchase_hk", HASH), ("customer_hk", HASH), ("product_hk", HASH)]),
            &["purchase_hk"],
            &["customer_hk", "product_hk"],
            &[("customer_hk", "customer_h"), ("product_hk", "product_h")],
        ),
    );
    add(
        "customer_s",
        table(
            &with_origin(&[
                ("customer_hk", HASH),
                ("hash_diff", HASH),
                ("load_end_date?", TIME),
                ("name?", TEXT),
            ]),
            &["customer_hk", "load_date"],
            &[],
            &[("customer_hk", "customer_h")],
        ),
    );
    database
}

fn in_vault() -> DataVault {
    DataVault {
        schemas: vec!["vault".to_owned()],
        ..DataVault::default()
    }
}

/// The rules that are broken once a table was changed.
fn broken(settings: &DataVault, name: &str, change: impl FnOnce(&mut Table)) -> Vec<&'static str> {
    let mut database = vault();
    let key = ObjectKey::within(ObjectKind::Table, "vault", name);
    match &mut database.objects.get_mut(&key).unwrap().body {
        Body::Table(table) => change(table),
        other => panic!("{other:?}"),
    }
    let found = settings.inspect(&database).violations;
    found.iter().map(|violation| violation.rule).collect()
}

#[test]
fn a_vault_as_it_should_be_has_no_findings() {
    let inspected = in_vault().inspect(&vault());
    assert_eq!(inspected.violations, []);
    assert_eq!((inspected.hubs, inspected.links, inspected.satellites), (3, 1, 1));
}

fn without(name: &'static str) -> impl Fn(&mut Table) {
    move |table| drop(table.columns.remove(name))
}

fn nullable(name: &'static str) -> impl Fn(&mut Table) {
    move |table| table.columns.get_mut(name).unwrap().nullable = true
}

fn without_key(name: &'static str) -> impl Fn(&mut Table) {
    move |table| drop(table.keys.remove(name))
}

#[test]
fn a_hub_needs_its_keys_and_nothing_else() {
    let found = |change: &dyn Fn(&mut Table)| broken(&in_vault(), "customer_h", change);
    // What refers to it still does: only the key itself is found.
    assert_eq!(found(&without_key("pk")), ["hash-key"]);
    assert_eq!(found(&without_key("once")), ["business-key"]);
    assert_eq!(found(&nullable("customer_bk")), ["business-key"]);
    let over_all_tenants = found(&|table| {
        let parts = &mut table.keys.get_mut("once").unwrap().parts;
        parts.retain(|part| part.column.as_deref() != Some("tenant_hk"));
    });
    assert_eq!(over_all_tenants, ["tenant-key"]);
    let described = found(&|table| {
        let column = Column {
            position: 9,
            ..table.columns["customer_bk"].clone()
        };
        table.columns.insert("shoe_size".to_owned(), column);
    });
    assert_eq!(described, ["hub-attributes"]);
}

#[test]
fn a_satellite_needs_its_parent_its_dates_and_its_hash() {
    let found = |change: &dyn Fn(&mut Table)| broken(&in_vault(), "customer_s", change);
    assert_eq!(found(&nullable("load_date")), ["load-date"]);
    assert_eq!(found(&nullable("tenant_hk")), ["tenant-key"]);
    assert_eq!(found(&without("hash_diff")), ["hash-diff"]);
    assert_eq!(found(&without("load_end_date")), ["load-end-date"]);
    assert_eq!(found(&without_key("pk")), ["satellite-key"]);
    let without_date = found(&|table| drop(table.keys.get_mut("pk").unwrap().parts.pop()));
    assert_eq!(without_date, ["satellite-key"]);
    assert_eq!(found(&|table| table.foreign_keys.clear()), ["satellite-parent"]);
    let of_another_type = found(&|table| {
        table.columns.get_mut("customer_hk").unwrap().data_type = DataType::new(TEXT, "char(32)");
    });
    assert_eq!(of_another_type, ["key-type"]);
}

#[test]
fn a_link_needs_its_hubs_and_links_them_once() {
    let found = |change: &dyn Fn(&mut Table)| broken(&in_vault(), "purchase_l", change);
    assert_eq!(found(&without("record_source")), ["record-source"]);
    assert_eq!(found(&without("tenant_hk")), ["tenant-key"]);
    assert_eq!(found(&nullable("customer_hk")), ["link-ends"]);
    assert_eq!(found(&without_key("once")), ["link-unique"]);
    let to_no_hub = found(&|table| drop(table.foreign_keys.remove("product_hk_fk")));
    assert_eq!(to_no_hub, ["link-ends"]);
    let of_numbers = found(&|table| {
        table.columns.get_mut("load_date").unwrap().data_type.family = TypeFamily::Integer;
    });
    assert_eq!(of_numbers, ["load-date"]);
}

#[test]
fn a_link_of_one_hub_is_none() {
    let found = broken(&in_vault(), "purchase_l", |table| {
        drop(table.columns.remove("product_hk"));
    });
    assert_eq!(found, ["link-ends"]);
}

#[test]
fn policies_on_rows_are_asked_for_only_where_the_project_wants_them() {
    let settings = DataVault {
        tenant_policies: true,
        ..in_vault()
    };
    assert_eq!(
        broken(&settings, "customer_s", |_| {}).len(),
        5,
        "all five tables have a tenant and no policy"
    );
    assert!(broken(&in_vault(), "customer_s", |_| {}).is_empty());
}

const OWN: &str = "(tenant_hk = current_setting('app.tenant'))";

fn policy(command: &str, using: &str) -> Policy {
    Policy {
        command: command.to_owned(),
        using: Some(using.to_owned()),
        ..Policy::default()
    }
}

/// What is told of policies on a satellite whose row security is as said.
fn told_of(security: Option<&str>, policies: &[Policy]) -> String {
    let settings = DataVault {
        tenant_policies: true,
        ..in_vault()
    };
    let mut database = vault();
    let key = ObjectKey::within(ObjectKind::Table, "vault", "customer_s");
    let object = database.objects.get_mut(&key).unwrap();
    if let Some(security) = security {
        object
            .options
            .insert("postgres.row_security".to_owned(), security.to_owned());
    }
    let Body::Table(table) = &mut object.body else {
        panic!("no table")
    };
    for (number, policy) in policies.iter().enumerate() {
        table.policies.insert(format!("p{number}"), policy.clone());
    }
    let found = settings.inspect(&database).violations;
    let here = found.iter().filter(|it| it.object.as_ref() == Some(&key));
    here.map(|it| it.message.as_str()).collect::<Vec<_>>().join("; ")
}

#[test]
fn policies_keep_tenants_apart_only_where_row_security_is_on() {
    let own = [policy("all", OWN)];
    assert_eq!(told_of(Some("enabled"), &own), "");
    assert_eq!(told_of(Some("forced"), &own), "");
    for off in [None, Some("forced when enabled")] {
        let told = told_of(off, &own);
        assert!(told.starts_with("row security is not enabled"), "{told}");
    }
    let told = told_of(Some("enabled"), &[policy("all", "(region = 7)")]);
    assert!(
        told.starts_with("no policy on rows asks for tenant_hk, so"),
        "{told}"
    );
}

#[test]
fn each_command_has_a_policy_that_asks_for_the_tenant() {
    let mut policies = vec![
        policy("select", OWN),
        policy("update", OWN),
        policy("delete", OWN),
    ];
    let told = told_of(Some("enabled"), &policies);
    assert_eq!(told, "no policy on rows asks for tenant_hk at insert");
    policies.push(Policy {
        using: None,
        check: Some(OWN.to_owned()),
        ..policy("insert", OWN)
    });
    assert_eq!(told_of(Some("enabled"), &policies), "");
    let written_anywhere = Policy {
        check: Some("true".to_owned()),
        ..policy("all", OWN)
    };
    let told = told_of(Some("enabled"), &[written_anywhere]);
    assert!(
        told.starts_with("no policy on rows asks for tenant_hk at insert, update;"),
        "{told}"
    );
}

#[test]
fn a_policy_that_lets_all_pass_is_told_unless_a_restrictive_one_asks() {
    let all = policy("select", "(true)");
    let told = told_of(Some("enabled"), &[policy("all", OWN), all.clone()]);
    assert_eq!(
        told,
        "the policy p1 lets every row pass, and one policy that does is enough"
    );
    let restrictive = Policy {
        restrictive: true,
        ..policy("all", OWN)
    };
    assert_eq!(told_of(Some("enabled"), &[restrictive, all]), "");
}

#[test]
fn a_table_of_another_name_is_found_where_the_schema_is_a_vault() {
    let mut database = vault();
    let stray = ObjectKey::within(ObjectKind::Table, "vault", "customers");
    let reference = ObjectKey::within(ObjectKind::Table, "vault", "country_r");
    for key in [&stray, &reference] {
        let object = Object::new(Body::Table(Table::default()));
        database.objects.insert(key.clone(), object);
    }
    let found = in_vault().inspect(&database).violations;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].rule, found[0].object.as_ref()),
        ("table-name", Some(&stray))
    );
    assert_eq!(DataVault::default().inspect(&database).violations, []);
}

#[test]
fn a_schema_that_is_not_there_is_a_finding_and_not_silence() {
    let settings = DataVault {
        schemas: vec!["volt".to_owned()],
        ..DataVault::default()
    };
    let inspected = settings.inspect(&vault());
    assert_eq!(inspected.hubs, 0);
    assert!(inspected.violations[0].message.contains("volt"));
}

#[test]
fn rules_can_be_switched_off_and_tables_left_alone() {
    let no_name = |table: &mut Table| drop(table.columns.remove("record_source"));
    let off = DataVault {
        off: [DataVaultRule::RecordSource].into(),
        ..in_vault()
    };
    assert!(broken(&off, "customer_s", no_name).is_empty());
    let except = DataVault {
        except: Patterns::known(&["vault.customer_*"]),
        ..in_vault()
    };
    assert!(broken(&except, "customer_s", no_name).is_empty());
    let one_tenant = DataVault {
        tenant_key: Patterns::default(),
        ..in_vault()
    };
    let no_tenant = |table: &mut Table| drop(table.columns.remove("tenant_hk"));
    assert!(!broken(&one_tenant, "customer_s", no_tenant).contains(&"tenant-key"));
    assert_eq!(broken(&in_vault(), "customer_s", no_tenant), ["tenant-key"]);
}
