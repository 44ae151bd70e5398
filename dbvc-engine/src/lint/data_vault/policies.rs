//! Policies on rows that keep tenants apart.

use super::table::Inspector;
use super::{DataVault, DataVaultRule};
use crate::schema::{ObjectKey, Policy, Table};

const COMMANDS: [&str; 4] = ["select", "insert", "update", "delete"];

impl Inspector<'_> {
    /// Each command has a policy on rows that asks for the tenant, none lets every row pass beside it, and they are in
    /// force (PostgreSQL's manual, "Row Security Policies").
    pub(super) fn policy(&mut self, key: &ObjectKey, table: &Table) {
        let vault = self.vault;
        if !vault.tenant_policies {
            return;
        }
        let tenants = DataVault::columns(table, &vault.tenant_key);
        let Some((tenant, _)) = tenants.first() else {
            return;
        };
        let found = if table.policies.values().any(|it| guards_any(it, tenant)) {
            let mut found = holes(table, tenant);
            found.extend(
                self.is_not_in_force(key)
                    .then(|| "row security is not enabled, so that its policies are not asked".to_owned()),
            );
            found
        } else {
            vec![format!(
                "no policy on rows asks for {tenant}, so that a tenant may see another one's"
            )]
        };
        for message in found {
            self.report(DataVaultRule::TenantPolicy, Some(key), Some(tenant), message);
        }
    }

    fn is_not_in_force(&self, key: &ObjectKey) -> bool {
        let option = |object: &crate::schema::Object| {
            let security = object.options.get("postgres.row_security").map(String::as_str);
            matches!(security, Some("enabled" | "forced"))
        };
        self.database.dialect == "postgres" && !self.database.objects.get(key).is_some_and(option)
    }
}

/// Where the policies leave rows of other tenants open.
fn holes(table: &Table, tenant: &str) -> Vec<String> {
    let guarded = |command: &str, restrictive: bool| {
        let mut policies = table.policies.values();
        policies.any(|it| (it.restrictive || !restrictive) && guards(it, command, tenant))
    };
    let mut found = Vec::new();
    let open: Vec<&str> = COMMANDS
        .into_iter()
        .filter(|command| !guarded(command, false))
        .collect();
    if !open.is_empty() {
        found.push(format!(
            "no policy on rows asks for {tenant} at {}",
            open.join(", ")
        ));
    }
    for (name, it) in &table.policies {
        let lets_pass = |command: &str| {
            !it.restrictive && !guarded(command, true) && asked(it, command).into_iter().any(is_true)
        };
        if COMMANDS.into_iter().any(lets_pass) {
            found.push(format!(
                "the policy {name} lets every row pass, and one policy that does is enough"
            ));
        }
    }
    found
}

fn guards_any(policy: &Policy, tenant: &str) -> bool {
    COMMANDS
        .into_iter()
        .any(|command| guards(policy, command, tenant))
}

/// Whether whatever a policy asks at a command asks for the tenant.
fn guards(policy: &Policy, command: &str, tenant: &str) -> bool {
    let asked = asked(policy, command);
    !asked.is_empty()
        && asked
            .into_iter()
            .all(|text| words(text).any(|word| word == tenant))
}

/// What a policy asks at a command: of rows that are there, and of new ones, for which the first stands in.
fn asked<'a>(policy: &'a Policy, command: &str) -> Vec<&'a str> {
    if policy.command != "all" && policy.command != command {
        return Vec::new();
    }
    let there = policy.using.as_deref();
    let new = policy.check.as_deref().or(there);
    let asked = match command {
        "insert" => [None, new],
        "update" => [there, new],
        _ => [there, None],
    };
    asked.into_iter().flatten().collect()
}

fn is_true(text: &str) -> bool {
    text.trim_matches(['(', ')', ' ']).eq_ignore_ascii_case("true")
}

fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression
        .split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
}
