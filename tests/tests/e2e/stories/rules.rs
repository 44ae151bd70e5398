//! A schema held to rules.

use dbvc_tests::stage::{Stage, parsed};

pub(super) const HUB: &str = "create table customer_h (
    customer_hk char(64) not null primary key,
    tenant_hk char(64) not null,
    customer_bk varchar(40) not null,
    load_date timestamp not null default current_timestamp,
    record_source varchar(40) not null,
    constraint customer_h_bk unique (tenant_hk, customer_bk)
);
";
pub(super) const SATELLITE: &str = "create table customer_s (
    customer_hk char(64) not null,
    tenant_hk char(64) not null,
    load_date timestamp not null default current_timestamp,
    load_end_date timestamp null,
    hash_diff char(64) not null,
    record_source varchar(40) not null,
    name varchar(80),
    primary key (customer_hk, load_date),
    foreign key (customer_hk) references customer_h (customer_hk)
);
";
const PACK: &str = "[databases.plants.rules.data_vault]";

fn vault(stage: Stage) -> Stage {
    let stage = stage.settings(PACK);
    stage.write("migrations/V1.0.0__Create_customer_hub.sql", HUB);
    stage.write("migrations/V1.1.0__Create_customer_satellite.sql", SATELLITE);
    stage
}

dbvc_tests::on_every_database! {
    fn a_vault_as_it_should_be_is_fine(stage) {
        let stage = vault(stage);
        stage.run("migrate").ok();
        stage.run("rules").ok().said("1 hub, 0 links, 1 satellite: fine");
    }

    fn what_the_migrations_make_is_held_to_the_rules_before_any_is_applied(stage) {
        let stage = vault(stage);
        stage.write(
            "migrations/V1.2.0__Create_order_satellite.sql",
            "create table order_s (id integer not null primary key, load_date timestamp null, note varchar(80));\n",
        );
        let before = stage.database.dump(true);
        let report = parsed(&stage.run("rules migrations/ --json").ended(1));
        assert_eq!(stage.database.dump(true), before, "the database was changed");
        let found = report[0]["violations"].as_array().expect("a list");
        let rules: Vec<&str> = found.iter().filter_map(|finding| finding["rule"].as_str()).collect();
        assert_eq!(
            rules,
            [
                "satellite-key", "satellite-parent", "load-date", "record-source", "tenant-key", "hash-diff",
                "load-end-date"
            ]
        );
        assert!(found.iter().all(|finding| finding["object"]["name"] == "order_s"), "{report}");
        stage.run("rules migrations/").ended(1).said("order_s\n  satellite-key").said("7 findings");
    }

    fn a_rule_is_switched_off_and_a_table_left_alone_in_the_settings(stage) {
        let stage = vault(stage);
        stage.write("migrations/V1.2.0__Create_notes.sql", "create table notes_s (id integer not null primary key);\n");
        stage.run("migrate").ok();
        stage.run("rules").ended(1);
        let stage = stage.settings(&format!("{PACK}\nexcept = [\"*notes_s\"]"));
        stage.run("rules").ok();
        let stage = stage.settings(&format!(
            "{PACK}\ntenants = false\noff = [\"satellite-key\", \"satellite-parent\", \"hash-diff\", \"load-end-date\"]"
        ));
        let found = stage.run("rules").ended(1).said("load-date").said("record-source");
        assert!(!found.to_string().contains("tenant-key"), "{found}");
    }

    fn without_rules_it_says_how_to_switch_them_on(stage) {
        let stage = stage.planted();
        stage.run("rules").ended(2).said("DBVC7020").said("rules.data_vault");
        stage.run("migrate").ok();
        stage.run("rules --pack data-vault").ok().said("0 hubs, 0 links, 0 satellites: fine");
    }

    fn settings_that_are_no_rules_are_named_with_their_place(stage) {
        let stage = stage.planted().settings(&format!("{PACK}\noff = [\"load-dat\"]\nhubs = [\"[open\"]"));
        stage.run("rules").ended(3).said("there is no rule `load-dat`").said("did you mean `load-date`?").said("dbvc.toml:");
    }
}
