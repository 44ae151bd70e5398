//! What there is in a PostgreSQL database.

use super::OWN;

/// The query that gives the schema.
pub(super) fn schema(own: bool) -> String {
    let foreign = foreign(own);
    format!(
        "select line from (
           select 'schema ' || n.nspname as line from pg_namespace n where {foreign}
           union all select 'relation ' || c.relkind::text || ' ' || c.oid::regclass::text from pg_class c
             join pg_namespace n on n.oid = c.relnamespace where {foreign}
           union all select 'column ' || c.oid::regclass::text || '.' || a.attname || ' '
               || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '
               || coalesce(pg_get_expr(d.adbin, d.adrelid), '') from pg_attribute a
             join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
             left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
             where a.attnum > 0 and not a.attisdropped and {foreign}
           union all select 'index ' || i.indexrelid::regclass::text || ' ' || i.indisvalid || ' '
               || pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
             join pg_namespace n on n.oid = c.relnamespace where {foreign}
           union all select 'constraint ' || o.conname || ' ' || pg_get_constraintdef(o.oid) from pg_constraint o
             join pg_namespace n on n.oid = o.connamespace where {foreign}
           union all select 'view ' || c.oid::regclass::text || ' ' || pg_get_viewdef(c.oid) from pg_class c
             join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('v', 'm') and {foreign}
           union all select pg_get_functiondef(p.oid) from pg_proc p
             join pg_namespace n on n.oid = p.pronamespace where p.prokind <> 'a' and {foreign}
           union all select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
             join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and {foreign}
           union all select 'type ' || t.typname || ' ' || t.typtype::text from pg_type t
             join pg_namespace n on n.oid = t.typnamespace where t.typtype in ('e', 'd') and {foreign}
         ) as everything order by line"
    )
}

/// What a query on the catalogue, with a namespace `n`, is limited to.
pub(super) fn foreign(own: bool) -> String {
    format!(
        "n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and ({own} or n.nspname <> '{OWN}')"
    )
}
