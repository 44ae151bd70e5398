//! Azure Cosmos DB, as two emulators do it: one over TLS, and one with the service's exact answers.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use dbvc_engine::audit::{AuditDriver, SinkTarget};
use dbvc_engine::conformance::Unavailable;
use dbvc_engine::conformance::sinks::{BadTarget, SinkHarness, SinkPlanted, SinkScratch, target};
use dbvc_tests::cosmos_face::{CosmosFace, Fate};
use dbvc_tests::servers::{CosmosEmulator, TestServer as _, shared_or_reason};

/// Over TLS; `DBVC_TEST_COSMOS_URL` names another one.
pub(crate) struct Served;

/// In memory, behind HTTP.
pub(crate) struct InMemory;

const KEY: &str = "cGxhbnRlZC1odW50ZXIy";

#[async_trait]
impl SinkHarness for Served {
    fn driver(&self) -> Arc<dyn AuditDriver> {
        dbvc_cosmos::audit_driver()
    }

    fn name(&self) -> &'static str {
        "cosmos"
    }

    async fn fresh(&self) -> Result<SinkScratch, Unavailable> {
        let server =
            shared_or_reason::<CosmosEmulator>().map_err(|reason| Unavailable::new(reason.to_string()))?;
        let url = server
            .create_database("trail")
            .map_err(|reason| Unavailable::new(reason.to_string()))?;
        let options = [("accept_emulator_certificate", "true")];
        Ok(SinkScratch::new(target(&url, &options), ()))
    }
}

#[async_trait]
impl SinkHarness for InMemory {
    fn driver(&self) -> Arc<dyn AuditDriver> {
        dbvc_cosmos::audit_driver()
    }

    fn name(&self) -> &'static str {
        "cosmos-in-memory"
    }

    async fn fresh(&self) -> Result<SinkScratch, Unavailable> {
        let face = CosmosFace::new();
        Ok(SinkScratch::new(
            target(&face.url(), &[("account_key", KEY)]),
            face,
        ))
    }

    fn bad_targets(&self) -> Vec<BadTarget> {
        [
            ("cosmos://a.documents.azure.com", &[][..], "auth"),
            ("cosmos://a.b?tls=off", &[("account_key", KEY)], "tls"),
            (
                "cosmos://a.b",
                &[("account_key", KEY), ("accept_emulator_certificate", "true")],
                "accept_emulator_certificate",
            ),
            ("cosmos://a.b", &[("acount_key", KEY)], "account_key"),
        ]
        .map(|(url, options, named)| BadTarget {
            target: target(url, options),
            named,
        })
        .into()
    }

    async fn planted(&self) -> Result<SinkPlanted, Unavailable> {
        // The emulator takes any key, so the one in front of it takes none.
        static FACE: OnceLock<CosmosFace> = OnceLock::new();
        let face = FACE.get_or_init(|| {
            let face = CosmosFace::new();
            face.fail(|_| Fate::Refuse(401, None));
            face
        });
        Ok(SinkPlanted {
            target: target(&face.url(), &[("account_key", KEY)]),
            secret: KEY.to_owned(),
        })
    }

    fn unreachable(&self) -> Option<SinkTarget> {
        let url = "cosmos://127.0.0.1:1/version-control?tls=off";
        Some(target(url, &[("account_key", KEY)]))
    }
}
