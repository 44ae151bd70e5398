//! `rules`: what a database's schema is held to.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::lint::{DataVault, DataVaultRule, Patterns};

use super::codes;
use super::document::{Located, Section, nearest};

/// The packs that are switched on for a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// `[databases.NAME.rules.data_vault]`.
    pub data_vault: Option<DataVault>,
}

pub(super) fn rules(section: &Section<'_, '_>) -> Option<Rules> {
    let rules = section.section("rules")?;
    let read = Rules {
        data_vault: rules.section("data_vault").map(|pack| {
            let read = data_vault(&pack);
            pack.finish();
            read
        }),
    };
    rules.finish();
    Some(read)
}

fn data_vault(pack: &Section<'_, '_>) -> DataVault {
    let usual = DataVault::default();
    let schemas = pack.texts("schemas").into_iter().map(|schema| schema.value);
    let tenants = pack.flag("tenants").is_none_or(|tenants| tenants.value);
    let tenant_key = patterns(pack, "tenant_key", usual.tenant_key);
    DataVault {
        schemas: schemas.collect(),
        hubs: patterns(pack, "hubs", usual.hubs),
        links: patterns(pack, "links", usual.links),
        satellites: patterns(pack, "satellites", usual.satellites),
        others: patterns(pack, "others", usual.others),
        hash_key: patterns(pack, "hash_key", usual.hash_key),
        tenant_key: if tenants { tenant_key } else { Patterns::default() },
        load_date: patterns(pack, "load_date", usual.load_date),
        load_end_date: patterns(pack, "load_end_date", usual.load_end_date),
        record_source: patterns(pack, "record_source", usual.record_source),
        hash_diff: patterns(pack, "hash_diff", usual.hash_diff),
        tenant_policies: pack.flag("tenant_policies").is_some_and(|wanted| wanted.value),
        off: off(pack).into_iter().collect(),
        except: patterns(pack, "except", usual.except),
    }
}

fn patterns(pack: &Section<'_, '_>, key: &'static str, usual: Patterns) -> Patterns {
    let texts = pack.texts(key);
    if texts.is_empty() {
        return usual;
    }
    for text in &texts {
        if let Err(error) = Patterns::read([text.value.as_str()]) {
            let mut label = text.label.clone();
            error.msg.clone_into(&mut label.text);
            pack.document.report(
                Diagnostic::error(
                    codes::VALUE,
                    format!("`{key}` has what is not a pattern of names"),
                )
                .label(label)
                .help("`*` stands for any text: `*_hk`"),
            );
        }
    }
    Patterns::read(texts.iter().map(|text| text.value.as_str())).unwrap_or(usual)
}

fn off(pack: &Section<'_, '_>) -> Vec<DataVaultRule> {
    let mut rules = Vec::new();
    for Located { value, label } in pack.texts("off") {
        let Some(rule) = DataVaultRule::named(&value) else {
            let names = || DataVaultRule::ALL.into_iter().map(DataVaultRule::word);
            let mut finding = Diagnostic::error(codes::VALUE, format!("there is no rule `{value}`"))
                .label(label)
                .help(format!("rules are {}", names().collect::<Vec<_>>().join(", ")));
            if let Some(near) = nearest(&value, names()) {
                finding = finding.help(format!("did you mean `{near}`?"));
            }
            pack.document.report(finding);
            continue;
        };
        rules.push(rule);
    }
    rules
}
