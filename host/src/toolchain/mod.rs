//! Layer 4: what whoever writes a parser works with. A parser runs here as it does in a poll:
//! the same admission, the same processes, limits and validation.

pub mod bench;
pub mod build;
mod case;
pub mod check;
mod messages;
pub mod new;
mod project;
pub mod registry;
pub mod run;
mod subject;
pub mod test;
mod topic;
pub mod verify;
pub mod watch;

pub use messages::{Format, Messages};
pub use project::{Language, Project};
pub use subject::Subject;
pub use topic::TopicMessages;
