//! Rounds: a run that is killed, perhaps its successors too, one that is let be, and a comparison.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use dbvc_tests::Ran;
use dbvc_tests::proxy::Protocol;
use dbvc_tests::stage::Stage;

use super::asked::Asked;
use super::backend::Backend;
use super::eye::Eye;
use super::look::Begun;
use super::moment::{Counts, Moment, Traces};
use super::settle;
use super::undisturbed::{Undisturbed, Way, every_way, line, prepared};
use super::wire::{AtAMessage, Fate, Point};

/// More runs than this never come to their end.
const LONGEST: usize = 30;

/// A database system with its stage, in the middle of its rounds.
#[derive(Debug)]
pub(super) struct Rounds<'a> {
    backend: &'a Backend,
    pub(super) stage: Stage,
    eye: Eye,
    known: BTreeMap<Way, Undisturbed>,
    looking: Duration,
    at: usize,
    pub(super) counts: Counts,
    diary: Diary,
}

/// What happened in a round, told when it fails.
#[derive(Debug, Default)]
struct Diary {
    again: String,
    lines: String,
}

impl Drop for Diary {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Not `eprintln!`, so that it stands together whatever else is printed.
            let _ = writeln!(
                std::io::stderr(),
                "{}\nto see it again: {}",
                self.lines,
                self.again
            );
        }
    }
}

/// How long runs take when nobody kills them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usual {
    /// One that looks and has nothing to do.
    pub(super) looking: Duration,
    /// One that does what this one does.
    pub(super) whole: Duration,
}

/// How a run is ended before its time. It is dropped when a later run has come to its end.
pub(super) trait Killer {
    /// Runs this line and kills it at some moment, or comes too late.
    fn kill(&mut self, stage: &Stage, line: &str, usual: Usual) -> Ran;
}

impl<'a> Rounds<'a> {
    /// Everything is made ready and every way gone once; none where there is no server.
    pub(super) fn begin(backend: &'a Backend) -> Option<Self> {
        let stage = prepared(backend)?;
        let eye = Eye::on(&stage.database);
        let known = every_way(backend, &stage, &eye);
        let clock = Instant::now();
        stage.run(&line(backend, (1, 0))).ok().said("nothing to ");
        let looking = clock.elapsed();
        Some(Self {
            backend,
            stage,
            eye,
            known,
            looking,
            at: 0,
            counts: Counts::default(),
            diary: Diary::default(),
        })
    }

    /// As many rounds as it takes to kill as often as asked.
    pub(super) fn at_random_moments(&mut self, asked: Asked) {
        let mut round = asked.round.unwrap_or(1);
        while self.counts.kills() < asked.kills {
            let mut choices = asked.choices(round);
            if asked.round.is_some() {
                self.go_undisturbed(self.stop_after(asked, round - 1));
            }
            let to = self.stop_from(self.at, asked, round);
            self.diary.again = format!(
                "cargo xtask chaos --backend {} --seed {} --round {round} --runs 50",
                self.backend.name, asked.seed
            );
            let moments = moments(&mut choices);
            let looks = choices.f32() < 0.15;
            self.round(to, &mut moments.into_iter(), looks);
            if asked.round.is_none() {
                round += 1;
            }
        }
    }

    /// From the first stop to the last and back again, killed at the first message, then at the second, until there is none.
    pub(super) fn at_every_message(&mut self, protocol: Protocol, asked: Asked) {
        let url: url::Url = self.stage.url().parse().expect("a URL");
        let addresses = url.socket_addrs(|| None).expect("an address");
        let server = addresses.into_iter().next().expect("an address");
        let top = self.backend.stops.len() - 1;
        self.go_undisturbed(1);
        let mut over = BTreeSet::new();
        let stride = self.backend.stride;
        let first = u32::try_from(asked.seed % u64::from(stride)).unwrap_or(0) + 1;
        for message in (first..).step_by(stride as usize) {
            let stepwise = self.counts.at(Moment::Stepwise);
            for fate in [Fate::Lost, Fate::Delivered, Fate::Late] {
                if fate == Fate::Late && self.counts.at(Moment::Stepwise) == stepwise {
                    // In a transaction the fence refuses it.
                    continue;
                }
                for to in [top, 1] {
                    if over.contains(&to) {
                        self.go_undisturbed(to);
                        continue;
                    }
                    let kills = self.counts.kills();
                    let point = Point { message, fate };
                    self.diary.again = format!("it does so always: {point:?} on the way to {to}");
                    self.round(
                        to,
                        &mut std::iter::once(AtAMessage::new(point, server, protocol)),
                        false,
                    );
                    if self.counts.kills() == kills {
                        over.insert(to);
                    }
                }
            }
            if over.len() == 2 {
                return;
            }
        }
    }

