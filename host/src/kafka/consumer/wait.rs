//! Waiting for records of any of several topics.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use rdkafka::{Offset, TopicPartitionList, consumer::Consumer as _};

use super::{
    super::{Deadline, Error, ask},
    Consumer, LOOK,
    judge::{Judgement, judge},
};
use crate::{config::Topic, model::Start};

/// How long an idle topic is told from a lost cluster.
const STILL_THERE: Duration = Duration::from_secs(3);

impl Consumer {
    /// Waits until one of the topics has a record at or after the end in its starts; false when
    /// there is none until `until`, or the stop flag was set. True, too, when an end is no longer
    /// one. The record is not taken: a poll of
    /// its topic will read it.
    ///
    /// # Errors
    ///
    /// As [`Consumer::next_batch`]. A cluster that was lost meanwhile is told from one that had
    /// nothing.
    pub fn wait(&mut self, topics: &[(Topic, Vec<Start>)], until: Deadline) -> Result<bool, Error> {
        let [(first, _), ..] = topics else {
            return Ok(false);
        };
        let doing = || format!("wait for records of topic {first}");
        let mut list = TopicPartitionList::new();
        for (topic, starts) in topics {
            for start in starts {
                let end = Offset::Offset(start.end.max(start.from));
                list.add_partition_offset(topic.as_str(), start.partition, end)
                    .map_err(|error| Error::call(doing(), &error))?;
            }
        }
        self.client
            .assign(&list)
            .map_err(|error| Error::call(doing(), &error))?;
        let context = self.client.context();
        context.clear();
        let begun = Instant::now();
        loop {
            let now = Instant::now();
            if self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            if until.is_past(now) {
                break;
            }
            match self.client.poll(until.cap(now, LOOK)) {
                None => {}
                Some(Ok(_)) => return Ok(true),
                Some(Err(error)) => match judge(&error, first, context) {
                    Judgement::End(_) | Judgement::Wait => {}
                    // A topic was cut or made anew meanwhile: looking at all of them tells which.
                    Judgement::Fail(Error::OffsetOutOfRange { .. }) => return Ok(true),
                    Judgement::Fail(error) => return Err(error),
                    Judgement::Refused => {
                        return Err(context.explain(&self.connection, begun.elapsed()));
                    }
                },
            }
        }
        if context.last().is_none() {
            return Ok(false);
        }
        let serve = || ask::serve(&self.client);
        let ask = ask::Ask {
            within: self.within.min(STILL_THERE),
            ..self.ask(&serve)
        };
        ask.partitions(first).map(|_| false)
    }
}
