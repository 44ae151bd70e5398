//! What the model has no place for, as text: a statement where the server writes one or one can be made, otherwise what
//! the catalogue says.

use dbvc_engine::error::Result;
use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, Other};
use serde::Deserialize;

use super::model::{Answers, Model, Oid, option};

pub(super) const SQL: &str = "\
SELECT o.family, o.catalog, o.oid::int8 AS oid, o.schema, o.name, o.definition, o.owner, o.enabled,
  CASE WHEN o.oid <> 0 THEN obj_description(o.oid, o.catalog) END AS comment
FROM (
  SELECT 'rule' AS family, 'pg_rewrite' AS catalog, w.oid, n.nspname AS schema,
    w.rulename || ' on ' || r.relname AS name, pg_get_ruledef(w.oid) AS definition, NULL AS owner,
    w.ev_enabled AS enabled
  FROM pg_rewrite w JOIN pg_class r ON r.oid = w.ev_class JOIN pg_namespace n ON n.oid = r.relnamespace
  WHERE {ours} AND w.rulename <> '_RETURN'
  UNION ALL
  SELECT 'event trigger', 'pg_event_trigger', t.oid, NULL, t.evtname,
    'CREATE EVENT TRIGGER ' || quote_ident(t.evtname) || ' ON ' || t.evtevent
    || COALESCE(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(g), ', ') FROM unnest(t.evttags) g) || ')', '')
    || ' EXECUTE FUNCTION ' || t.evtfoid::regproc || '()', pg_get_userbyid(t.evtowner), t.evtenabled
  FROM pg_event_trigger t
  UNION ALL
  SELECT 'statistics', 'pg_statistic_ext', s.oid, n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid)
    || COALESCE(' TARGET ' || NULLIF((to_jsonb(s) ->> 'stxstattarget')::int4, -1), ''), pg_get_userbyid(s.stxowner), NULL
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE {ours}
  UNION ALL
  SELECT 'collation', 'pg_collation', c.oid, n.nspname, c.collname,
    'CREATE COLLATION ' || c.oid::regcollation || ' ('
    || concat_ws(', ', 'provider = ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
      'locale = ' || quote_literal(COALESCE(to_jsonb(c) ->> 'colliculocale', to_jsonb(c) ->> 'colllocale')),
      'lc_collate = ' || quote_literal(c.collcollate), 'lc_ctype = ' || quote_literal(c.collctype),
      CASE WHEN NOT c.collisdeterministic THEN 'deterministic = false' END) || ')',
    pg_get_userbyid(c.collowner), NULL
  FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE {ours}
  UNION ALL
  SELECT 'operator', 'pg_operator', o.oid, n.nspname,
    o.oprname || '(' || format_type(NULLIF(o.oprleft, 0), NULL) || ', ' || format_type(o.oprright, NULL) || ')',
    'CREATE OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname || ' (' || concat_ws(', ',
      'FUNCTION = ' || o.oprcode, 'LEFTARG = ' || format_type(NULLIF(o.oprleft, 0), NULL),
      'RIGHTARG = ' || format_type(o.oprright, NULL), 
      'COMMUTATOR = ' || (SELECT 'OPERATOR(' || quote_ident(xn.nspname) || '.' || x.oprname || ')' FROM pg_operator x
        JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprcom),
      'NEGATOR = ' || (SELECT 'OPERATOR(' || quote_ident(xn.nspname) || '.' || x.oprname || ')' FROM pg_operator x
        JOIN pg_namespace xn ON xn.oid = x.oprnamespace WHERE x.oid = o.oprnegate), 'RESTRICT = ' || NULLIF(o.oprrest::text, '-'),
      'JOIN = ' || NULLIF(o.oprjoin::text, '-'), CASE WHEN o.oprcanmerge THEN 'MERGES' END,
      CASE WHEN o.oprcanhash THEN 'HASHES' END) || ')', pg_get_userbyid(o.oprowner), NULL
  FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE {ours}
  UNION ALL
  SELECT 'operator family', 'pg_opfamily', f.oid, n.nspname, f.opfname || ' using ' || m.amname,
    (SELECT string_agg(x.line, E'\\n' ORDER BY x.line) FROM (
      SELECT format('operator %s %s %s', a.amopstrategy, a.amopopr::regoperator, a.amoppurpose) AS line
      FROM pg_amop a WHERE a.amopfamily = f.oid
      UNION ALL SELECT format('function %s %s', p.amprocnum, p.amproc::regprocedure) FROM pg_amproc p
      WHERE p.amprocfamily = f.oid) x), pg_get_userbyid(f.opfowner), NULL
  FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am m ON m.oid = f.opfmethod WHERE {ours}
  UNION ALL
  SELECT 'operator class', 'pg_opclass', c.oid, n.nspname, c.opcname || ' using ' || m.amname,
    format('for %s, family %s, default %s, keeps %s', format_type(c.opcintype, NULL),
      (SELECT fn.nspname || '.' || f.opfname FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace
        WHERE f.oid = c.opcfamily), c.opcdefault, c.opckeytype::regtype), pg_get_userbyid(c.opcowner), NULL
  FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am m ON m.oid = c.opcmethod WHERE {ours}
  UNION ALL
  SELECT 'conversion', 'pg_conversion', c.oid, n.nspname, c.conname, format('from %s to %s by %s, default %s',
    pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc, c.condefault),
    pg_get_userbyid(c.conowner), NULL
  FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE {ours}
  UNION ALL
  SELECT 'text search configuration', 'pg_ts_config', c.oid, n.nspname, c.cfgname,
    format('parser %s', (SELECT pn.nspname || '.' || p.prsname FROM pg_ts_parser p JOIN pg_namespace pn
      ON pn.oid = p.prsnamespace WHERE p.oid = c.cfgparser))
    || COALESCE((SELECT string_agg(format(E'\\ntoken %s %s: %s', m.maptokentype, m.mapseqno, m.mapdict::regdictionary),
      '' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = c.oid), ''),
    pg_get_userbyid(c.cfgowner), NULL
  FROM pg_ts_config c JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE {ours}
  UNION ALL
  SELECT 'text search dictionary', 'pg_ts_dict', d.oid, n.nspname, d.dictname,
    format('template %s %s', (SELECT tn.nspname || '.' || t.tmplname FROM pg_ts_template t JOIN pg_namespace tn
      ON tn.oid = t.tmplnamespace WHERE t.oid = d.dicttemplate), d.dictinitoption), pg_get_userbyid(d.dictowner), NULL
  FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE {ours}
  UNION ALL
  SELECT 'text search parser', 'pg_ts_parser', p.oid, n.nspname, p.prsname, format('%s %s %s %s %s', p.prsstart,
    p.prstoken, p.prsend, p.prsheadline, p.prslextype), NULL, NULL
  FROM pg_ts_parser p JOIN pg_namespace n ON n.oid = p.prsnamespace WHERE {ours}
  UNION ALL
  SELECT 'text search template', 'pg_ts_template', t.oid, n.nspname, t.tmplname,
    format('%s %s', t.tmplinit, t.tmpllexize), NULL, NULL
  FROM pg_ts_template t JOIN pg_namespace n ON n.oid = t.tmplnamespace WHERE {ours}
  UNION ALL
  SELECT 'cast', 'pg_cast', c.oid, NULL, format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL),
    format('CREATE CAST (%s AS %s) %s%s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL),
      CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT'
        ELSE 'WITHOUT FUNCTION' END,
      CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END), NULL, NULL
  FROM pg_cast c WHERE c.oid >= 16384
  UNION ALL
  SELECT 'transform', 'pg_transform', t.oid, NULL, format_type(t.trftype, NULL) || ' for ' || l.lanname,
    format('from SQL %s, to SQL %s', t.trffromsql, t.trftosql), NULL, NULL
  FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang
  UNION ALL
  SELECT 'language', 'pg_language', l.oid, NULL, l.lanname, format('trusted %s, handler %s, inline %s, validator %s',
    l.lanpltrusted, l.lanplcallfoid::regproc, l.laninline::regproc, l.lanvalidator::regproc),
    pg_get_userbyid(l.lanowner), NULL
  FROM pg_language l WHERE l.oid >= 16384
  UNION ALL
  SELECT 'access method', 'pg_am', m.oid, NULL, m.amname, format('%s %s', m.amtype, m.amhandler), NULL, NULL
  FROM pg_am m WHERE m.oid >= 16384
  UNION ALL
  SELECT 'foreign data wrapper', 'pg_foreign_data_wrapper', w.oid, NULL, w.fdwname, 
    concat_ws(' ', 'CREATE FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname),
      'HANDLER ' || NULLIF(w.fdwhandler, 0)::regproc, 'VALIDATOR ' || NULLIF(w.fdwvalidator, 0)::regproc,
      'OPTIONS (' || (SELECT string_agg(quote_ident(option_name) || ' ' || quote_literal(option_value), ', '
        ORDER BY option_name) FROM pg_options_to_table(w.fdwoptions)) || ')'), pg_get_userbyid(w.fdwowner), NULL
  FROM pg_foreign_data_wrapper w
  UNION ALL
  SELECT 'foreign server', 'pg_foreign_server', s.oid, NULL, s.srvname, 
    concat_ws(' ', 'CREATE SERVER ' || quote_ident(s.srvname), 'TYPE ' || quote_literal(s.srvtype),
      'VERSION ' || quote_literal(s.srvversion), 'FOREIGN DATA WRAPPER ' || quote_ident((SELECT w.fdwname
        FROM pg_foreign_data_wrapper w WHERE w.oid = s.srvfdw)),
      'OPTIONS (' || (SELECT string_agg(quote_ident(option_name) || ' ' || quote_literal(option_value), ', '
        ORDER BY option_name) FROM pg_options_to_table(s.srvoptions)) || ')'),
    pg_get_userbyid(s.srvowner), NULL
  FROM pg_foreign_server s
  UNION ALL
  SELECT 'user mapping', 'pg_user_mapping', 0, NULL, m.usename || ' at ' || m.srvname, 'exists', NULL, NULL
  FROM pg_user_mappings m
  UNION ALL
  SELECT 'publication', 'pg_publication', p.oid, NULL, p.pubname,
    'CREATE PUBLICATION ' || quote_ident(p.pubname) || CASE WHEN p.puballtables THEN ' FOR ALL TABLES'
    ELSE COALESCE(' FOR ' || NULLIF(concat_ws(', ',
      'TABLE ' || (SELECT string_agg(r.prrelid::regclass
          || COALESCE(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = r.prrelid AND a.attnum = ANY (
              {published_columns})) || ')', '')
          || COALESCE(' WHERE (' || {published_rows} || ')', ''), ', ' ORDER BY r.prrelid::regclass::text)
        FROM pg_publication_rel r WHERE r.prpubid = p.oid), {published_schemas}), ''), '') END
    || ' WITH (publish = ' || quote_literal(concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,
      CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
      CASE WHEN p.pubtruncate THEN 'truncate' END))
    || CASE WHEN (to_jsonb(p) ->> 'pubviaroot')::boolean THEN ', publish_via_partition_root = true' ELSE '' END || ')',
    pg_get_userbyid(p.pubowner), NULL
  FROM pg_publication p
  UNION ALL
  SELECT 'default privileges', 'pg_default_acl', 0, NULL, pg_get_userbyid(a.defaclrole) || ' for '
    || CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
      WHEN 'T' THEN 'types' ELSE 'schemas' END
    || COALESCE(' in ' || (SELECT s.nspname FROM pg_namespace s WHERE s.oid = a.defaclnamespace), ''),
    (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(a.defaclacl) x), NULL, NULL
  FROM pg_default_acl a
  UNION ALL
  SELECT 'setting', 'pg_db_role_setting', 0, NULL, split_part(c, '=', 1)
    || COALESCE(' of ' || (SELECT r.rolname FROM pg_roles r WHERE r.oid = s.setrole), ''),
    substr(c, strpos(c, '=') + 1), NULL, NULL
  FROM pg_db_role_setting s JOIN pg_database b ON b.oid = s.setdatabase, unnest(s.setconfig) c
  WHERE b.datname = current_database()
) o
WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = ('pg_catalog.' || o.catalog)::regclass AND e.objid = o.oid
  AND e.deptype IN ('e', 'i') AND o.oid <> 0)";

#[derive(Deserialize)]
struct Row {
    family: String,
    catalog: String,
    oid: Oid,
    schema: Option<String>,
    name: String,
    definition: Option<String>,
    owner: Option<String>,
    enabled: Option<String>,
    comment: Option<String>,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<Row>()? {
        let mut object = Object::new(Body::Other(Other {
            definition: row.definition.unwrap_or_default(),
        }));
        object.owner = row.owner;
        object.comment = row.comment;
        let enabled = row.enabled.filter(|letter| letter != "O");
        option(&mut object.options, "enabled", enabled);
        let key = ObjectKey {
            schema: row.schema,
            ..ObjectKey::new(ObjectKind::Other, row.name).of(row.family)
        };
        model.add(&row.catalog, row.oid, key, object);
    }
    Ok(())
}