    /// Where a round ends.
    fn stop_after(&self, asked: Asked, round: u32) -> usize {
        (1..=round).fold(0, |at, round| self.stop_from(at, asked, round))
    }

    /// Where a round ends that begins there.
    fn stop_from(&self, at: usize, asked: Asked, round: u32) -> usize {
        let stops = self.backend.stops.len();
        (at + 1 + asked.choices(round).usize(..stops - 1)) % stops
    }

    fn go_undisturbed(&mut self, to: usize) {
        if self.at != to {
            self.stage.run(&line(self.backend, (self.at, to))).ok();
            self.at = to;
        }
    }

    /// Goes to another stop, killed once by each of the killers; then as often as needed undisturbed.
    pub(super) fn round<K: Killer>(&mut self, to: usize, killers: &mut dyn Iterator<Item = K>, looks: bool) {
        let way = (self.at, to);
        let line = line(self.backend, way);
        let begun = Begun::now(&self.eye);
        self.diary.lines = format!("{}: {line}\n", self.backend.name);
        let mut answer = "";
        let mut used = Vec::new();
        let mut ended = false;
        for _ in 0..LONGEST {
            let line = format!("{line}{answer}");
            answer = "";
            let ran = match killers.next() {
                Some(mut killer) => {
                    let ran = self.killed(&line, way, &mut killer, looks);
                    used.push(killer);
                    ran
                }
                None => self.stage.run(&line),
            };
            let _ = writeln!(self.diary.lines, "{ran}");
            match ran.code {
                -1 => {}
                0 => {
                    ended = true;
                    break;
                }
                7 => {
                    let (word, statement) = settle::answer(self.backend, &self.eye, begun, &ran);
                    let _ = writeln!(self.diary.lines, "answer:{word}");
                    self.counts.add_unproven(&statement);
                    answer = word;
                }
                other => panic!("no run after a kill ends with {other}:\n{ran}"),
            }
        }
        assert!(ended, "{LONGEST} runs did not come to the end");
        drop(used);
        let look = begun.look(self.backend, &self.eye);
        let differences = look.differences(&self.known[&way].look);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        self.at = to;
        self.counts.rounds += 1;
    }

    fn killed(&mut self, line: &str, way: Way, killer: &mut impl Killer, looks: bool) -> Ran {
        let before = Traces::of(&self.eye);
        let undisturbed = &self.known[&way];
        let usual = Usual {
            looking: self.looking,
            whole: undisturbed.took,
        };
        let ran = killer.kill(&self.stage, line, usual);
        if ran.code != -1 {
            self.counts.add(Moment::Ended);
            return ran;
        }
        let left = match self.backend.copied {
            Some(copied) => Traces::of(&Eye::on(&copied(&self.stage.database))),
            None => Traces::of(&self.eye),
        };
        let moment = left.moment(&before, undisturbed.goal.as_deref());
        let _ = writeln!(self.diary.lines, "killed: {moment:?}");
        self.counts.add(moment);
        if looks {
            self.stage.run("status").ok();
        }
        ran
    }
}

/// When to kill a run and those after it.
fn moments(choices: &mut fastrand::Rng) -> Vec<AtAMoment> {
    let more = [0, 0, 1, 1, 1, 2, 2, 3][choices.usize(..8)];
    let moment = |number: i32| AtAMoment {
        early: choices.f32() < 0.15,
        // Less is left to do for the later ones.
        part: 1.02 * choices.f32() * 0.5_f32.powi(number),
    };
    (0..=more).map(moment).collect()
}

/// Kills after a part of the time that such a run usually takes.
struct AtAMoment {
    /// While it starts and looks; else while it works.
    early: bool,
    part: f32,
}

impl Killer for AtAMoment {
    fn kill(&mut self, stage: &Stage, line: &str, usual: Usual) -> Ran {
        let call = stage.call(line);
        let mut child = call.start();
        std::thread::sleep(if self.early {
            usual.looking.mul_f32(self.part)
        } else {
            usual.looking + usual.whole.saturating_sub(usual.looking).mul_f32(self.part)
        });
        // One that has ended already is not killed.
        let _ = child.kill();
        call.finish(child)
    }
}
