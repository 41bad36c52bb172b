//! SOAR's scales.

/// How grave a container or an artifact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity<'a> {
    High,
    Medium,
    Low,
    /// One that the administrator of the SOAR instance has added, by its name.
    Named(&'a str),
}

impl Severity<'_> {
    /// The name that SOAR knows it by.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Named(name) => name,
        }
    }
}

/// With whom a container may be shared: the colours of the Traffic Light Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    White,
    Green,
    Amber,
    Red,
}

impl Sensitivity {
    /// The name that SOAR knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}
