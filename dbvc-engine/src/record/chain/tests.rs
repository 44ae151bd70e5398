use serde_json::Value;

use super::*;
use crate::driver::RecordLocation;
use crate::record::tests::PLAIN;
use crate::record::{RecordDialect, RecordGrammar};

fn sql(chaining: Chaining) -> RecordSql {
    let grammar = RecordGrammar {
        chaining,
        fence: " FENCE",
        ..RecordGrammar::STANDARD
    };
    RecordSql::new(RecordDialect { grammar, ..PLAIN }, RecordLocation::default())
}

fn line(when: When) -> Line {
    let mut fields = Map::new();
    fields.insert("action".into(), Value::from("started"));
    Line {
        fields,
        when,
        filled: Vec::new(),
        only: None,
    }
}

fn both() -> [Line; 2] {
    [line(When::Started("7".into())), line(When::Finished("7".into()))]
}

#[test]
fn where_queries_may_write_one_statement_appends_all_and_moves_the_head() {
    insta::assert_snapshot!(sql(Chaining::OneStatement).chained(&both()).join(";\n"), @r#"
    WITH n AS (SELECT p.sequence, p.e1, sha256(p.e1) AS d1, p.e2, sha256(p.e2) AS d2 FROM (SELECT p.*, CASE WHEN p.execution_id IS NOT NULL THEN concat('{"action":"started","actor":{"login":', json(login()), '},"at":"', concat(substring(iso(p.finished_at), 1, 23), 'Z'), '","databaseId":"', p.database_id, '","details":{"execution":"', p.execution_id, '"},"durationMs":', coalesce(p.duration_ms, 0), ',"id":"', p.database_id, ':', p.sequence + 2, '","previous":"', sha256(p.e1), '","run":"', p.run_id, '","sequence":', p.sequence + 2, ',"startedAt":"', concat(substring(iso(p.started_at), 1, 23), 'Z'), '"}') END AS e2 FROM (SELECT p.*, CASE WHEN p.execution_id IS NOT NULL THEN concat('{"action":"started","actor":{"login":', json(login()), '},"at":"', concat(substring(iso(p.started_at), 1, 23), 'Z'), '","databaseId":"', p.database_id, '","details":{"execution":"', p.execution_id, '"},"id":"', p.database_id, ':', p.sequence + 1, '","previous":"', p.digest, '","run":"', p.run_id, '","sequence":', p.sequence + 1, '}') END AS e1 FROM (SELECT h.database_id, h.sequence, h.digest, e.execution_id, e.run_id, e.started_at, e.finished_at, e.duration_ms FROM (SELECT 1 AS one) o LEFT JOIN (SELECT database_id, sequence, digest FROM "version_control_audit_heads" WHERE chain = 'this') h ON 1 = 1 LEFT JOIN "version_control_migration_execution_history" e ON e.execution_id = 7 FENCE) p FENCE) p FENCE) p), i AS (INSERT INTO "version_control_audit_events" (sequence, event, digest) SELECT n.sequence + 1, n.e1, n.d1 FROM n UNION ALL SELECT n.sequence + 2, n.e2, n.d2 FROM n) UPDATE "version_control_audit_heads" h SET sequence = n.sequence + 2, digest = n.d2 FROM n WHERE h.chain = 'this'
    "#);
}

#[test]
fn elsewhere_one_statement_appends_all_and_another_moves_the_head() {
    let statements = sql(Chaining::OneInsert).chained(&both());
    assert_eq!(statements.len(), 2, "{statements:?}");
    let insert = &statements[0];
    assert!(
        insert.starts_with(
            "INSERT INTO \"version_control_audit_events\" (sequence, event, digest) SELECT p.sequence + k.k, \
             CASE k.k WHEN 1 THEN p.e1 WHEN 2 THEN p.e2 END, \
             sha256(CASE k.k WHEN 1 THEN p.e1 WHEN 2 THEN p.e2 END) FROM (SELECT p.*, "
        ),
        "{insert}"
    );
    assert!(
        insert.ends_with("FENCE) p FENCE) p FENCE) p CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2) k"),
        "{insert}"
    );
    assert!(
        statements[1].ends_with("sequence = sequence + 2 WHERE chain = 'this'"),
        "{statements:?}"
    );
}

#[test]
fn no_query_holds_more_than_a_few_others() {
    let many = vec![line(When::Now); 2 * AT_ONCE + 1];
    assert_eq!(sql(Chaining::OneStatement).chained(&many).len(), 3);
    assert_eq!(sql(Chaining::OneInsert).chained(&many).len(), 6);
    assert_eq!(sql(Chaining::EachAlone).chained(&many).len(), many.len() + 3);
}

#[test]
fn a_chain_that_has_begun_does_not_begin_again() {
    let first = Line {
        only: Some(Only::Empty),
        ..line(When::Now)
    };
    for chaining in [Chaining::OneStatement, Chaining::OneInsert, Chaining::EachAlone] {
        let statements = sql(chaining).chained(std::slice::from_ref(&first));
        assert!(
            statements[0].contains("ON 1 = 1 WHERE h.sequence = 0"),
            "{statements:?}"
        );
        if let Some(head) = statements.get(1) {
            assert!(head.ends_with("chain = 'this' AND sequence = 0"), "{head}");
        }
    }
}
