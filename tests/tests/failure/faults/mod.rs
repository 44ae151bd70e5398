//! Faults: connections cut, servers restarted, limits, rights, full disks and signals.

mod cut;
mod proxy;
mod cuts;
mod limits;
mod signals;
mod traffic;
