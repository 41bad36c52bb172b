//! `kafka-soar on-poll` as a user runs it: the built binary, a real broker, files.

mod awkward;
mod changing;
mod cluster;
mod crash;
mod faults;
mod million;
mod polls;
mod topics;
