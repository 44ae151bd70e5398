//! The set for MariaDB: that for MySQL.

use dbvc_tests::stage::Stage;

use super::backend::Backend;
use super::mysql;

pub(super) const BACKEND: Backend = Backend {
    name: "mariadb",
    // Half of what the other backends get: the adapter is the same on both servers.
    kills: 100,
    stride: 11,
    stage: Stage::empty_on_mariadb,
    ..mysql::BACKEND
};
