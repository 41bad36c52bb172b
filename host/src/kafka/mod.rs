//! Layer skeleton.
