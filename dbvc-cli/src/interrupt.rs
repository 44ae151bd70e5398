//! Ctrl-C and SIGTERM: the first asks to stop, the second ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use crate::exit;

/// What the signals act on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt {
    /// Fires at the first signal.
    pub token: CancellationToken,
    asking: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to listen. Must be called inside of the runtime.
    pub(crate) fn listen(&self) {
        let listener = self.clone();
        tokio::spawn(async move {
            loop {
                signal().await;
                // At a question nothing is under way that would have to be cleaned up.
                if listener.asking.load(Ordering::SeqCst) || listener.token.is_cancelled() {
                    std::process::exit(i32::from(exit::CANCELLED));
                }
                listener.token.cancel();
            }
        });
    }

    /// Runs a question during which the first signal already ends the process.
    pub(crate) fn asking<T>(&self, question: impl FnOnce() -> T) -> T {
        self.asking.store(true, Ordering::SeqCst);
        let answer = question();
        self.asking.store(false, Ordering::SeqCst);
        answer
    }
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
