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
            let mut signals = Signals::new();
            loop {
                signals.next().await;
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

/// Listens all the time, so that a second signal right after the first is not lost.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self(kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect())
    }

    async fn next(&mut self) {
        match self.0.as_mut_slice() {
            [interrupt, terminate] => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            // Without a handler the system ends the process, as it does by default.
            _ => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
