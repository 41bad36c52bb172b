//! The state document.

use kafka_soar::actions::state::State;

use super::harmless;

/// A document is understood or refused; what is understood is written so that it is understood
/// again, and as the same.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut state = match State::from_json(text, "state.json") {
        Ok(state) => state,
        Err(failure) => {
            harmless(&failure.message);
            harmless(failure.hint.as_deref().unwrap_or_default());
            return;
        }
    };
    again(&state);
    if state.cluster_id().is_none() {
        // From now on it has a checksum.
        state.adopt_cluster("cluster").expect("it had none");
        again(&state);
    }
}

fn again(state: &State) {
    let written = state.to_json();
    let read = State::from_json(&written, "state.json")
        .unwrap_or_else(|failure| panic!("{}: {written}", failure.message));
    assert_eq!(read.to_json(), written);
}
