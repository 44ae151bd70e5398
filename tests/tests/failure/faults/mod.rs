//! Faults: connections cut, servers restarted, limits, rights, full disks and signals.

mod busy;
mod cut;
mod cuts;
mod disk;
mod limits;
mod proxy;
mod restart;
mod rights;
mod room;
mod signals;
mod traffic;
