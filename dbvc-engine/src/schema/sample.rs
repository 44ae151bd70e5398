//! A schema with a bit of everything, for tests.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn column(position: u32, family: TypeFamily, raw: &str) -> Column {
    Column {
        position,
        data_type: DataType::new(family, raw),
        nullable: false,
        ..Column::default()
    }
}

fn options(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

fn grants(role: &str, right: &str) -> BTreeMap<String, BTreeSet<String>> {
    BTreeMap::from([(role.to_owned(), BTreeSet::from([right.to_owned()]))])
}

fn columns() -> BTreeMap<String, Column> {
    BTreeMap::from([
        (
            "id".to_owned(),
            Column {
                identity: Some(Identity {
                    always: true,
                    start: Some(7),
                    ..Identity::default()
                }),
                ..column(1, TypeFamily::Integer, "bigint")
            },
        ),
        (
            "name".to_owned(),
            Column {
                default: Some("'aloe'".into()),
                collation: Some("C".into()),
                comment: Some("in Latin".into()),
                grants: grants("reader", "SELECT"),
                options: options("postgres.storage", "external"),
                ..column(2, TypeFamily::Text, "text")
            },
        ),
        (
            "label".to_owned(),
            Column {
                nullable: true,
                generated: Some(Generated {
                    expression: "upper(name)".into(),
                    stored: true,
                }),
                ..column(3, TypeFamily::Text, "text")
            },
        ),
    ])
}

fn plants() -> Table {
    Table {
        columns: columns(),
        keys: BTreeMap::from([(
            "plants_pkey".to_owned(),
            Key {
                primary: true,
                parts: vec![IndexPart::column("id")],
                include: vec!["name".into()],
                deferral: Some(Deferral::Deferrable),
                comment: Some("the key".into()),
                ..Key::default()
            },
        )]),
        foreign_keys: BTreeMap::from([(
            "plants_pot".to_owned(),
            ForeignKey {
                columns: vec!["id".into()],
                references: Reference {
                    schema: Some("public".into()),
                    table: "pots".into(),
                    columns: vec!["id".into()],
                },
                on_delete: Some("cascade".into()),
                ..ForeignKey::default()
            },
        )]),
        checks: BTreeMap::from([(
            "named".to_owned(),
            Check {
                expression: "name <> ''".into(),
                unvalidated: true,
                ..Check::default()
            },
        )]),
        indexes: BTreeMap::from([("plants_by_name".to_owned(), by_name())]),
        policies: BTreeMap::from([(
            "own".to_owned(),
            Policy {
                command: "select".into(),
                roles: BTreeSet::from(["reader".to_owned()]),
                using: Some("true".into()),
                ..Policy::default()
            },
        )]),
        partitioning: Some(Partitioning {
            definition: "HASH (id)".into(),
        }),
        ..Table::default()
    }
}

fn by_name() -> Index {
    Index {
        unique: true,
        method: "btree".into(),
        parts: vec![
            IndexPart {
                descending: true,
                nulls: Some(NullOrder::Last),
                prefix: Some(10),
                ..IndexPart::expression("lower(name)")
            },
            IndexPart::column("id"),
        ],
        filter: Some("id > 0".into()),
        options: options("postgres.fillfactor", "70"),
        ..Index::default()
    }
}

/// The schema.
pub(crate) fn shop() -> Database {
    let mut shop = Database::new("postgres");
    add_types(&mut shop);
    add_relations(&mut shop);
    add_others(&mut shop);
    finish(shop)
}

fn public(kind: ObjectKind, name: &str) -> ObjectKey {
    ObjectKey::within(kind, "public", name)
}

fn add_types(shop: &mut Database) {
    let mut add = |key: ObjectKey, body: Body| {
        shop.objects.insert(key, Object::new(body));
    };
    add(ObjectKey::new(ObjectKind::Schema, "public"), Body::Schema {});
    let citext = Extension {
        version: "1.6".into(),
        installed_in: Some("public".into()),
    };
    add(
        ObjectKey::new(ObjectKind::Extension, "citext"),
        Body::Extension(citext),
    );
    let mood = TypeBody::Enum {
        labels: vec!["dry".into(), "wet".into()],
    };
    add(public(ObjectKind::Type, "mood"), Body::Type(mood));
    let price = TypeBody::Domain {
        base: DataType::new(TypeFamily::Decimal, "numeric(10,2)"),
        nullable: false,
        default: Some("0".into()),
        collation: None,
        checks: BTreeMap::from([(
            "positive".to_owned(),
            Check {
                expression: "VALUE >= 0".into(),
                ..Check::default()
            },
        )]),
    };
    add(public(ObjectKind::Type, "price"), Body::Type(price));
    let place = TypeBody::Composite {
        columns: BTreeMap::from([("x".to_owned(), column(1, TypeFamily::Float, "real"))]),
    };
    add(public(ObjectKind::Type, "place"), Body::Type(place));
}

fn add_relations(shop: &mut Database) {
    let mut add = |key: ObjectKey, body: Body| {
        shop.objects.insert(key, Object::new(body));
    };
    let numbers = Sequence {
        data_type: DataType::new(TypeFamily::Integer, "bigint"),
        start: 1,
        increment: 1,
        min: 1,
        max: i64::MAX,
        cache: 1,
        cycle: true,
        owned_by: Some(("public".into(), "plants".into(), "id".into())),
    };
    add(public(ObjectKind::Sequence, "numbers"), Body::Sequence(numbers));
    add(public(ObjectKind::Table, "plants"), Body::Table(plants()));
    let part = Table {
        partition_of: Some(PartitionOf {
            schema: Some("public".into()),
            table: "plants".into(),
            bound: "FOR VALUES WITH (modulus 2, remainder 0)".into(),
        }),
        inherits: vec!["public.base".into()],
        exclusions: BTreeMap::from([(
            "apart".to_owned(),
            Exclusion {
                definition: "EXCLUDE USING gist (id WITH =)".into(),
                ..Exclusion::default()
            },
        )]),
        ..Table::default()
    };
    add(public(ObjectKind::Table, "plants_0"), Body::Table(part));
    let seen = View {
        materialized: true,
        columns: BTreeMap::from([("id".to_owned(), column(1, TypeFamily::Integer, "bigint"))]),
        definition: "SELECT id FROM public.plants".into(),
        indexes: BTreeMap::from([("seen_by_name".to_owned(), by_name())]),
    };
    add(public(ObjectKind::View, "seen"), Body::View(seen));
}

fn add_others(shop: &mut Database) {
    let mut add = |key: ObjectKey, body: Body| {
        shop.objects.insert(key, Object::new(body));
    };
    let water = Routine {
        form: RoutineForm::Function,
        definition: "CREATE FUNCTION water(integer) …\nbegin\nend".into(),
    };
    add(
        public(ObjectKind::Routine, "water").taking("integer"),
        Body::Routine(water),
    );
    let audit = Trigger {
        definition: "CREATE TRIGGER audit …".into(),
    };
    add(
        public(ObjectKind::Trigger, "audit").of("plants"),
        Body::Trigger(audit),
    );
    let nightly = Event {
        schedule: "EVERY 1 DAY".into(),
        definition: "CALL tidy()".into(),
    };
    add(public(ObjectKind::Event, "nightly"), Body::Event(nightly));
    let also = Synonym {
        target: "public.plants".into(),
    };
    add(public(ObjectKind::Synonym, "flora"), Body::Synonym(also));
    let rule = Other {
        definition: "CREATE RULE …".into(),
    };
    add(public(ObjectKind::Other, "r").of("rule"), Body::Other(rule));
}

fn finish(mut shop: Database) -> Database {
    let plants = public(ObjectKind::Table, "plants");
    if let Some(object) = shop.objects.get_mut(&plants) {
        object.owner = Some("gardener".into());
        object.comment = Some("what grows".into());
        object.grants = grants("reader", "SELECT");
        object.options = options("postgres.row_security", "enabled");
    }
    let seen = ObjectKey::within(ObjectKind::View, "public", "seen");
    if let Some(object) = shop.objects.get_mut(&seen) {
        object.requires.insert(plants);
    }
    shop
}
