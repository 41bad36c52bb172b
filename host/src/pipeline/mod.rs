//! Layer 3: the loop from topic to containers. Names no Kafka client, no WebAssembly engine and
//! no output: it is tested with in-memory ports.

mod halt;
mod ledger;
pub mod plan;

pub use halt::{Cause, Halt, Span};
pub use ledger::{Ledger, Summary};

use crate::ports::{Deliver, Parse, Quarantine, Source};

/// Takes batches from `source` until there are no more: parses each, puts rejected records into
/// quarantine, delivers the rest, and only then lets the offsets pass. `progress` sees the
/// totals after every batch.
///
/// # Errors
///
/// [`Halt`] at the first batch that can't be dealt with. No offset of it has passed: it will be
/// read again. What came before it is settled.
pub fn run(
    source: &mut dyn Source,
    parser: &mut dyn Parse,
    deliver: &mut dyn Deliver,
    quarantine: &mut dyn Quarantine,
    progress: &mut dyn FnMut(&Summary),
) -> Result<Summary, Box<Halt>> {
    let mut ledger = Ledger::default();
    loop {
        let batch = match source.next() {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(ledger.close()),
            Err(error) => return Err(ledger.halt(error, None)),
        };
        let halted = |ledger: Ledger, cause: Cause| ledger.halt(cause, Some(Span::of(&batch)));

        let parsed = match parser.parse(&batch) {
            Ok(parsed) => parsed,
            Err(error) => return Err(halted(ledger, error.into())),
        };
        // Quarantine first: should delivery fail, the batch comes again, and a record that is in
        // quarantine twice is a lesser evil than a container that is in SOAR twice.
        if !parsed.rejections().is_empty()
            && let Err(error) = quarantine.quarantine(&batch, parsed.rejections())
        {
            return Err(halted(ledger, error.into()));
        }
        if let Err(error) = deliver.deliver(&batch, &parsed) {
            return Err(halted(ledger, error.into()));
        }
        if let Err(error) = source.settle(&batch.next_offsets()) {
            return Err(halted(ledger, error.into()));
        }
        ledger.account(&batch, &parsed);
        progress(ledger.summary());
    }
}

#[cfg(test)]
mod tests;
