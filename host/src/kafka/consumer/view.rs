//! What a consumer asks about a topic before and after reading it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::{
    super::{
        Error,
        ask::{self, Ask, End},
        description, settings,
        trouble::Context,
    },
    Consumer, LOOK,
    judge::{Judgement, judge},
};
use crate::{
    config::{Topic, Topics},
    model::{Offsets, Start, Watermarks},
};

/// How long a topic's id is waited for.
const DESCRIBE: Duration = Duration::from_secs(3);

/// A topic as the cluster describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicView {
    pub partitions: BTreeMap<i32, Watermarks>,
}

impl Consumer {
    /// The partitions of `topic` and what each has. `saved` are the offsets where reading is to
    /// go on, if there are any: they decide which watermarks need a closer look.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTopic`], [`Error::Unauthorized`], or no answer within 20 s.
    pub fn topic(&self, topic: &Topic, saved: Option<&Offsets>) -> Result<TopicView, Error> {
        let ids = self.asking(|ask| ask.partitions(topic))?;
        let ids: Vec<i32> = ids.into_keys().collect();
        let low = self.offsets(&self.client, topic, &ids, End::Low)?;
        let stable = self.offsets(&self.client, topic, &ids, End::High)?;
        let mut partitions: BTreeMap<i32, Watermarks> = ids
            .iter()
            .filter_map(|id| {
                let (low, stable) = (*low.get(id)?, *stable.get(id)?);
                let marks = Watermarks {
                    low,
                    stable,
                    high: stable,
                };
                Some((*id, marks))
            })
            .collect();
        // An offset beyond the stable one may have been saved by a reader of uncommitted
        // records, as the original connector is: look where the log really ends.
        let beyond: Vec<i32> = partitions
            .iter()
            .filter(|(id, marks)| {
                saved
                    .and_then(|saved| saved.get(id))
                    .is_some_and(|&offset| offset > marks.stable)
            })
            .map(|(&id, _)| id)
            .collect();
        if !beyond.is_empty() {
            let client: BaseConsumer<Context> = settings::uncommitted(&self.connection)
                .create_with_context(Context::of(&self.connection)?)
                .map_err(|error| Error::settings(&error))?;
            for (id, high) in self.offsets(&client, topic, &beyond, End::High)? {
                if let Some(marks) = partitions.get_mut(&id) {
                    marks.high = high.max(marks.stable);
                }
            }
        }
        Ok(TopicView { partitions })
    }

    /// The topic's id: one that is deleted and made again has another. `None` when the cluster
    /// has no ids, or doesn't tell: a poll can do without.
    #[must_use]
    pub fn topic_id(&self, topic: &Topic) -> Option<String> {
        description::of(self.client.client(), topic, self.within.min(DESCRIBE))?.id
    }

    /// The topics that are meant: those named, whether they exist or not, or those that match now.
    ///
    /// # Errors
    ///
    /// No answer within 20 s.
    pub fn resolve(&self, topics: &Topics) -> Result<Vec<Topic>, Error> {
        self.asking(|ask| ask.resolve(topics))
    }

    /// Whether records of `topic` may be read: fetches from its end.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] and every other reason why a poll would fail.
    pub fn can_read(&mut self, topic: &Topic) -> Result<(), Error> {
        let starts: Vec<Start> = self
            .topic(topic, None)?
            .partitions
            .iter()
            .map(|(&partition, marks)| Start {
                partition,
                from: marks.stable,
                end: marks.stable + 1,
            })
            .collect();
        self.assign(topic, &starts)?;
        let begun = Instant::now();
        while begun.elapsed() < self.within {
            match self.client.poll(LOOK) {
                None => {}
                Some(Ok(_)) => return Ok(()),
                Some(Err(error)) => match judge(&error, topic, self.client.context()) {
                    Judgement::End(_) => return Ok(()),
                    Judgement::Wait => {}
                    Judgement::Fail(error) => return Err(error),
                    Judgement::Refused => break,
                },
            }
        }
        let context = self.client.context();
        Err(if context.refused() {
            context.explain(&self.connection, begun.elapsed())
        } else {
            Error::Timeout {
                doing: format!("answer a fetch from topic {topic}"),
                waited: self.within,
                cause: context.last().unwrap_or_else(|| "no answer".to_owned()),
            }
        })
    }

    fn offsets(
        &self,
        client: &BaseConsumer<Context>,
        topic: &Topic,
        partitions: &[i32],
        end: End,
    ) -> Result<BTreeMap<i32, i64>, Error> {
        let serve = || ask::serve(client);
        let ask = Ask {
            client: client.client(),
            context: client.context(),
            connection: &self.connection,
            serve: &serve,
            within: self.within,
        };
        ask.insist(&format!("tell the offsets of topic {topic}"), |share| {
            ask::offsets(client, topic, partitions, end, share)
        })
    }

    fn asking<T>(
        &self,
        question: impl FnOnce(&Ask<'_, Context>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        question(&self.ask(&|| ask::serve(&self.client)))
    }

    pub(super) fn ask<'a>(&'a self, serve: &'a dyn Fn()) -> Ask<'a, Context> {
        Ask {
            client: self.client.client(),
            context: self.client.context(),
            connection: &self.connection,
            serve,
            within: self.within,
        }
    }
}
