//! A tool in a comparison: its files, its database, and what its runs took so far.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::database::{Database, System};
use crate::measure::{Cost, Invocation, run};
use crate::proxy::Proxy;
use crate::report::Line;
use crate::server::{BackendMemory, Servers};
use crate::set::Set;
use crate::tools::{Place, Tool, Trial};

/// A run that took longer is not made again: its noise is small beside it.
const LONG: f64 = 30.0;
/// A run that took longer needs no warm-up.
const WARM: f64 = 5.0;

pub(crate) struct Contender<'a> {
    pub(crate) tool: &'a dyn Tool,
    pub(crate) place: Place,
    trial: Trial,
    costs: Vec<Cost>,
    trips: Option<u64>,
    /// Why it is out of this comparison.
    out: Option<String>,
}

/// What runs need beside the tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Means<'a> {
    pub(crate) servers: &'a Servers,
    pub(crate) limit: Duration,
}

impl<'a> Contender<'a> {
    /// Its files are written, in a folder of its own.
    pub(crate) fn new(tool: &'a dyn Tool, trial: Trial, set: &Set, parent: &Path) -> io::Result<Self> {
        let name: String = tool
            .name()
            .chars()
            .map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' })
            .collect();
        let folder = parent.join(name);
        fs::create_dir_all(&folder)?;
        tool.lay_out(set, &folder)?;
        let database = Database::Sqlite(folder.join("data").join("bench.db"));
        Ok(Self {
            tool,
            place: Place { folder, database },
            trial,
            costs: Vec::new(),
            trips: None,
            out: None,
        })
    }

    pub(crate) fn leave_out(&mut self, reason: &str) {
        self.out = Some(reason.to_owned());
    }

    pub(crate) fn is_out(&self) -> bool {
        self.out.is_some()
    }

    /// Whether another run would tell more.
    pub(crate) fn wants_more(&self, repeats: usize) -> bool {
        let long = self.costs.iter().any(|cost| cost.wall > LONG);
        !(self.is_out() || long && !self.costs.is_empty() || self.costs.len() > repeats)
    }

    /// An empty database in place of the one it had.
    pub(crate) fn renew(&mut self, means: Means<'_>) -> Result<(), String> {
        match self.trial.system() {
            system @ (System::Postgres | System::MariaDb) => {
                self.forget(means)?;
                self.place.database = means.servers.create(system)?;
                Ok(())
            }
            System::Sqlite => {
                // The whole folder: a tool may keep files beside the database.
                let data = self.place.folder.join("data");
                let _ = fs::remove_dir_all(&data);
                // An empty file is an empty database, and not all tools would create it.
                fs::create_dir_all(&data)
                    .and_then(|()| fs::write(data.join("bench.db"), ""))
                    .map_err(|error| format!("{}: {error}", data.display()))
            }
        }
    }

    /// Takes its database away.
    pub(crate) fn forget(&self, means: Means<'_>) -> Result<(), String> {
        means.servers.drop(&self.place.database)
    }

    /// Runs the commands one after the other; the sum is one more measurement, or the reason why there will be none.
    pub(crate) fn measure(&mut self, commands: &[Invocation], means: Means<'_>, server_memory: bool) {
        match self.carry_out(commands, means, server_memory) {
            Ok(cost) => self.costs.push(cost),
            Err(reason) => self.out = Some(reason),
        }
    }

    /// Runs the commands without keeping what they took.
    pub(crate) fn carry_out(
        &self,
        commands: &[Invocation],
        means: Means<'_>,
        server_memory: bool,
    ) -> Result<Cost, String> {
        let mut sum = Cost::default();
        for command in commands {
            let memory = match &self.place.database {
                Database::Postgres(address) if server_memory => Some(BackendMemory::of(address)),
                _ => None,
            };
            sum = sum.and(run(command, &self.place.folder, means.limit, memory)?);
        }
        Ok(sum)
    }

    /// Counts the round trips of commands that are built for a place behind a proxy.
    pub(crate) fn count(
        &mut self,
        means: Means<'_>,
        commands: impl FnOnce(&dyn Tool, &Place) -> Vec<Invocation>,
    ) {
        let Some(address) = self.place.database.address() else {
            return;
        };
        let Ok(proxy) = Proxy::before(address) else {
            return;
        };
        let place = Place {
            database: self.place.database.through(proxy.port),
            ..self.place.clone()
        };
        let commands = commands(self.tool, &place);
        self.trips = self
            .carry_out(&commands, means, false)
            .is_ok()
            .then(|| proxy.take());
    }

    /// What it took since the last line, as a line of a table. A first run that was short is dropped: it warmed up.
    pub(crate) fn line(&mut self) -> Line {
        let mut costs = std::mem::take(&mut self.costs);
        if costs.len() > 1 && costs[0].wall < WARM {
            costs.remove(0);
        }
        let costs = match &self.out {
            Some(reason) if costs.is_empty() => Err(reason.clone()),
            _ => Ok(costs),
        };
        Line {
            tool: self.tool.name(),
            costs,
            trips: self.trips.take(),
        }
    }
}
