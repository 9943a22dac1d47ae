//! The section `[log]`: what is written to standard error, and in which form.

use super::declare::{settings, words};

words! {
    /// The form of a log line.
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}

settings! {
    /// The log on standard error.
    pub struct Log {
        /// `text` for people or `json` for machines.
        format: LogFormat = LogFormat::Text,
        /// Level, or directives such as `info,accountd=debug`.
        level: String = String::from("info"),
    }
}
