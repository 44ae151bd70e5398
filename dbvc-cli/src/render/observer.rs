//! What people see while a run goes on.

use std::fmt;
use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use dbvc_engine::driver::{Action, Holder, NoticeLevel};
use dbvc_engine::observe::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::logging;

use super::{Output, clean, count, duration};

const GOOD: Style = AnsiColor::Green.on_default();
const CAREFUL: Style = AnsiColor::Yellow.on_default();
/// A bar appears only for steps that people would wait for.
const SLOW: Duration = Duration::from_secs(1);
/// How often a wait is mentioned.
const REMIND: Duration = Duration::from_secs(10);
/// Names are lined up to this width.
const NAME_WIDTH: usize = 48;

/// Writes a line for each step, and a bar for a long one on a terminal.
pub struct Screen {
    output: Output,
    terminal: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    action: Option<Action>,
    script: String,
    began: Option<Instant>,
    bar: Option<ProgressBar>,
    waited: Option<Duration>,
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").finish_non_exhaustive()
    }
}

impl Screen {
    /// A screen that writes to `output`.
    pub fn new(output: Output) -> Self {
        Self {
            output,
            terminal: std::io::stderr().is_terminal() && !output.quiet,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the bar away, so that nothing is written into it.
    pub fn clear(&self) {
        if let Some(bar) = self.state().bar.take() {
            bar.finish_and_clear();
        }
    }

    fn aside(&self, text: &str) {
        let bar = self.state().bar.clone();
        match bar {
            Some(bar) => bar.suspend(|| self.output.aside(text)),
            None => self.output.aside(text),
        }
    }

    fn progress(&self, done: u32, of: u32) {
        let mut state = self.state();
        if state.bar.is_none() && self.terminal && state.began.is_some_and(|began| began.elapsed() > SLOW) {
            let bar = ProgressBar::new(u64::from(of));
            // The template is a constant, so it can be read.
            if let Ok(style) = ProgressStyle::with_template("  {bar:30} {pos}/{len}  {msg}  {elapsed}") {
                bar.set_style(style);
            }
            bar.set_message(state.script.clone());
            state.bar = Some(bar);
        }
        if let Some(bar) = &state.bar {
            bar.set_position(u64::from(done));
        }
    }

    fn waiting(&self, holder: &Holder, waited: Duration) {
        let remind = self
            .state()
            .waited
            .is_none_or(|last| waited.saturating_sub(last) >= REMIND);
        if remind {
            self.state().waited = Some(waited);
            let actor = &holder.owner.actor;
            self.aside(&format!(
                "  {CAREFUL}waiting{CAREFUL:#}  {} on {} (process {}) holds the lock to {}; waited {}",
                actor.user,
                actor.host,
                holder.owner.pid,
                holder.owner.purpose,
                duration(waited)
            ));
        }
    }

    fn finished(&self, script: &str, statements: u32, took: Duration) {
        let action = self.state().action;
        self.clear();
        self.state().began = None;
        let word = match action {
            Some(Action::Rollback) => "undone  ",
            Some(Action::Baseline) => "baseline",
            Some(Action::Fix) => "fixed   ",
            Some(Action::Migrate) | None => "applied ",
        };
        self.output.progress(format!(
            "  {GOOD}{word}{GOOD:#}  {script:<NAME_WIDTH$}  {:>14}  {:>9}",
            count(u64::from(statements), "statement"),
            duration(took)
        ));
    }
}

impl Observer for Screen {
    fn on(&self, event: &Event<'_>) {
        logging::event(event);
        match event {
            Event::WaitingForLock { holder, waited } => self.waiting(holder, *waited),
            Event::Locked { taken_from } => {
                if let Some(holder) = taken_from {
                    self.aside(&format!(
                        "  {CAREFUL}took over{CAREFUL:#}  the lock of {} on {}, who is gone",
                        holder.owner.actor.user, holder.owner.actor.host
                    ));
                }
            }
            Event::StepStarted { script, action, .. } => {
                let mut state = self.state();
                state.action = Some(*action);
                (*script).clone_into(&mut state.script);
                state.began = Some(Instant::now());
            }
            Event::StepProgress { done, of } => self.progress(*done, *of),
            Event::Notice(notice) => {
                let word = match notice.level {
                    NoticeLevel::Info => "notice ",
                    NoticeLevel::Warning => "warning",
                };
                self.aside(&format!(
                    "  {CAREFUL}{word}{CAREFUL:#}  {}",
                    clean(&notice.message)
                ));
            }
            Event::Retrying { script, why, pause } => self.aside(&format!(
                "  {CAREFUL}retrying{CAREFUL:#}  {script} in {}: {why}",
                duration(*pause)
            )),
            Event::StepFinished {
                script,
                statements,
                duration,
                ..
            } => self.finished(script, *statements, *duration),
            Event::Diagnostic(diagnostic) => {
                self.clear();
                self.output.diagnostics(std::slice::from_ref(diagnostic));
            }
        }
    }
}
