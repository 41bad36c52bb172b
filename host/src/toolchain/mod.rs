//! Layer 4: what whoever writes a parser works with. A parser runs here as it does in a poll:
//! the same admission, the same processes, limits and validation.

mod messages;
pub mod run;
mod subject;
mod topic;

pub use messages::{Format, Messages};
pub use subject::Subject;
pub use topic::TopicMessages;
