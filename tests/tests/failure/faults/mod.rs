//! Faults: connections cut, servers restarted, limits, rights, full disks and signals.

mod cut;
mod proxy;
mod traffic;
