//! The pipeline's source: batches from the consumer, offsets into the state.

use std::{cell::Cell, collections::BTreeMap, rc::Rc};

use super::keeper::Keeper;
use crate::{
    kafka::{Consumer, Deadline},
    model::{Batch, Offsets, Start},
    ports::{Source, SourceError},
};

pub(super) struct PollSource {
    consumer: Consumer,
    keeper: Keeper,
    until: Deadline,
    /// By partition: next offset to settle, and where the topic ended when the poll began.
    ahead: BTreeMap<i32, (i64, i64)>,
    behind: Rc<Cell<u64>>,
}

impl PollSource {
    pub(super) fn new(
        consumer: Consumer,
        keeper: Keeper,
        until: Deadline,
        starts: &[Start],
    ) -> Self {
        let source = Self {
            consumer,
            keeper,
            until,
            ahead: starts
                .iter()
                .map(|start| (start.partition, (start.from, start.end)))
                .collect(),
            behind: Rc::default(),
        };
        source.measure();
        source
    }

    /// Offsets between what is settled and the end of the topic as the poll found it. Kept up
    /// to date while the pipeline owns the source.
    pub(super) fn behind(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.behind)
    }

    fn measure(&self) {
        let behind = self
            .ahead
            .values()
            .map(|(next, end)| u64::try_from(end - next).unwrap_or(0))
            .sum();
        self.behind.set(behind);
    }
}

impl Source for PollSource {
    fn next(&mut self) -> Result<Option<Batch>, SourceError> {
        self.consumer
            .next_batch(self.until)
            .map_err(|e| SourceError::Read {
                hint: e.remedy().into(),
                message: e.to_string(),
            })
    }

    fn settle(&mut self, next: &Offsets) -> Result<(), SourceError> {
        self.keeper
            .settle(next)
            .map_err(|e| SourceError::Settle(e.to_string()))?;
        for (partition, offset) in next {
            if let Some((settled, _)) = self.ahead.get_mut(partition) {
                *settled = *offset;
            }
        }
        self.measure();
        Ok(())
    }
}
