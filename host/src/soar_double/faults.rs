//! How a double may fail, and when.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    str::FromStr,
    time::Duration,
};

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde::{Deserialize, Serialize};

use super::Error;

/// A year: a date that far ahead has four digits for its year.
const MAX_RETRY_AFTER: u64 = 365 * 24 * 3600;

/// One way to fail. Each is about one request under `/rest/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// None: the request is answered as usual. For [`Faults::next`], to let some through.
    Pass,
    /// The connection is reset before a byte of the body is read. Nothing is saved.
    Refuse,
    /// Half of the body is read, then the connection is reset. Nothing is saved.
    ResetRequest,
    /// Saved; the connection is reset in the middle of the answer's body.
    ResetResponse,
    /// 500, 502 and 503 in turn, with an HTML page. Nothing is saved.
    ErrorBeforeSaving,
    /// Saved; the answer is 500 with an HTML page.
    ErrorAfterSaving,
    /// 429 with a `Retry-After` in seconds. Nothing is saved.
    Throttle,
    /// 429 with a `Retry-After` that is an HTTP date. Nothing is saved.
    ThrottleUntil,
    /// Waits for [`Faults::slow`] before it saves, which it does even if the client hangs up
    /// meanwhile.
    Slow,
    /// Saves, then waits for [`Faults::slow`] before it answers.
    SlowAnswer,
    /// Saved; the answer is 200 with what is no answer: in turn bytes that are no text, the first
    /// half of the JSON, and an HTML login page.
    Garbage,
    /// Nothing happens until the faults are set anew; then the request is dealt with as usual, if
    /// the client is still there.
    Stall,
}

impl Mode {
    pub const ALL: [Self; 12] = [
        Self::Pass,
        Self::Refuse,
        Self::ResetRequest,
        Self::ResetResponse,
        Self::ErrorBeforeSaving,
        Self::ErrorAfterSaving,
        Self::Throttle,
        Self::ThrottleUntil,
        Self::Slow,
        Self::SlowAnswer,
        Self::Garbage,
        Self::Stall,
    ];

    /// As in JSON and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Refuse => "refuse",
            Self::ResetRequest => "reset_request",
            Self::ResetResponse => "reset_response",
            Self::ErrorBeforeSaving => "error_before_saving",
            Self::ErrorAfterSaving => "error_after_saving",
            Self::Throttle => "throttle",
            Self::ThrottleUntil => "throttle_until",
            Self::Slow => "slow",
            Self::SlowAnswer => "slow_answer",
            Self::Garbage => "garbage",
            Self::Stall => "stall",
        }
    }

    /// Whether a client alone gets over it, by trying again; [`Self::Stall`] only ends when its
    /// owner wants it to.
    fn passes(self) -> bool {
        !matches!(self, Self::Pass | Self::Stall)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|mode| mode.name() == text);
        found.ok_or_else(|| format!("choose one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// Which requests fail and how. The next ones follow [`Faults::next`]; after it, each draws from a
/// random number generator that begins at [`Faults::seed`], in the order in which requests come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    pub seed: u64,
    /// The share of requests that fail, from 0 to 1.
    pub rate: f64,
    /// What they may draw, each as likely as the others; empty means all but `pass` and `stall`.
    /// One that is listed twice is drawn twice as often.
    pub modes: Vec<Mode>,
    /// What the very next requests get, one each, whatever the rate.
    pub next: Vec<Mode>,
    /// How long `slow` and `slow_answer` wait.
    #[serde(rename = "slow_ms", with = "millis")]
    pub slow: Duration,
    /// What a throttled client is asked to wait, in whole seconds.
    #[serde(rename = "retry_after_s")]
    pub retry_after: u64,
    /// Above zero: nobody listens for so long from when this is set, connecting is refused, and
    /// connections that are open are reset with their next request. Setting faults again ends it
    /// early. `Duration::MAX` (a `closed_ms` of 2^64 - 1) is until then.
    #[serde(rename = "closed_ms", with = "millis")]
    pub closed: Duration,
}

impl Default for Faults {
    /// None; `slow` waits a second, and so should a throttled client.
    fn default() -> Self {
        Self {
            seed: 0,
            rate: 0.0,
            modes: Vec::new(),
            next: Vec::new(),
            slow: Duration::from_secs(1),
            retry_after: 1,
            closed: Duration::ZERO,
        }
    }
}

impl Faults {
    /// These for the next requests, and none after.
    #[must_use]
    pub fn next(modes: impl IntoIterator<Item = Mode>) -> Self {
        Self {
            next: modes.into_iter().collect(),
            ..Self::default()
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if !(0.0..=1.0).contains(&self.rate) {
            let problem = format!("faults: rate is {}, but must be from 0 to 1", self.rate);
            return Err(Error::Faults(problem));
        }
        if self.retry_after > MAX_RETRY_AFTER {
            return Err(Error::Faults(format!(
                "faults: retry_after_s is {}, but must be at most {MAX_RETRY_AFTER} (a year)",
                self.retry_after
            )));
        }
        Ok(())
    }
}

/// Durations as whole milliseconds.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Duration, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        Ok(match u64::deserialize(from)? {
            u64::MAX => Duration::MAX,
            millis => Duration::from_millis(millis),
        })
    }
}

/// Decides each request's fate, and counts.
pub(super) struct Dice {
    faults: Faults,
    next: VecDeque<Mode>,
    modes: Vec<Mode>,
    random: StdRng,
    hits: BTreeMap<Mode, u64>,
}

