//! The parser that an asset names, loaded.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

use etcetera::{BaseStrategy as _, choose_base_strategy};
use jiff::{Timestamp, Zoned};
use sha2::{Digest as _, Sha256};

use super::{Class, Failure};
use crate::{
    config::{Config, ParserLimits, ParserSource, Policy},
    model::{Batch, Instant, Origin, Parsed},
    ports::{Parse, ParseError},
    sandbox::{Cache, DEFAULT_PARSER, LoadError, Parser, Sandbox, Stats},
    schema::{Decoder, Registry},
    wall::Report,
};

/// Names the directory of compiled parsers; empty switches the cache off.
const CACHE_VARIABLE: &str = "KAFKA_SOAR_CACHE_DIR";

/// Names the file of the key that the cache's entries are authenticated with.
const KEY_VARIABLE: &str = "KAFKA_SOAR_CACHE_KEY";

/// The asset's parser, and the one that an interrupted batch was begun with.
pub(crate) struct Parsers {
    sandbox: Sandbox,
    present: Parser,
    /// By digest; `None` for one that is not to be had.
    former: BTreeMap<String, Option<Parser>>,
    policy: Policy,
    limits: ParserLimits,
    settings: String,
}

impl Parsers {
    /// Loads the asset's parser into a sandbox of its own.
    ///
    /// # Errors
    ///
    /// [`Class::Parser`] when it isn't a parser that this host runs.
    pub(super) fn load(config: &Config) -> Result<Self, Failure> {
        Self::load_source(
            &config.parser,
            &config.policy,
            &config.limits,
            &config.parser_settings,
        )
    }

    pub(crate) fn load_source(
        source: &ParserSource,
        policy: &Policy,
        limits: &ParserLimits,
        settings: &str,
    ) -> Result<Self, Failure> {
        let sandbox = Sandbox::new(cache()).map_err(failure)?;
        let present = sandbox.load(source, policy, limits, settings, now());
        let present = present.map_err(failure)?;
        Ok(Self::of_present(sandbox, present, policy, limits, settings))
    }

    /// Loads the default parser if the digest is its own, else a parser that this host ran before,
    /// from its native code; `None` if there is none of it, or the policy doesn't admit it by its
    /// digest alone.
    ///
    /// # Errors
    ///
    /// As [`Parsers::load`].
    pub(super) fn load_by_digest(
        digest: &str,
        policy: &Policy,
        limits: &ParserLimits,
        settings: &str,
    ) -> Result<Option<Self>, Failure> {
        if digest == hex::encode(Sha256::digest(DEFAULT_PARSER)) {
            return Self::load_source(&ParserSource::Default, policy, limits, settings).map(Some);
        }
        let rules = policy.rules();
        if !rules.is_none_or(|rules| rules.admits_former(digest)) {
            return Ok(None);
        }
        let sandbox = Sandbox::new(cache()).map_err(failure)?;
        let present = sandbox.load_former(digest, limits, settings, now());
        Ok(present.map(|present| Self::of_present(sandbox, present, policy, limits, settings)))
    }

