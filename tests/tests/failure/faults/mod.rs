//! Faults: connections cut, servers restarted, limits, rights, full disks and signals.

mod busy;
mod cuts;
mod disk;
mod hush;
mod limits;
mod metadata;
mod restart;
mod restart_mariadb;
mod rights;
mod room;
mod signals;
mod silent;
mod traffic;
