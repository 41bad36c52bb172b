use super::*;
use crate::model::{Instant, Position, Record};

/// Fails on every batch with one of these offsets, and counts.
struct Touchy {
    bad: Vec<i64>,
    parses: usize,
    failed: usize,
}

impl Parse for Touchy {
    fn digest(&self) -> &'static str {
        "d"
    }

    fn parse(&mut self, batch: &Batch, _: &Origin) -> Result<Parsed, ParseError> {
        self.parses += 1;
        if batch.offsets().iter().any(|o| self.bad.contains(o)) {
            self.failed += 1;
            return Err(ParseError::Trap("unreachable".into()));
        }
        Ok(Parsed::default())
    }
}

fn batch(records: i64) -> Batch {
    let mut batch = Batch::new("t");
    for offset in 0..records {
        batch.push(&Record {
            position: Position {
                partition: 0,
                offset,
            },
            timestamp: 0,
            key: None,
            value: Some(b"v"),
            headers: vec![],
        });
    }
    batch
}

fn origin() -> Origin {
    Origin {
        started: Instant {
            unix_ms: 0,
            utc_offset_minutes: 0,
        },
        parser: "d".into(),
        max_artifacts: None,
    }
}

/// The offsets that were found, and how often the parser ran and failed beyond the first time.
fn examined(records: i64, bad: &[i64]) -> (Vec<i64>, usize, usize) {
    let mut parser = Touchy {
        bad: bad.to_vec(),
        parses: 0,
        failed: 0,
    };
    let origin = origin();
    let parts = Bisection::new(&mut parser, &origin, &|_| false)
        .examine(batch(records))
        .expect("no failure but bad records");
    let mut offsets = Vec::new();
    let mut found = Vec::new();
    for part in &parts {
        offsets.extend_from_slice(part.batch.offsets());
        if let Outcome::Rejected(rejection) = &part.outcome {
            assert_eq!((rejection.kind, part.batch.len()), (RejectionKind::Trap, 1));
            assert_eq!(rejection.reason, "the parser crashed: unreachable");
            found.push(part.batch.offsets()[0]);
        }
    }
    assert_eq!(
        offsets,
        (0..records).collect::<Vec<_>>(),
        "each once, in order"
    );
    (found, parser.parses - 1, parser.failed.saturating_sub(1))
}

/// Rounded up.
fn log2(n: i64) -> usize {
    u64::try_from(n).unwrap().next_power_of_two().ilog2() as usize
}

#[test]
fn one_bad_record_is_found_wherever_it_is() {
    for records in [1, 2, 3, 7, 16, 100, 1000] {
        let most = 2 * log2(records);
        for bad in 0..records {
            let (found, parses, _) = examined(records, &[bad]);
            assert_eq!(found, [bad]);
            assert!(parses <= most, "{parses} parses for 1 in {records}");
        }
    }
}

#[test]
fn several_are_found_at_a_bounded_cost() {
    let records = 4096_i64;
    for k in [2_i64, 5, 16, 100, 1000] {
        // Spread as badly as can be, and all in a heap.
        let spread: Vec<i64> = (0..k).map(|i| i * records / k).collect();
        let heap: Vec<i64> = (500..500 + k).collect();
        for bad in [spread, heap] {
            let (found, parses, failed) = examined(records, &bad);
            assert_eq!(found, bad);
            let most = 2 * bad.len() * (log2((records + k - 1) / k) + 1);
            assert!(parses <= most, "{parses} parses, at most {most}");
            assert!(failed <= parses);
        }
    }
}

#[test]
fn a_batch_that_is_only_too_large_is_cut_and_nothing_lost() {
    struct Small;
    impl Parse for Small {
        fn digest(&self) -> &'static str {
            "d"
        }
        fn parse(&mut self, batch: &Batch, _: &Origin) -> Result<Parsed, ParseError> {
            if batch.len() > 10 {
                return Err(ParseError::Limit {
                    limit: "parser_memory_limit",
                    value: "1".into(),
                    what: "it took too much".into(),
                });
            }
            Ok(Parsed::default())
        }
    }
    let origin = origin();
    let parts = Bisection::new(&mut Small, &origin, &|_| false)
        .examine(batch(100))
        .unwrap();
    let records: usize = parts.iter().map(|part| part.batch.len()).sum();
    assert_eq!(records, 100);
    assert!(parts.iter().all(|part| part.rejections().is_empty()));
}

#[test]
fn a_parser_that_fails_on_most_is_given_up() {
    let mut parser = Touchy {
        bad: (0..1000).collect(),
        parses: 0,
        failed: 0,
    };
    let origin = origin();
    let stop = Bisection::new(&mut parser, &origin, &|bad| bad > 50)
        .examine(batch(1000))
        .unwrap_err();
    let Stop::Broken { found, first } = stop else {
        panic!("{stop:?}");
    };
    assert_eq!(found, 51);
    assert_eq!(first, "the parser crashed: unreachable");
    assert!(parser.parses < 130, "{} parses", parser.parses);
}

#[test]
fn what_is_no_records_fault_stops_at_once() {
    struct NoSchemas;
    impl Parse for NoSchemas {
        fn digest(&self) -> &'static str {
            "d"
        }
        fn parse(&mut self, _: &Batch, _: &Origin) -> Result<Parsed, ParseError> {
            Err(ParseError::Unavailable {
                message: "no answer".into(),
                hint: "",
            })
        }
    }
    let origin = origin();
    let stop = Bisection::new(&mut NoSchemas, &origin, &|_| false).examine(batch(5));
    assert!(matches!(
        stop,
        Err(Stop::Parser(ParseError::Unavailable { .. }))
    ));
}

#[test]
fn a_batch_is_parsed_again_as_it_was_cut() {
    let mut parser = Touchy {
        bad: vec![3, 17],
        parses: 0,
        failed: 0,
    };
    let origin = origin();
    let first = Bisection::new(&mut parser, &origin, &|_| false)
        .examine(batch(20))
        .unwrap();
    let portions = super::super::portion::of("t", first, &origin);
    let [portion] = &portions[..] else {
        panic!("{} portions", portions.len());
    };
    assert_eq!(portion.intent.fault(), None);
    // The parser was mended meanwhile: what is in quarantine stays there, and only there.
    parser.bad = vec![];
    let again = Bisection::new(&mut parser, &origin, &|_| false)
        .repeat(batch(20), &portion.intent)
        .unwrap();
    let shape = |parts: &[Part]| -> Vec<(Vec<i64>, bool)> {
        let part = |part: &Part| {
            let rejected = matches!(part.outcome, Outcome::Rejected(_));
            (part.batch.offsets().to_vec(), rejected)
        };
        parts.iter().map(part).collect()
    };
    assert_eq!(shape(&again), shape(&portion.parts));
}
