//! Why a message or a batch can't be handled.

use std::fmt;

/// Why a message (from the closure of [`Batch::each`](crate::Batch::each)) or a whole batch
/// (from [`Parser::parse`](crate::Parser::parse)) can't be handled.
///
/// Any error converts to it with `?`; its text and those of its sources become the reason. The
/// reason is for the person who looks after the topic: say what is wrong and where. It isn't the
/// place for the message's data, which may be confidential; the host cuts a reason at 1 KiB.
///
/// Like `anyhow::Error` it doesn't implement [`std::error::Error`] itself, so that everything
/// that does can convert to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// An error with the given reason.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_reason(self) -> String {
        self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            reason.push_str(": ");
            reason.push_str(&cause.to_string());
            source = cause.source();
        }
        Self(reason)
    }
}

/// Returns an [`Error`] with a formatted reason from the closure or function it stands in.
///
/// ```
/// # use kafka_soar_parser::{Error, reject};
/// fn port(text: &str) -> Result<u16, Error> {
///     let port = text.parse()?;
///     if port == 0 {
///         reject!("the port is {port}");
///     }
///     Ok(port)
/// }
/// assert_eq!(port("0").unwrap_err().reason(), "the port is 0");
/// assert_eq!(port("x").unwrap_err().reason(), "invalid digit found in string");
/// ```
#[macro_export]
macro_rules! reject {
    ($($reason:tt)*) => {
        return Err($crate::Error::new(format_args!($($reason)*)))
    };
}

/// Names what was read in front of serde's reason. serde quotes the values it can't use, at
/// whatever length they have: that part is cut, the place is kept.
pub(crate) fn json(what: &str, error: &serde_json::Error) -> Error {
    const LONGEST: usize = 160;
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let fault = text.strip_suffix(&place).unwrap_or(&text);
    let (fault, cut) = match fault.char_indices().nth(LONGEST) {
        Some((end, _)) => (&fault[..end], "…"),
        None => (fault, ""),
    };
    let expected = if error.is_data() {
        "the JSON that this parser expects"
    } else {
        "JSON"
    };
    Error(format!("{what} isn't {expected}: {fault}{cut}{place}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_brings_its_sources_along() {
        #[derive(Debug)]
        struct Outer(std::num::ParseIntError);
        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("field `port`")
            }
        }
        impl std::error::Error for Outer {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&self.0)
            }
        }
        let error = Outer("x".parse::<u16>().unwrap_err());
        assert_eq!(
            Error::from(error).reason(),
            "field `port`: invalid digit found in string"
        );
    }

    #[test]
    fn a_json_error_says_where_and_quotes_little() {
        let long = format!("[\n  \"{}\"]", "secret".repeat(1000));
        let error = serde_json::from_str::<Vec<u32>>(&long).unwrap_err();
        let reason = json("the value", &error).into_reason();
        assert!(reason.len() < 300, "{reason}");
        assert!(
            reason.starts_with(
                "the value isn't the JSON that this parser expects: invalid type: string"
            ),
            "{reason}"
        );
        assert!(reason.ends_with("… at line 2 column 6004"), "{reason}");

        let error = serde_json::from_str::<Vec<u32>>("[1,").unwrap_err();
        assert_eq!(
            json("the value", &error).reason(),
            "the value isn't JSON: EOF while parsing a value at line 1 column 3"
        );
    }
}
