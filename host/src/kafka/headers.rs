//! A record's headers, whatever their producer wrote.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use rdkafka::{Message, message::BorrowedMessage, message::Headers};

use crate::model::Header;

/// Stands for a header's name that isn't UTF-8.
const UNREADABLE: &str = "\u{fffd}";

thread_local! {
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// The headers of `message` in their order; names may repeat.
///
/// Kafka has names as text, yet a producer may write any bytes, and `rdkafka` panics on a name
/// that isn't UTF-8 without a way to look first. One such record must not stop a topic for good,
/// so the panic is caught here: the header arrives without its value, named `U+FFFD`.
pub(super) fn of<'a>(message: &'a BorrowedMessage<'_>) -> Vec<Header<'a>> {
    let Some(headers) = message.headers() else {
        return Vec::new();
    };
    quieten();
    READING.set(true);
    let read = (0..headers.count())
        .map(|i| {
            let header = panic::catch_unwind(AssertUnwindSafe(|| headers.try_get(i)));
            header.ok().flatten().map_or_else(
                || {
                    tracing::warn!(
                        partition = message.partition(),
                        offset = message.offset(),
                        "a header's name is not UTF-8: the header arrives as U+FFFD, without value"
                    );
                    Header {
                        name: UNREADABLE,
                        value: None,
                    }
                },
                |header| Header {
                    name: header.key,
                    value: header.value,
                },
            )
        })
        .collect();
    READING.set(false);
    read
}

/// Keeps the panics that [`of`] catches from being printed.
fn quieten() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !READING.get() {
                print(info);
            }
        }));
    });
}
