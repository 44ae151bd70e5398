//! Tokens of Microsoft Entra ID in the place of a password.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use azure_core::credentials::TokenCredential;

/// What Azure SQL's tokens are asked for (Microsoft Learn, "Microsoft Entra authentication for Azure SQL").
const SCOPE: &str = "https://database.windows.net/.default";
/// A token that ends sooner is not begun with.
const NEAR_END: Duration = Duration::from_secs(5 * 60);

/// Where tokens come from.
#[derive(Clone)]
pub(crate) struct TokenSource {
    credential: Arc<dyn TokenCredential>,
    ends: SystemTime,
}

impl TokenSource {
    /// Whether the token that was last handed out is near its end, or past it.
    pub(crate) fn is_near_its_end(&self) -> bool {
        self.ends < SystemTime::now() + NEAR_END
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("ends", &self.ends)
            .finish_non_exhaustive()
    }
}
