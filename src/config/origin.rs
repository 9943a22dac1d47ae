//! Where settings come from, so that they can be read again.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Settings,
    findings::{Faults, Findings},
    sources::{self, Sources},
};

/// A configuration file, if there is one, and the variables of the process. Not `Debug`: secrets are among them.
#[derive(Clone)]
pub struct Origin {
    path: Option<PathBuf>,
    environment: BTreeMap<String, String>,
}

impl Origin {
    /// The file is `path`, else what `ACCOUNTD_CONFIG` names, else there is none.
    pub fn new(path: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> Self {
        let environment: BTreeMap<String, String> = environment.collect();
        let named = environment
            .get(sources::PATH)
            .filter(|path| !path.is_empty())
            .map(Path::new);
        Self {
            path: path.or(named).map(Path::to_owned),
            environment,
        }
    }

    /// The file, if there is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The text of the file as it is now; empty when there is none.
    pub fn text(&self) -> io::Result<String> {
        self.path
            .as_ref()
            .map_or(Ok(String::new()), fs::read_to_string)
    }

    /// See [`Settings::load`].
    pub fn load(&self) -> Result<Settings, Faults> {
        self.read(self.text())
    }

    /// What can be read of the settings, with the default in place of what cannot, and unchecked: for who only wants to know
    /// where a service is that was started before the file had its faults.
    ///
    /// Refused: a file that cannot be read, or is no TOML.
    pub fn glance(&self) -> Result<Settings, Faults> {
        let mut findings = Findings::default();
        let text = self.read_text(self.text(), &mut findings);
        let sources = Sources::new(&text, self.environment.clone(), &mut findings);
        if let Some(faults) = findings.into_faults() {
            return Err(faults);
        }
        Ok(Settings::read(sources, &mut Findings::default()))
    }

    fn read_text(&self, text: io::Result<String>, findings: &mut Findings) -> String {
        text.unwrap_or_else(|error| {
            let path = self.path().unwrap_or_else(|| Path::new("the file"));
            findings.refuse(
                path.display().to_string(),
                format!("cannot be read: {error}"),
            );
            String::new()
        })
    }

    /// The settings that this text of the file makes.
    ///
    /// Refused with every fault at once: what could not be read, what nobody knows, and what contradicts itself.
    pub fn read(&self, text: io::Result<String>) -> Result<Settings, Faults> {
        let mut findings = Findings::default();
        let text = self.read_text(text, &mut findings);
        let sources = Sources::new(&text, self.environment.clone(), &mut findings);
        let settings = Settings::read(sources, &mut findings);
        findings.add(settings.check());
        findings.into_faults().map_or(Ok(settings), Err)
    }
}