/// A fault for one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawn {
    pub(super) mode: Mode,
    /// How often the mode was drawn before: what has several shapes takes them in turn.
    pub(super) turn: usize,
    pub(super) slow: Duration,
    pub(super) retry_after: u64,
}

impl Dice {
    pub(super) fn new(faults: Faults) -> Self {
        let mut dice = Self {
            faults: Faults::default(),
            next: VecDeque::new(),
            modes: Vec::new(),
            random: StdRng::seed_from_u64(0),
            hits: BTreeMap::new(),
        };
        dice.set(faults);
        dice
    }

    /// Begins anew with `faults`; what was counted stays.
    pub(super) fn set(&mut self, faults: Faults) {
        self.next = faults.next.iter().copied().collect();
        self.modes = match faults.modes.as_slice() {
            [] => Mode::ALL.into_iter().filter(|m| m.passes()).collect(),
            modes => modes.to_vec(),
        };
        self.random = StdRng::seed_from_u64(faults.seed);
        self.faults = faults;
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// How often each mode was drawn since the start.
    pub(super) fn hits(&self) -> &BTreeMap<Mode, u64> {
        &self.hits
    }

    pub(super) fn draw(&mut self) -> Option<Drawn> {
        let mode = self.next.pop_front().or_else(|| self.chance())?;
        if mode == Mode::Pass {
            return None;
        }
        let hits = self.hits.entry(mode).or_default();
        let turn = usize::try_from(*hits).unwrap_or_default();
        *hits += 1;
        Some(Drawn {
            mode,
            turn,
            slow: self.faults.slow,
            retry_after: self.faults.retry_after,
        })
    }

    fn chance(&mut self) -> Option<Mode> {
        // Both are drawn whatever the first says: another rate leaves the sequence of modes.
        let hit = self.random.random_bool(self.faults.rate);
        let which = self.random.random_range(0..self.modes.len());
        hit.then(|| self.modes[which])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(faults: &Faults, count: usize) -> Vec<Option<Mode>> {
        let mut dice = Dice::new(faults.clone());
        (0..count).map(|_| dice.draw().map(|d| d.mode)).collect()
    }

    #[test]
    fn a_seed_repeats_its_faults_and_another_has_others() {
        let faults = Faults {
            rate: 0.3,
            ..Faults::default()
        };
        let other = Faults {
            seed: 1,
            ..faults.clone()
        };
        assert_eq!(draws(&faults, 500), draws(&faults, 500));
        assert_ne!(draws(&faults, 500), draws(&other, 500));
    }

    #[test]
    fn the_rate_is_kept_and_every_mode_comes_but_a_stall() {
        let faults = Faults {
            rate: 0.3,
            ..Faults::default()
        };
        let drawn: Vec<Mode> = draws(&faults, 10_000).into_iter().flatten().collect();
        assert!((2800..3200).contains(&drawn.len()), "{}", drawn.len());
        for mode in Mode::ALL {
            assert_eq!(drawn.contains(&mode), mode.passes(), "{mode}");
        }
        assert_eq!(draws(&Faults::default(), 10), vec![None; 10]);
    }

    #[test]
    fn the_next_requests_get_what_is_listed() {
        let faults = Faults {
            rate: 1.0,
            modes: vec![Mode::Slow],
            ..Faults::next([Mode::Stall, Mode::Pass, Mode::Garbage])
        };
        let expected = [
            Some(Mode::Stall),
            None,
            Some(Mode::Garbage),
            Some(Mode::Slow),
        ];
        assert_eq!(draws(&faults, 4), expected);
    }

    #[test]
    fn hits_are_counted_over_new_faults_and_number_the_turns() {
        let mut dice = Dice::new(Faults::next([Mode::Garbage]));
        assert_eq!(dice.draw().unwrap().turn, 0);
        dice.set(Faults::next([Mode::Garbage, Mode::Pass]));
        assert_eq!(dice.draw().unwrap().turn, 1);
        assert_eq!(dice.draw(), None);
        assert_eq!(*dice.hits(), BTreeMap::from([(Mode::Garbage, 2)]));
    }

    #[test]
    fn faults_are_json_and_strict() {
        let text = r#"{"seed":7,"rate":0.5,"modes":["reset_response"],"next":["pass"],
            "slow_ms":20,"retry_after_s":3,"closed_ms":18446744073709551615}"#;
        let faults: Faults = serde_json::from_str(text).unwrap();
        assert_eq!(faults.modes, [Mode::ResetResponse]);
        assert_eq!(faults.slow, Duration::from_millis(20));
        assert_eq!(faults.closed, Duration::MAX);
        let again = serde_json::to_string(&faults).unwrap();
        assert_eq!(serde_json::from_str::<Faults>(&again).unwrap(), faults);
        assert!(serde_json::from_str::<Faults>(r#"{"rat":1}"#).is_err());
        for mode in Mode::ALL {
            assert_eq!(serde_json::to_string(&mode).unwrap(), format!("\"{mode}\""));
            assert_eq!(mode.name().parse(), Ok(mode));
        }
    }

    #[test]
    fn values_that_make_no_sense_are_named() {
        for (rate, retry_after, named) in [
            (1.5, 1, "rate is 1.5"),
            (f64::NAN, 1, "rate is NaN"),
            (0.0, u64::MAX, "retry_after_s is 18446744073709551615"),
        ] {
            let faults = Faults {
                rate,
                retry_after,
                ..Faults::default()
            };
            let error = faults.check().unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
