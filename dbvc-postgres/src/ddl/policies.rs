//! Policies as SQL.

use dbvc_engine::schema::{Policy, Table};

use super::Script;
use super::names::{put, quoted};

/// Who sees which rows of a table.
pub(super) fn policies(script: &mut Script, name: &str, table: &Table) {
    for (policy, it) in &table.policies {
        self::policy(script, name, policy, it);
    }
}

pub(super) fn policy(script: &mut Script, name: &str, policy: &str, it: &Policy) {
    let sort = if it.restrictive { " AS RESTRICTIVE" } else { "" };
    let roles = it.roles.iter().map(|role| {
        if role == "PUBLIC" {
            role.clone()
        } else {
            quoted(role)
        }
    });
    let mut sql = format!(
        "CREATE POLICY {} ON {name}{sort} FOR {} TO {}",
        quoted(policy),
        it.command.to_uppercase(),
        roles.collect::<Vec<_>>().join(", ")
    );
    if let Some(using) = &it.using {
        put(&mut sql, format_args!(" USING ({using})"));
    }
    if let Some(check) = &it.check {
        put(&mut sql, format_args!(" WITH CHECK ({check})"));
    }
    script.add(&sql);
    script.comment(
        &format!("POLICY {} ON {name}", quoted(policy)),
        it.comment.as_deref(),
    );
}
