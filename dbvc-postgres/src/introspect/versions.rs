//! What the catalogue has only since a version.

/// Placeholders in the queries: since which version, what stands there then, and what stands there before.
const SINCE: &[(u32, &str, &str, &str)] = &[
    (130_000, "{trigger_parent}", "t.tgparentid", "0"),
    (
        140_000,
        "{compression}",
        "NULLIF(a.attcompression::text, '')",
        "NULL::text",
    ),
    (150_000, "{nulls_equal}", "i.indnullsnotdistinct", "false"),
    (150_000, "{delete_columns}", "c.confdelsetcols", "NULL::int2[]"),
    (
        150_000,
        "{published_columns}",
        "r.prattrs::int2[]",
        "NULL::int2[]",
    ),
    (
        150_000,
        "{published_rows}",
        "pg_get_expr(r.prqual, r.prrelid)",
        "NULL::text",
    ),
    (
        150_000,
        "{published_schemas}",
        "(SELECT string_agg('TABLES IN SCHEMA ' || quote_ident(pn.nspname), ', ' ORDER BY pn.nspname) \
         FROM pg_publication_namespace ps JOIN pg_namespace pn ON pn.oid = ps.pnnspid WHERE ps.pnpubid = p.oid)",
        "NULL::text",
    ),
];

/// A query as a server of this version understands it.
pub(super) fn fit(sql: &str, is_at_least: impl Fn(u32) -> bool) -> String {
    let mut sql = sql.to_owned();
    for (version, placeholder, since, before) in SINCE {
        sql = sql.replace(placeholder, if is_at_least(*version) { since } else { before });
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::introspect::STEPS;

    #[test]
    fn no_query_keeps_a_placeholder_but_the_one_for_what_is_ours() {
        for version in [120_000, 130_000, 150_000, 180_000] {
            for (sql, _) in STEPS {
                let sql = fit(sql, |least| version >= least)
                    .replace("{ours}", "true")
                    .replace("'{}'", "");
                assert!(!sql.contains('{'), "{sql}");
            }
        }
    }

    #[test]
    fn an_old_server_is_not_asked_for_what_it_does_not_have() {
        let all: String = STEPS
            .iter()
            .map(|(sql, _)| fit(sql, |least| 120_000 >= least))
            .collect();
        for name in [
            "tgparentid",
            "attcompression",
            "indnullsnotdistinct",
            "confdelsetcols",
            "pg_publication_namespace",
        ] {
            assert!(!all.contains(name), "{name}");
        }
    }
}
