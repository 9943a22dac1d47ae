//! Prints `deploy/accountd.toml`: each key with its comment, its variable and its default, commented out.

use super::{
    Settings,
    live::is_live,
    presets::Preset,
    reader::variable,
    section::{Key, Section as _},
    value::Word as _,
};

const HEAD: &str = "\
# accountd: every setting with its default, as `accountd config init` prints it.
#
# Uncomment what is to change and try it with `accountd --config FILE config check`. The environment wins over this
# file; each key's variable stands beside it, and lists are written there with commas. Secrets do not belong here: give
# them by variable, or in a file of their own (mode 600) that the `…_file` key names. An empty text where there is no
# default means: not set. Paths are relative to the working directory.
#
# The file is read again a few seconds after it has changed, and on SIGHUP. What acts without a restart says so; all of it
# or nothing, if there is any fault.
";

const REALMS: &str = "
# Realms: populations of accounts, each with its own policy. Those below are served unless `enabled` is false; a table
# of another name is one more realm. `preset` names the realm whose values stand for keys that are not given: by default
# the one of the same name, else `default`. The variables of another realm have its name in place of DEFAULT.
";

impl Settings {
    /// The text of `deploy/accountd.toml`.
    pub fn template() -> String {
        let mut settings = Self::embedded();
        let mut lines: Vec<String> = HEAD.lines().map(Into::into).collect();
        lines.extend(keys("", settings.keys()));
        for (name, section) in settings.sections() {
            lines.push(String::new());
            lines.extend(section.about().iter().map(|line| comment(line)));
            lines.push(format!("[{name}]"));
            lines.extend(keys(name, section.keys()));
        }
        lines.extend(REALMS.lines().map(Into::into));
        for preset in Preset::ALL {
            let section = format!("realms.{}", preset.as_str());
            lines.push(String::new());
            lines.push(format!("[{section}]"));
            match preset {
                Preset::Default => lines.extend(default_realm(&section)),
                other => lines.extend(differences(*other)),
            }
        }
        lines.join("\n") + "\n"
    }
}

fn default_realm(section: &str) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        comment("The preset of keys that are not given."),
        comment(&variable(&format!("{section}.preset"))),
        "#preset = \"default\"".into(),
    ];
    lines.extend(keys(section, Preset::Default.realm().keys()));
    lines
}

/// What a preset has otherwise than the default realm, where the comments stand.
fn differences(preset: Preset) -> Vec<String> {
    let usual = Preset::Default.realm().keys();
    let own = preset.realm().keys();
    let pairs = own.iter().zip(&usual);
    pairs
        .filter(|(own, usual)| own.value != usual.value)
        .map(|(own, _)| setting(own))
        .collect()
}

fn keys(section: &str, keys: Vec<Key>) -> Vec<String> {
    let mut lines = Vec::new();
    for key in keys {
        let name = match section {
            "" => key.name.to_owned(),
            section => format!("{section}.{}", key.name),
        };
        lines.push(String::new());
        lines.extend(key.about.iter().map(|line| comment(line)));
        if key.secret {
            let origin = "What is secret in it comes by variable, or from the file below.";
            lines.push(comment(origin));
        }
        if is_live(&name) {
            lines.push(comment("Acts without a restart."));
        }
        lines.push(comment(&variable(&name)));
        lines.push(setting(&key));
        if key.from_file {
            lines.push(format!("#{}_file = \"\"", key.name));
        }
    }
    lines
}

fn comment(line: &str) -> String {
    format!("# {}", line.trim())
}

/// A setting that is commented out: without the blank that prose has after its `#`.
fn setting(key: &Key) -> String {
    format!("#{} = {}", key.name, key.value)
}
