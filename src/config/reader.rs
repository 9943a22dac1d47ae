//! Reads one section: its keys out of the environment and the file, and a fault for all that is left over.

use std::{collections::BTreeMap, path::Path};

use super::{
    findings::Findings,
    secret,
    value::{Value, quoted},
};

/// What one section was given and has not read yet, by key. Not `Debug`: secrets are among it, still bare.
#[derive(Default)]
pub(super) struct Given {
    /// The texts of variables, which win.
    pub(super) environment: BTreeMap<String, String>,
    /// The values of the TOML file.
    pub(super) file: toml::Table,
}

/// Reads the keys of one section.
pub(super) struct Reader<'a> {
    section: String,
    given: Given,
    known: Vec<String>,
    findings: &'a mut Findings,
}

impl<'a> Reader<'a> {
    /// Reads `given` as the section of the full name `section`; that of the root is empty.
    pub(super) fn new(
        section: impl Into<String>,
        given: Given,
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            section: section.into(),
            given,
            known: Vec::new(),
            findings,
        }
    }

    /// Counts `names` among those that a misspelt key may have meant.
    pub(super) fn know(&mut self, names: &[&str]) {
        self.known
            .extend(names.iter().map(|name| (*name).to_owned()));
    }

    /// Reads one key into `slot`, which keeps its value if the key is not given or faulty.
    pub(super) fn read<T: Value>(&mut self, name: &str, slot: &mut T) {
        let file_name = format!("{name}_file");
        self.know(&[name]);
        let texts = &mut self.given.environment;
        let values = &mut self.given.file;
        let (text, value) = (texts.remove(name), values.remove(name));
        let (mut text_file, mut value_file) = (None, None);
        if T::FROM_FILE {
            self.known.push(file_name.clone());
            text_file = texts.remove(&file_name).filter(|path| !path.is_empty());
            value_file = values
                .remove(&file_name)
                .filter(|path| path.as_str() != Some(""));
        }
        let variable = variable(&self.full_name(name));
        let outcome = match (text, text_file, value, value_file) {
            (Some(text), None, _, _) => {
                from_text(&text).map_err(|fault| format!("{fault} (from {variable})"))
            }
            (None, Some(path), _, _) => {
                from_file(&path).map_err(|fault| format!("{fault} (from {variable}_FILE)"))
            }
            (None, None, Some(value), None) => from_toml(&value, slot, &file_name, &variable),
            (None, None, None, Some(path)) => path
                .as_str()
                .ok_or_else(|| format!("{file_name} must be a path"))
                .and_then(from_file),
            (None, None, None, None) => return,
            _ => Err(format!("is given twice; keep either it or {file_name}")),
        };
        match outcome {
            Ok(value) => *slot = value,
            Err(fault) => {
                let key = self.full_name(name);
                self.findings.refuse_value(&self.section, key, fault);
            }
        }
    }

    /// Refuses every key that was given and not read.
    pub(super) fn finish(self) {
        for key in self.given.file.keys() {
            let fault = self.unknown(key);
            self.findings.refuse(self.full_name(key), fault);
        }
        for key in self.given.environment.keys() {
            let name = self.full_name(key);
            let fault = format!("{} (from {})", self.unknown(key), variable(&name));
            self.findings.refuse(name, fault);
        }
    }

    fn unknown(&self, key: &str) -> String {
        let first = key.split('.').next().unwrap_or(key);
        let similar = |known: &&String| strsim::jaro_winkler(first, known) > 0.85;
        let closest = self.known.iter().filter(similar).max_by(|left, right| {
            strsim::jaro_winkler(first, left).total_cmp(&strsim::jaro_winkler(first, right))
        });
        match closest {
            Some(name) if name != first => format!("no such key; did you mean `{name}`?"),
            _ => "no such key".into(),
        }
    }

    fn full_name(&self, key: &str) -> String {
        if self.section.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.section)
        }
    }
}

/// The variable of a key's full name.
pub(super) fn variable(name: &str) -> String {
    format!("ACCOUNTD_{}", name.replace('.', "__").to_uppercase())
}

fn from_text<T: Value>(text: &str) -> Result<T, String> {
    T::from_text(text).map_err(|expected| complaint::<T>(&expected, &quoted(text)))
}

fn from_toml<T: Value>(
    value: &toml::Value,
    default: &T,
    file_name: &str,
    variable: &str,
) -> Result<T, String> {
    let read =
        T::from_toml(value).map_err(|expected| complaint::<T>(&expected, &value.to_string()))?;
    // What the code itself holds is known to everyone.
    if read.reveals() && read.to_toml() != default.to_toml() {
        return Err(format!(
            "is a secret, and this file is not the place for it: use {file_name} or {variable}"
        ));
    }
    Ok(read)
}

fn from_file<T: Value>(path: &str) -> Result<T, String> {
    let text = secret::read(Path::new(path), T::SECRET)?;
    T::from_text(&text).map_err(|expected| format!("{path} must hold {expected}"))
}

fn complaint<T: Value>(expected: &str, given: &str) -> String {
    const LONGEST: usize = 60;
    if T::SECRET || given.chars().count() > LONGEST {
        format!("must be {expected}")
    } else {
        format!("must be {expected}, not {given}")
    }
}
