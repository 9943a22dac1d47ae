//! The languages of the mails.

/// A language that mails are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Indonesian.
    Id,
}

impl Locale {
    /// The language of a tag such as `id` or `id-ID`, whatever its case; none if mails are not written in it.
    pub fn parse(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        [Self::En, Self::Id]
            .into_iter()
            .find(|locale| language.eq_ignore_ascii_case(locale.as_str()))
    }

    /// The language's tag.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Id => "id",
        }
    }
}
