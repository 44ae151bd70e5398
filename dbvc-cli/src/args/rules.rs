//! `rules`: what a schema is held to.

use clap::{Args, ValueEnum};

/// `rules`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The pack `data-vault` holds hubs, links and satellites to the rules of Data Vault 2.0. Switch it on in dbvc.toml:

  [databases.warehouse.rules.data_vault]
  schemas = [\"vault\"]                 each table there is a hub, a link or a satellite; else they are known by their names
  hubs = [\"*_h\"]                      likewise links, satellites, others
  hash_key = [\"*_hk\"]                 likewise tenant_key, load_date, load_end_date, record_source, hash_diff
  tenants = true                      false where there is one tenant only: no tenant keys
  tenant_policies = false             true where policies on rows are to keep tenants apart
  off = [\"hub-attributes\"]            rules that do not count
  except = [\"vault.legacy_*\"]         tables that are left alone

Rules:
  table-name        in a schema of the vault each table is a hub, a link, a satellite, or one of `others`
  hash-key          the primary key of a hub and of a link is one hash key
  business-key      a hub has a business key that is unique and never NULL
  hub-attributes    a hub has no columns beside keys, load date and record source
  tenant-key        a tenant key that is never NULL; two tenants may have the same business key
  tenant-policy     with `tenant_policies`: a policy on rows asks for the tenant key
  load-date         when the row was loaded, never NULL
  record-source     where it is from, never NULL
  hash-diff         a satellite has a hash of what it holds, never NULL
  load-end-date     a satellite says until when a row was the newest
  satellite-key     a satellite's primary key is the hash key of what it belongs to and the load date
  satellite-parent  it refers to a hub or a link
  link-ends         a link has the hash keys of two hubs or more, never NULL, each with its foreign key
  link-unique       the same hubs are linked once
  key-type          a hash key has the type of the one that it refers to

Examples:
  dbvc rules                            the database as it is
  dbvc rules migrations/                what the migrations make, before anything is applied: for CI
  dbvc rules schema.sql --pack data-vault   a desired schema, without any settings

SCHEMA is whatever `dbvc diff` can compare. Exit code 1 when a rule is broken.")]
pub struct RulesArgs {
    /// What is held to the rules; else the databases that the settings name
    #[arg(value_name = "SCHEMA")]
    pub schema: Option<String>,
    /// A pack that is not switched on in dbvc.toml, with its usual names
    #[arg(long, value_enum, value_name = "PACK")]
    pub pack: Option<PackWord>,
}

/// A pack of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PackWord {
    /// Hubs, links and satellites of Data Vault 2.0.
    DataVault,
}
