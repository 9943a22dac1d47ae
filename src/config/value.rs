//! How each type of setting is written: in TOML, and as the text of a variable or a file.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};

use super::secret;

/// A type of setting. Its errors are what was expected, to follow `must be`.
pub(super) trait Value: Sized {
    /// Whether faults keep silent about what was given.
    const SECRET: bool = false;
    /// Whether the key has a companion `…_file` that names a file with the value.
    const FROM_FILE: bool = Self::SECRET;

    /// Reads a value of the TOML file. Types that TOML has no word for are texts there.
    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        // No type reads a NUL, so that what is no text at all fails with the words of the type.
        Self::from_text(value.as_str().unwrap_or("\0"))
    }

    /// Reads the text of a variable or a file.
    fn from_text(text: &str) -> Result<Self, String>;

    /// The value as it stands in TOML, on one line.
    fn to_toml(&self) -> String;

    /// Whether the value is a secret that must not stand in the TOML file.
    fn reveals(&self) -> bool {
        false
    }
}

/// A value that is one of a few words.
pub(super) trait Word: Copy + 'static {
    /// The values that may be written.
    const ALL: &'static [Self];

    /// The word for the value.
    fn word(self) -> &'static str;
}

impl<T: Word> Value for T {
    fn from_text(text: &str) -> Result<Self, String> {
        let known = T::ALL.iter().copied();
        known
            .clone()
            .find(|word| word.word() == text)
            .ok_or_else(|| {
                let words: Vec<String> = known.map(|word| quoted(word.word())).collect();
                format!("one of {}", words.join(", "))
            })
    }

    fn to_toml(&self) -> String {
        quoted(self.word())
    }
}

impl Value for bool {
    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| "true or false".into())
    }

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "true or false".into())
    }

    fn to_toml(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_numbers {
    ($($type:ty),+) => {
        $(
            impl Value for $type {
                fn from_toml(value: &toml::Value) -> Result<Self, String> {
                    let number = value.as_integer().and_then(|number| number.try_into().ok());
                    number.ok_or_else(|| format!("a whole number from 0 to {}", Self::MAX))
                }

                fn from_text(text: &str) -> Result<Self, String> {
                    text.parse().map_err(|_| format!("a whole number from 0 to {}", Self::MAX))
                }

                fn to_toml(&self) -> String {
                    self.to_string()
                }
            }
        )+
    };
}

whole_numbers!(u8, u16, u32, u64, usize);

impl Value for f64 {
    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        let whole = || {
            value
                .as_integer()
                .and_then(|whole| i32::try_from(whole).ok())
        };
        let number = value.as_float().or_else(|| whole().map(Self::from));
        number.ok_or_else(|| "a number".into())
    }

    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "a number".into())
    }

    fn to_toml(&self) -> String {
        toml::Value::Float(*self).to_string()
    }
}

impl Value for String {
    fn from_text(text: &str) -> Result<Self, String> {
        let printable = !text.chars().any(char::is_control);
        printable
            .then(|| text.to_owned())
            .ok_or_else(|| "a text of one line".into())
    }

    fn to_toml(&self) -> String {
        quoted(self)
    }
}

impl Value for PathBuf {
    fn from_text(text: &str) -> Result<Self, String> {
        let usable = !text.is_empty() && !text.contains('\0');
        usable.then(|| text.into()).ok_or_else(|| "a path".into())
    }

    fn to_toml(&self) -> String {
        quoted(&self.display().to_string())
    }
}

impl Value for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|_| "an IP address and a port, such as \"127.0.0.1:50051\"".into())
    }

    fn to_toml(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Value for IpNet {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse()
            .or_else(|_| text.parse().map(|address: std::net::IpAddr| address.into()))
            .map_err(|_| "IP networks, such as \"10.0.0.0/8\"".into())
    }

    fn to_toml(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Value for Duration {
    fn from_text(text: &str) -> Result<Self, String> {
        humantime::parse_duration(text).map_err(|_| {
            "a time with its unit, such as \"250ms\", \"30s\", \"10m\" or \"14d\"".into()
        })
    }

    fn to_toml(&self) -> String {
        let millis = self.as_millis();
        let units = [
            ("d", 86_400_000),
            ("h", 3_600_000),
            ("m", 60_000),
            ("s", 1000),
        ];
        let whole = units
            .iter()
            .find(|(_, length)| millis > 0 && millis.is_multiple_of(*length));
        match whole {
            Some((unit, length)) => quoted(&format!("{}{unit}", millis / length)),
            None => quoted(&format!("{millis}ms")),
        }
    }
}

impl Value for SecretString {
    const SECRET: bool = true;

    fn from_text(text: &str) -> Result<Self, String> {
        String::from_text(text).map(Into::into)
    }

    /// Printed for defaults only, which are no secrets; others are compared by it.
    fn to_toml(&self) -> String {
        quoted(self.expose_secret())
    }

    fn reveals(&self) -> bool {
        secret::stands_open(self.expose_secret())
    }
}

impl Value for serde_json::Value {
    const FROM_FILE: bool = true;

    fn from_text(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("JSON ({error})"))
    }

    fn to_toml(&self) -> String {
        quoted(&self.to_string())
    }
}

/// An empty text stands for "not set".
impl<T: Value> Value for Option<T> {
    const SECRET: bool = T::SECRET;
    const FROM_FILE: bool = T::FROM_FILE;

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        if value.as_str() == Some("") {
            return Ok(None);
        }
        T::from_toml(value).map(Some)
    }

    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(None);
        }
        T::from_text(text).map(Some)
    }

    fn to_toml(&self) -> String {
        self.as_ref().map_or_else(|| quoted(""), T::to_toml)
    }

    fn reveals(&self) -> bool {
        self.as_ref().is_some_and(T::reveals)
    }
}

/// An array in TOML; in a text, items between commas or on lines of their own.
impl<T: Value> Value for Vec<T> {
    const SECRET: bool = T::SECRET;
    const FROM_FILE: bool = T::FROM_FILE;

    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        let Some(items) = value.as_array() else {
            return Err("a list in brackets".into());
        };
        items.iter().map(T::from_toml).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let items = text.split([',', '\n']).map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(T::from_text)
            .collect()
    }

    fn to_toml(&self) -> String {
        let items: Vec<String> = self.iter().map(T::to_toml).collect();
        format!("[{}]", items.join(", "))
    }

    fn reveals(&self) -> bool {
        self.iter().any(T::reveals)
    }
}

/// A text in the quotes that suit it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
