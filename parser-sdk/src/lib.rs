//! Rust SDK for [kafka-soar] message parsers.
//!
//! A parser turns Kafka messages into SOAR containers and artifacts. It is compiled to a
//! WebAssembly component that can reach nothing: no file, socket, environment or process. The
//! shortest one:
//!
//! ```
//! use kafka_soar_parser::{Batch, Error, Output, Parser, export_parser};
//!
//! struct Hello;
//!
//! impl Parser for Hello {
//!     fn parse(batch: &Batch, out: &mut Output) -> Result<(), Error> {
//!         out.container("Hello").label("events");
//!         batch.each(out, |message, out| {
//!             out.artifact(message).name("Greeting").cef("message", message.text()?);
//!             Ok(())
//!         });
//!         Ok(())
//!     }
//! }
//!
//! export_parser!(Hello);
//! ```
//!
//! The map:
//!
//! - In: [`Batch`] and its [`Message`]s; [`settings`] the asset's settings, [`poll`] the clock.
//! - Out: [`Output`], on which [`Container`]s and [`Artifact`]s are written; [`log`] lines.
//! - [`Error`]: returned by the closure of [`Batch::each`] it rejects that one message, returned
//!   by [`Parser::parse`] it refuses the whole batch.
//! - [`testing`]: the same parser natively, under plain `cargo test`.
//!
//! What a parser doesn't call it doesn't import: without [`settings`], [`poll`] and [`log`] its
//! component imports nothing at all.
//!
//! [kafka-soar]: https://github.com/kafka-soar/kafka-soar

mod artifact;
mod batch;
mod container;
mod error;
mod escape;
mod host;
mod members;
mod message;
mod output;
mod rating;

pub mod log;
pub mod poll;
pub mod settings;
pub mod time;

#[cfg(any(target_arch = "wasm32", test))]
mod allocator;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod wasm;

pub use artifact::Artifact;
pub use batch::Batch;
pub use container::Container;
pub use error::Error;
pub use message::{Header, Message};
pub use output::Output;
pub use rating::{Sensitivity, Severity};

/// A message parser; [`export_parser!`] makes a component of it.
///
/// No state outlives a call: every batch meets a fresh instance of the component.
pub trait Parser {
    /// Turns the messages of `batch` into containers and artifacts.
    ///
    /// # Errors
    ///
    /// An error says that no message of this batch can be handled, and why (a setting is
    /// missing, say). The poll stops before the batch: nothing of it is delivered or quarantined,
    /// and no offset advances. To reject a single message, use [`Batch::each`].
    fn parse(batch: &Batch, out: &mut Output) -> Result<(), Error>;
}

/// Makes a component of the crate, with the [`Parser`] that is named as its parser. Off
/// WebAssembly it only checks the type.
///
/// The crate is a `cdylib` (`crate-type = ["cdylib", "rlib"]` under `[lib]`) compiled for
/// `wasm32-unknown-unknown`.
#[macro_export]
macro_rules! export_parser {
    ($parser:ty) => {
        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, reason = "the exported functions of the component")]
        const _: () = {
            type Exported = $crate::wasm::Exported<$parser>;
    $crate::wasm::bindings::export!(Exported with_types_in $crate::wasm::bindings);
        };
        #[cfg(not(target_family = "wasm"))]
        const _: fn(&$crate::Batch, &mut $crate::Output) -> Result<(), $crate::Error> =
            <$parser as $crate::Parser>::parse;
    };
}

/// The README's code is compiled too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
