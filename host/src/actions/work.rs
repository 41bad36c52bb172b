//! What polls and the service have in common: the pipeline, with what the asset says.

use std::path::Path;

use super::{
    Failure,
    delivery::{Place, Refuge, policy},
    on_poll::failure,
    parsers::{Parsers, with_schemas},
    recording::Tape,
};
use crate::{
    config::Config,
    model::{Instant, Provenance},
    pipeline::{self, Ports, Summary},
    ports::{Deliver, Parse, Source},
};

/// Everything but the source and the output.
pub(super) struct Work<'a> {
    pub(super) config: &'a Config,
    pub(super) parser: &'a mut Parsers,
    pub(super) cluster_id: String,
    /// Where messages go that can't be handled, if the asset names no dead-letter topic.
    pub(super) quarantine: &'a Path,
    pub(super) clock: &'a dyn Fn() -> Instant,
    /// Keeps each parse, if that is asked for.
    pub(super) tape: Option<&'a mut Tape>,
}

impl Work<'_> {
    /// Takes batches from `source` until there are no more.
    pub(super) fn run(
        self,
        source: &mut dyn Source,
        deliver: &mut dyn Deliver,
        progress: &mut dyn FnMut(&Summary),
    ) -> Result<Summary, Failure> {
        let name = self.parser.name().to_owned();
        let place = Place::of(self.config, self.quarantine);
        let provenance = Provenance {
            cluster_id: self.cluster_id.clone(),
            attempt: 1,
        };
        let mut refuge = Refuge::at(&place, self.config, provenance);
        let policy = policy(self.config, &self.cluster_id, self.clock);
        let mut recorder = self.tape.map(|tape| tape.recorder(&mut *self.parser));
        let parser: &mut dyn Parse = match &mut recorder {
            Some(recorder) => recorder,
            None => self.parser,
        };
        let counts = with_schemas(self.config, parser, |parser| {
            let ports = Ports {
                source,
                parser,
                deliver,
                quarantine: &mut refuge,
            };
            pipeline::run(ports, &policy, progress)
        })
        .map_err(|halt| failure(&halt, &name))?;
        if counts.quarantined > 0 {
            tracing::warn!(
                "{} message(s) that can't be handled are in {place}, with the reasons; see \
                 kafka-soar quarantine --help",
                counts.quarantined,
            );
        }
        Ok(counts)
    }
}
