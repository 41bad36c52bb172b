//! What the double is for: clients that try again while everything fails.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use kafka_soar::soar_double::{Faults, Mode};

use super::{Client, container, export, failing, held};

const CLIENTS: usize = 4;
const EACH: usize = 100;

/// Posts a container until an answer says that it is there; how often it was tried.
fn insist(soar: &Client, identifier: &str) -> usize {
    let begun = Instant::now();
    let body = container(identifier);
    for tries in 1.. {
        if let Ok((_, answer)) = soar.try_post("/rest/container", &body)
            && (answer["success"] == true || answer["existing_container_id"].is_i64())
        {
            return tries;
        }
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "{identifier}: {tries} tries"
        );
    }
    unreachable!("the loop has no end")
}

#[test]
fn whoever_tries_again_has_each_container_once_whatever_fails() {
    let (double, _) = failing(Faults {
        seed: 5,
        rate: 0.6,
        slow: Duration::from_millis(5),
        retry_after: 0,
        ..Faults::default()
    });
    let tries: usize = thread::scope(|scope| {
        let client = |client: usize| {
            let soar = Client::new(&double.url());
            (0..EACH)
                .map(|i| insist(&soar, &format!("{client}-{i}")))
                .sum::<usize>()
        };
        let spawn = |c| scope.spawn(move || client(c));
        let clients: Vec<_> = (0..CLIENTS).map(spawn).collect();
        clients
            .into_iter()
            .map(|c| c.join().expect("a client"))
            .sum()
    });
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for line in export(&double) {
        assert_eq!(
            line["artifacts"].as_array().map(Vec::len),
            Some(2),
            "{line}"
        );
        let identifier = line["container"]["source_data_identifier"].as_str();
        *seen
            .entry(identifier.expect("text").to_owned())
            .or_default() += 1;
    }
    assert_eq!(seen.len(), CLIENTS * EACH);
    assert!(seen.values().all(|count| *count == 1));
    assert_eq!(held(&double), (seen.len() as u64, 2 * seen.len() as u64));
    // Every fault was met, so that the above means something.
    let hit = double.faults_hit();
    for mode in Mode::ALL {
        let expected = !matches!(mode, Mode::Pass | Mode::Stall);
        assert_eq!(hit.contains_key(&mode), expected, "{mode}");
    }
    assert_eq!(double.counts().expect("counts").requests, tries as u64);
}
