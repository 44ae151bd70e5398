//! Reading the catalogue.

mod overview;

use async_trait::async_trait;
use dbvc_engine::driver::Introspector;
use dbvc_engine::error::Result;
use dbvc_engine::schema::SchemaOverview;

use crate::session::MsSqlSession;

#[async_trait]
impl Introspector for MsSqlSession {
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>> {
        self.count_tables().await
    }
}
