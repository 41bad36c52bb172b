//! Status texts of the original connector, which playbooks and people compare to the letter.

/// Texts that stand alone in the original, and begin a longer message here.
const TEXTS: [&str; 8] = [
    "To use SSL, at least one of cert_file, key_file, or ca_cert asset configuration parameters \
     must be filled out",
    "Container count should be a positive integer",
    "Artifact count should be a positive integer",
    "The specified topic contains invalid characters. Topics can only contain numbers, letters, \
     periods, hyphens, and underscores.",
    "The specified topic could not be found on the Kafka server",
    "Timeout should not be negative",
    "Got an empty list as message to send. To send an empty list, try '[[]]'",
    "There was an issue sending data to Kafka - sending timed out",
];

/// Texts that end in a cause, which is told here along with where it happened.
const WITH_CAUSE: [&str; 2] = [
    "Failed to save ingested Kafka data: ",
    "Got an exception in call to ",
];

/// The status for a message: the original's text if it begins with one, else all of it.
pub(super) fn status(message: &str) -> String {
    if WITH_CAUSE.iter().any(|text| message.starts_with(text)) {
        let place = message.find("\nAt ").unwrap_or(message.len());
        return message[..place].to_owned();
    }
    let text = TEXTS.iter().find(|text| message.starts_with(**text));
    text.map_or(message, |text| *text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_left_out_of_the_originals_texts_only() {
        assert_eq!(
            status("The specified topic could not be found on the Kafka server: fw"),
            "The specified topic could not be found on the Kafka server"
        );
        assert_eq!(
            status(
                "Failed to save ingested Kafka data: no such label\nAt 1 message(s) of topic fw"
            ),
            "Failed to save ingested Kafka data: no such label"
        );
        assert_eq!(status("Something else: fw"), "Something else: fw");
    }
}
