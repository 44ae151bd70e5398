//! Faults: connections cut, servers restarted, limits, rights, full disks and signals.

mod traffic;
