//! The set for MariaDB: that for MySQL.

use dbvc_tests::stage::Stage;

use super::backend::Backend;
use super::mysql;

pub(super) const BACKEND: Backend = Backend {
    name: "mariadb",
    kills: 200,
    stride: 11,
    stage: Stage::empty_on_mariadb,
    ..mysql::BACKEND
};
