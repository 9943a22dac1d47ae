//! What is wrong, and what is doubtful, in a configuration: all of it at once, and never a value that is secret.

use std::fmt;

/// One sentence about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The key's full name, `realms.school.code_digits`; or the path of a file that cannot be read.
    pub key: String,
    /// What is the matter, and what to change.
    pub message: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.key, self.message)
    }
}

/// Why a configuration is refused: at least one remark, one for each fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(Vec<Remark>);

impl Faults {
    /// The faults in the order of the sections.
    pub fn iter(&self) -> impl Iterator<Item = &Remark> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        write!(
            formatter,
            "the configuration has {} fault{plural}:",
            self.0.len()
        )?;
        for fault in &self.0 {
            write!(formatter, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Collects while sections are read and checked.
#[derive(Debug, Default)]
pub(super) struct Findings {
    faults: Vec<Remark>,
    warnings: Vec<Remark>,
    /// Sections with a value that could not be read.
    unread: Vec<String>,
}

impl Findings {
    /// Notes what makes the configuration unusable.
    pub(super) fn refuse(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Remark {
            key: key.into(),
            message: message.into(),
        });
    }

    /// Notes what works, but is weaker than it could be.
    pub(super) fn warn(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.warnings.push(Remark {
            key: key.into(),
            message: message.into(),
        });
    }

    /// Notes that a value of `section` could not be read, so that the default stands in its place.
    pub(super) fn refuse_value(&mut self, section: &str, key: String, message: String) {
        self.unread.push(section.to_owned());
        self.refuse(key, message);
    }

    /// Takes over what `checked` found, but for sections with a value that could not be read: what contradicts the
    /// default in its place may not contradict what was meant.
    pub(super) fn add(&mut self, checked: Self) {
        let section = |key: &str| {
            key.rsplit_once('.')
                .map_or(String::new(), |(section, _)| section.to_owned())
        };
        let is_read = |remark: &Remark| !self.unread.contains(&section(&remark.key));
        self.faults
            .extend(checked.faults.into_iter().filter(is_read));
        self.warnings
            .extend(checked.warnings.into_iter().filter(is_read));
    }

    /// Leaves out the faults that `others` have.
    pub(super) fn forget(&mut self, others: &Self) {
        self.faults.retain(|fault| !others.faults.contains(fault));
    }

    /// The faults, if there are any.
    pub(super) fn into_faults(self) -> Option<Faults> {
        (!self.faults.is_empty()).then_some(Faults(self.faults))
    }

    /// The warnings alone.
    pub(super) fn into_warnings(self) -> Vec<Remark> {
        self.warnings
    }
}
