//! How a component becomes a parser.

use std::time::Instant as Clock;

use super::{
    Cache, CompileLimits, DEFAULT_PARSER, DEFAULT_PARSER_NAME, PYTHON_RUNNER, PYTHON_RUNNER_DIGEST,
    Parser, Refusal, admit,
    code::Code,
    compile::{self, Failure},
    process::Program,
    wire::{Script, Setup},
    worker,
};
use crate::{
    config::{ParserLimits, ParserSource, Policy},
    model::Instant,
    wall,
};

/// Compiling this many bytes takes so long that a person wants to know what is going on.
const LARGE: usize = 1 << 20;

/// Compiles and runs parsers, each in a process of its own.
#[derive(Debug)]
pub struct Sandbox {
    program: Program,
    cache: Option<Cache>,
    compile_limits: CompileLimits,
    /// Whether those processes get a second wall.
    wall: bool,
    /// What native code depends on beside the component.
    compatibility: String,
}

/// Why a parser can't run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It isn't a parser that this host runs.
    #[error("{name}: {refusal}")]
    Refused { name: String, refusal: Refusal },
    /// The sandbox could not be set up, or compiling failed in a way that is no fault of the
    /// component.
    #[error("{0}")]
    Engine(String),
}

impl Sandbox {
    /// With a cache, native code survives the process.
    ///
    /// # Errors
    ///
    /// [`LoadError::Engine`] when this machine can't run the engine, or the setting of the second
    /// wall can't be understood.
    pub fn new(cache: Option<Cache>) -> Result<Self, LoadError> {
        Self::of(Program::This, cache)
    }

    /// As [`Sandbox::new`], in a program that isn't kafka-soar.
    ///
    /// # Errors
    ///
    /// As [`Sandbox::new`].
    pub fn of(program: Program, cache: Option<Cache>) -> Result<Self, LoadError> {
        let wall = wall::wanted().map_err(|value| {
            LoadError::Engine(format!(
                "{} is {value:?}; set it to on or off, or not at all",
                wall::VARIABLE
            ))
        })?;
        Ok(Self {
            program,
            cache,
            compile_limits: CompileLimits::default(),
            wall,
            compatibility: worker::compatibility().map_err(LoadError::Engine)?,
        })
    }

    /// Bounds what compiling may take.
    #[must_use]
    pub fn compile_within(mut self, limits: CompileLimits) -> Self {
        self.compile_limits = limits;
        self
    }

    /// Admits a component and compiles it, or takes its native code from the cache. Compiling the
    /// default parser takes some tenths of a second, a Python component some seconds. The parser's
    /// process is started with its first batch.
    ///
    /// `settings` is the JSON text that the guest sees as its settings, `started` its clock.
    ///
    /// # Errors
    ///
    /// [`LoadError::Refused`] when the component isn't a parser that this host runs.
    pub fn load(
        &self,
        source: &ParserSource,
        policy: &Policy,
        limits: &ParserLimits,
        settings: &str,
        started: Instant,
    ) -> Result<Parser, LoadError> {
        let name = source.name().unwrap_or(DEFAULT_PARSER_NAME);
        let refused = |refusal| LoadError::Refused {
            name: name.to_owned(),
            refusal,
        };
        let admitted = admit::admit(source, policy).map_err(refused)?;
        let begun = Clock::now();
        let failed = |failure| match failure {
            Failure::Refused(refusal) => refused(refusal),
            Failure::Host(why) => LoadError::Engine(format!("{name} can't be compiled: {why}")),
        };
        let code = match source {
            ParserSource::Default => self.code(&admitted.digest, name, DEFAULT_PARSER),
            ParserSource::Component { bytes, .. } => self.code(&admitted.digest, name, bytes),
            ParserSource::Script { text, .. } => {
                self.keep_script(&admitted.digest, text);
                self.runner()
            }
        };
        let code = code.map_err(failed)?;
        tracing::debug!(
            parser = name,
            digest = admitted.digest,
            milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "parser loaded"
        );
        let setup = self.setup(limits, settings, script(source));
        self.parser(&code, admitted.digest, name, setup, started)
            .map_err(|e| LoadError::Engine(format!("{name} can't be loaded: {e}")))
    }

    /// A parser that this host ran before, from its native code in the cache: for batches that
    /// were begun with it. It was admitted then; `None` when its code is no longer there.
    #[must_use]
    pub fn load_former(
        &self,
        digest: &str,
        limits: &ParserLimits,
        settings: &str,
        started: Instant,
    ) -> Option<Parser> {
        let hex = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        let cache = self.cache.as_ref().filter(|_| hex)?;
        let name = "the parser of before";
        let (code, script) = if let Some(code) = cache.load(digest, &self.compatibility) {
            (code, None)
        } else {
            let text = cache.script(digest)?;
            let name = name.to_owned();
            (self.runner().ok()?, Some(Script { name, text }))
        };
        let setup = self.setup(limits, settings, script);
        self.parser(&code, digest.to_owned(), name, setup, started)
            .ok()
    }

    fn setup(&self, limits: &ParserLimits, settings: &str, script: Option<Script>) -> Setup {
        Setup {
            limits: limits.clone(),
            settings: settings.to_owned(),
            script,
            wall: self.wall,
        }
    }

    fn parser(
        &self,
        code: &[u8],
        digest: String,
        name: &str,
        setup: Setup,
        started: Instant,
    ) -> std::io::Result<Parser> {
        Ok(Parser::new(
            self.program.clone(),
            Code::new(code)?,
            digest,
            name.into(),
            setup,
            started,
        ))
    }

    /// Native code of what executes scripts.
    fn runner(&self) -> Result<Vec<u8>, Failure> {
        self.code(PYTHON_RUNNER_DIGEST, "the Python runner", PYTHON_RUNNER)
    }

    fn keep_script(&self, digest: &str, text: &str) {
        if let Some(cache) = &self.cache
            && let Err(e) = cache.keep_script(digest, text)
        {
            tracing::warn!("the script could not be kept for batches that are interrupted: {e}");
        }
    }

    fn code(&self, digest: &str, name: &str, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        let cached = self
            .cache
            .as_ref()
            .and_then(|cache| cache.load(digest, &self.compatibility));
        if let Some(code) = cached {
            return Ok(code);
        }
        let begun = Clock::now();
        let large = bytes.len() > LARGE;
        if large {
            tracing::info!("compiling {name} for this machine, which takes some seconds");
        }
        let code = compile::compile(&self.program, self.wall, self.compile_limits, bytes)?;
        if large {
            let seconds = begun.elapsed().as_secs_f64();
            let next = match self.cache {
                Some(_) => "the next start finds it in the cache",
                None => "there is no cache, so that the next start takes as long",
            };
            tracing::info!("compiled {name} in {seconds:.1} s; {next}");
        }
        if let Some(cache) = &self.cache {
            // A cache that can't be written makes the next start slower and nothing else.
            if let Err(e) = cache.store(digest, &self.compatibility, &code) {
                tracing::warn!("the parser's native code could not be cached: {e}");
            }
        }
        Ok(code)
    }
}

/// What the Python runner is to execute.
fn script(source: &ParserSource) -> Option<Script> {
    match source {
        ParserSource::Script { name, text, .. } => Some(Script {
            name: name.clone(),
            text: text.clone(),
        }),
        _ => None,
    }
}
