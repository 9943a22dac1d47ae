//! The TOML file and the environment, taken apart into what each section was given.

use std::collections::{BTreeMap, BTreeSet};

use super::{findings::Findings, reader::Given};

/// Every variable of accountd begins so.
const PREFIX: &str = "ACCOUNTD_";

/// Names the configuration file; the command line wins.
pub(super) const PATH: &str = "ACCOUNTD_CONFIG";

/// What file and environment say and no section has taken yet.
pub(super) struct Sources {
    file: toml::Table,
    /// By the path of the key, `["grpc", "listen"]`.
    environment: BTreeMap<Vec<String>, String>,
}

impl Sources {
    /// Takes in the text of the file and the variables that are meant for accountd.
    pub(super) fn new(
        file: &str,
        environment: impl IntoIterator<Item = (String, String)>,
        findings: &mut Findings,
    ) -> Self {
        let path = |(name, text): (String, String)| {
            let name = name.strip_prefix(PREFIX)?.to_lowercase();
            let key = || name.split("__").map(str::to_owned).collect();
            (!is_foreign(&name)).then(|| (key(), text))
        };
        Self {
            file: file.parse().unwrap_or_else(|error| {
                findings.refuse("the file", syntax_fault(file, &error));
                toml::Table::new()
            }),
            environment: environment.into_iter().filter_map(path).collect(),
        }
    }

    /// Takes out what one section was given; a name with a point is of a section within another.
    pub(super) fn section(&mut self, name: &str, findings: &mut Findings) -> Given {
        let Some((outer, inner)) = name.split_once('.') else {
            return Given {
                file: table(&mut self.file, name, name, findings),
                environment: self.variables(&[name]),
            };
        };
        let mut tables = table(&mut self.file, outer, outer, findings);
        let file = table(&mut tables, inner, name, findings);
        // What is left of it is for the next one, or nobody's.
        if !tables.is_empty() {
            self.file.insert(outer.to_owned(), tables.into());
        }
        Given {
            file,
            environment: self.variables(&[outer, inner]),
        }
    }

    /// Takes out the realms that file or environment name, each with what it was given.
    pub(super) fn realms(&mut self, findings: &mut Findings) -> BTreeMap<String, Given> {
        let mut tables = table(&mut self.file, "realms", "realms", findings);
        let realm = |path: &Vec<String>| match path.as_slice() {
            [realms, name, _] if realms == "realms" => Some(name.clone()),
            _ => None,
        };
        let names: BTreeSet<String> = tables
            .keys()
            .cloned()
            .chain(self.environment.keys().filter_map(realm))
            .collect();
        let mut realms = BTreeMap::new();
        for name in names {
            let given = Given {
                file: table(&mut tables, &name, &format!("realms.{name}"), findings),
                environment: self.variables(&["realms", &name]),
            };
            realms.insert(name, given);
        }
        realms
    }

    /// What is left: the keys outside of any section, and all that nobody knows.
    pub(super) fn rest(self) -> Given {
        Given {
            file: self.file,
            environment: self
                .environment
                .into_iter()
                .map(|(path, text)| (path.join("."), text))
                .collect(),
        }
    }

    fn variables(&mut self, section: &[&str]) -> BTreeMap<String, String> {
        let inside = |path: &Vec<String>| {
            path.len() == section.len() + 1
                && path.iter().zip(section).all(|(own, name)| own == name)
        };
        self.environment
            .extract_if(.., |path, _| inside(path))
            .filter_map(|(mut path, text)| Some((path.pop()?, text)))
            .collect()
    }
}

fn table(from: &mut toml::Table, key: &str, name: &str, findings: &mut Findings) -> toml::Table {
    match from.remove(key) {
        Some(toml::Value::Table(table)) => table,
        Some(_) => {
            findings.refuse(
                name,
                format!("is a section; write [{name}] and its keys below"),
            );
            toml::Table::new()
        }
        None => toml::Table::new(),
    }
}

/// The place and the kind of a syntax error. The parser's own words would quote the line, and with it a secret.
fn syntax_fault(file: &str, error: &toml::de::Error) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let line = file
        .bytes()
        .take(start)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1;
    format!("is no TOML: line {line}: {}", error.message())
}

/// Whether a variable is not ours in spite of its name: the one that names the file, and those by which Kubernetes
/// tells of services, which begin alike when a service is named `accountd`.
fn is_foreign(name: &str) -> bool {
    let service = |word: &str| name == word || name.starts_with(&format!("{word}_"));
    let inner =
        name.contains("_service_host") || name.contains("_service_port") || name.contains("_port_");
    name == "config" || (!name.contains("__") && (service("service") || service("port") || inner))
}
