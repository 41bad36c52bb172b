//! Much of it: a chaos test posts a million artifacts.

use std::time::{Duration, Instant};

use kafka_soar::soar_double::Options;
use serde_json::{Value, json};

use super::{held, start};

const CONTAINERS: usize = 1000;
const ARTIFACTS: usize = 100;
/// Several times what a busy machine needs.
const ENOUGH: Duration = Duration::from_mins(1);

#[test]
fn a_hundred_thousand_artifacts_are_saved_and_found_in_reasonable_time() {
    let folder = tempfile::tempdir().unwrap();
    let (double, soar) = start(Options {
        store: Some(folder.path().join("soar.db")),
        ..Options::default()
    });
    let begun = Instant::now();
    for c in 0..CONTAINERS {
        let artifact = |a: usize| {
            json!({
                "name": "artifact",
                "source_data_identifier": format!("{c}-{a}"),
                "cef": {"message": "x".repeat(300), "sourceAddress": "10.0.0.1"},
            })
        };
        let body = json!({
            "name": "container",
            "label": "events",
            "source_data_identifier": c.to_string(),
            "artifacts": (0..ARTIFACTS).map(artifact).collect::<Vec<Value>>(),
        });
        assert_eq!(soar.post("/rest/container", &body).0, 200);
    }
    let saved = begun.elapsed();
    let begun = Instant::now();
    for c in 0..CONTAINERS {
        let query = format!("_filter_container_id={}&page_size=0", c + 1);
        let (_, body) = soar.get(&format!("/rest/artifact?{query}"));
        assert_eq!(body["count"], ARTIFACTS);
    }
    let found = begun.elapsed();
    println!("saved in {saved:?}, found in {found:?}");
    assert_eq!(
        held(&double),
        (CONTAINERS as u64, (CONTAINERS * ARTIFACTS) as u64)
    );
    assert!(
        saved < ENOUGH && found < ENOUGH,
        "saved in {saved:?}, found in {found:?}"
    );
}