    fn of_present(
        sandbox: Sandbox,
        present: Parser,
        policy: &Policy,
        limits: &ParserLimits,
        settings: &str,
    ) -> Self {
        Self {
            sandbox,
            present,
            former: BTreeMap::new(),
            policy: policy.clone(),
            limits: limits.clone(),
            settings: settings.to_owned(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.present.name()
    }

    /// What stands of the second wall around the parser's process, once there is one.
    pub(super) fn wall(&self) -> Option<Report> {
        self.present.wall()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.present.stats()
    }

    /// The parser that batches with this digest in their origin are parsed with: its name and its
    /// digest.
    pub(super) fn used(&self, digest: &str) -> (&str, &str) {
        let used = match self.former.get(digest) {
            Some(Some(former)) => former,
            _ => &self.present,
        };
        (used.name(), used.digest())
    }

    /// The parser with this digest, or the present one.
    fn of(&mut self, digest: &str) -> &mut Parser {
        if digest == self.present.digest() {
            return &mut self.present;
        }
        if !self.former.contains_key(digest) {
            let admitted = self
                .policy
                .rules()
                .is_none_or(|rules| rules.admits_former(digest));
            let found = admitted
                .then(|| {
                    self.sandbox
                        .load_former(digest, &self.limits, &self.settings, now())
                })
                .flatten();
            let short = digest.get(..12).unwrap_or(digest);
            if found.is_some() {
                tracing::warn!(
                    "an interrupted batch goes on with the parser it was begun with, {short}"
                );
            } else {
                tracing::warn!(
                    "an interrupted batch was begun with another parser, {short}, which {}: what was delivered of it may be delivered again under other \
                     identifiers",
                    if admitted {
                        "is no longer there"
                    } else {
                        "the policy does not admit by its digest alone"
                    }
                );
            }
            self.former.insert(digest.to_owned(), found);
        }
        match self.former.get_mut(digest) {
            Some(Some(former)) => former,
            _ => &mut self.present,
        }
    }
}

impl Parse for Parsers {
    fn digest(&self) -> &str {
        self.present.digest()
    }

    fn parse(&mut self, batch: &Batch, origin: &Origin) -> Result<Parsed, ParseError> {
        let parser = self.of(&origin.parser);
        parser.set_clock(origin.started);
        parser.parse(batch)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn failure(error: LoadError) -> Failure {
    match error {
        LoadError::Refused { .. } => Failure::new(Class::Parser, error.to_string()),
        LoadError::Engine(_) => Failure::new(
            Class::Internal,
            format!("the sandbox can't be set up: {error}"),
        ),
    }
}

/// What is said of a parser that failed, in the original connector's words.
pub(super) fn exception(parser: &str, error: &ParseError) -> String {
    match error {
        // The runner speaks them.
        ParseError::Script(text) | ParseError::Broken(text) => text.clone(),
        error => format!("Got an exception in call to {parser}: {error}"),
    }
}

/// Has `work` done with the asset's parser, before which messages in Schema Registry's wire format
/// are decoded if the asset names a registry.
pub(crate) fn with_schemas<T>(
    config: &Config,
    parser: &mut dyn Parse,
    work: impl FnOnce(&mut dyn Parse) -> T,
) -> T {
    match &config.schema_registry {
        None => work(parser),
        Some(registry) => work(&mut Decoder::new(Registry::new(registry), parser)),
    }
}

/// This moment, and the offset of local time.
pub(crate) fn now() -> Instant {
    let now = Zoned::now();
    Instant {
        unix_ms: u64::try_from(Timestamp::as_millisecond(now.timestamp())).unwrap_or(0),
        utc_offset_minutes: i16::try_from(now.offset().seconds() / 60).unwrap_or(0),
    }
}

/// Without a private directory parsers are compiled at each start, which is slower and no less
/// safe.
fn cache() -> Option<Cache> {
    let dir = cache_dir()?;
    Cache::with_key(&dir, cache_key(&dir))
        .inspect_err(|e| tracing::warn!("compiled parsers are not cached: {e}"))
        .ok()
}

/// Where the cache's key is: named by a variable, or beside the directory.
pub(super) fn cache_key(dir: &Path) -> PathBuf {
    match env::var_os(KEY_VARIABLE) {
        Some(key) if !key.is_empty() => key.into(),
        _ => dir.with_added_extension("key"),
    }
}

pub(super) fn cache_dir() -> Option<PathBuf> {
    match env::var_os(CACHE_VARIABLE) {
        Some(dir) if dir.is_empty() => None,
        Some(dir) => Some(dir.into()),
        None => choose_base_strategy()
            .ok()
            .map(|base| base.cache_dir().join("kafka-soar").join("parsers")),
    }
}
