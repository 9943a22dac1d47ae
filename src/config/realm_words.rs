//! The words that a realm's policy is written in.

use super::declare::words;

words! {
    /// Whether an account has a field.
    pub enum Presence {
        /// Each account has it.
        Required = "required",
        /// An account may have it.
        Optional = "optional",
        /// No account has it.
        Off = "off",
    }
}

words! {
    /// What is asked of a phone number.
    pub enum PhoneRule {
        /// It can exist by the numbering plan of its country.
        Valid = "valid",
        /// It has 8 to 15 digits.
        Digits = "digits",
    }
}

words! {
    /// When an address is proved.
    pub enum Activation {
        /// Before the registration, which brings the code along; only when it names an email.
        Before = "before",
        /// After the registration, which is pending until then.
        After = "after",
        /// Never.
        None = "none",
    }
}

words! {
    /// What a login may name.
    pub enum LoginWith {
        /// The username.
        Username = "username",
        /// The email address.
        Email = "email",
        /// The phone number.
        Phone = "phone",
    }
}

words! {
    /// The steps of a login.
    pub enum LoginSteps {
        /// A password.
        One = "one",
        /// A password, then a code by mail.
        Two = "two",
    }
}

words! {
    /// How an account gets another email address.
    pub enum EmailChange {
        /// The old one stays until a code sent to the new one comes back.
        ConfirmNew = "confirm_new",
        /// The change brings along a code that was sent to the new one.
        CodeBefore = "code_before",
        /// With the change itself; the old one gets a notice.
        AtOnce = "at_once",
    }
}

words! {
    /// A format of pictures.
    pub enum PictureType {
        /// JPEG.
        Jpeg = "jpeg",
        /// PNG.
        Png = "png",
        /// WebP.
        Webp = "webp",
    }
}

words! {
    /// What proves that it is the owner who changes email, phone or password.
    pub enum Reauthentication {
        /// The present password.
        Password = "password",
        /// A login not longer ago than `recent_login`.
        RecentLogin = "recent_login",
        /// The present password for a new one; for a new email or phone, a login not longer ago than `recent_login` too.
        RecentLoginForAddress = "recent_login_for_address",
    }
}

words! {
    /// The language of mails.
    pub enum Locale {
        /// English.
        En = "en",
        /// Indonesian.
        Id = "id",
    }
}

impl Locale {
    /// The language of a tag such as `id` or `id-ID`, whatever its case; none if mails are not written in it.
    pub fn parse(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        [Self::En, Self::Id]
            .into_iter()
            .find(|locale| language.eq_ignore_ascii_case(locale.as_str()))
    }
}
