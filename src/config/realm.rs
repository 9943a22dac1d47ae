//! The section `[realms.NAME]`: the policy of one population of accounts.

use std::time::Duration;

use super::{
    declare::settings,
    realm_words::{
        Activation, EmailChange, Locale, LoginSteps, LoginWith, PhoneRule, PictureType, Presence,
        Reauthentication,
    },
};

settings! {
    /// One realm: a population of accounts with its own policy.
    pub struct Realm {
        /// Whether the realm is served.
        enabled: bool = true,
        /// Name of the realm in mails, at most 64 characters.
        title: String = String::from("accountd"),
        /// `required`, `optional` or `off`.
        username: Presence = Presence::Optional,
        /// `required`, `optional` or `off`.
        email: Presence = Presence::Required,
        /// `required`, `optional` or `off`.
        phone: Presence = Presence::Optional,
        /// `required`, `optional` or `off`.
        full_name: Presence = Presence::Optional,
        /// `required`, `optional` or `off`.
        birth_date: Presence = Presence::Optional,
        /// `required`, `optional` or `off`: the account's name in another system, unique in the realm.
        external_id: Presence = Presence::Optional,
        /// Fewest characters of a username.
        username_min: u32 = 3,
        /// Most characters of a username, 100 at most.
        username_max: u32 = 64,
        /// Whether a username has letters and digits only.
        username_alphanumeric: bool = false,
        /// Region of phone numbers without a country code (`ID`, `HK`); when empty, only `+…` numbers are accepted.
        phone_region: String = String::new(),
        /// `valid` (the number can exist) or `digits` (8 to 15 digits, `+` optional).
        phone_rule: PhoneRule = PhoneRule::Valid,
        /// Fewest characters of a full name.
        full_name_min: u32 = 1,
        /// Most characters of a full name, 255 at most.
        full_name_max: u32 = 255,
        /// Fewest characters of a password. Under 8, `accountd config check` warns.
        password_min: u32 = 8,
        /// Most characters of a password, 64 to 128.
        password_max: u32 = 128,
        /// Whether common passwords, and those made of the account's own words, are refused.
        password_blocklist: bool = true,
        /// Whether a password needs a lower-case letter, a capital, a digit and a sign.
        password_classes: bool = false,
        /// Digits of a code, 4 to 10. Under 6, `accountd config check` warns.
        code_digits: u8 = 6,
        /// Time that a code works, 24h at most.
        code_lifetime: Duration = Duration::from_mins(10),
        /// Wait before another code is sent to the same address; `code_lifetime` at most.
        code_cooldown: Duration = Duration::from_mins(1),
        /// Wrong guesses that a code survives.
        code_guesses: u32 = 5,
        /// Codes for one subject in 24 hours.
        code_daily: u32 = 10,
        /// Codes for one subject in a row without a success.
        code_in_a_row: u32 = 20,
        /// Whether a code whose guesses are spent may be replaced before `code_cooldown` has passed.
        code_replace_when_spent: bool = false,
        /// `before` (a code first, then the registration), `after` (pending until the code) or `none`.
        activation: Activation = Activation::After,
        /// Whether the activation code opens a session; otherwise a login must follow.
        tokens_after_activation: bool = true,
        /// What a login may name: any of `username`, `email` and `phone`.
        login_with: Vec<LoginWith> = vec![LoginWith::Username, LoginWith::Email],
        /// `one` (password) or `two` (password, then a code by mail).
        login_steps: LoginSteps = LoginSteps::One,
        /// Life of an access token.
        access_lifetime: Duration = Duration::from_mins(10),
        /// Time without a refresh after which a session ends.
        refresh_idle: Duration = Duration::from_hours(14 * 24),
        /// Time after which a session ends whatever is refreshed.
        refresh_absolute: Duration = Duration::from_hours(30 * 24),
        /// Sessions of one account; one more ends the oldest.
        session_cap: u32 = 20,
        /// `confirm_new` (by a code to the new address), `code_before` (a code is brought along) or `at_once`.
        email_change: EmailChange = EmailChange::ConfirmNew,
        /// What changes of email, phone and password need: `password`, `recent_login` or `recent_login_for_address`.
        reauthentication: Reauthentication = Reauthentication::Password,
        /// How long a login counts as recent.
        recent_login: Duration = Duration::from_mins(10),
        /// Whether answers may tell that an account exists.
        disclose_accounts: bool = false,
        /// Role of new accounts.
        default_role: String = String::from("USER"),
        /// Language of mails where neither call nor account tells: `en` or `id`.
        locale: Locale = Locale::En,
        /// Time that a pending registration is kept.
        registration_lifetime: Duration = Duration::from_hours(24),
        /// Whether a code by mail may reset the password.
        password_reset: bool = true,
        /// JSON Schema, as JSON text, of the attributes; when not set, accounts have none.
        attributes_schema: Option<serde_json::Value> = None,
        /// Whether accounts have pictures.
        pictures: bool = true,
        /// Formats of pictures that are accepted: any of `jpeg`, `png` and `webp`.
        picture_types: Vec<PictureType> = vec![PictureType::Jpeg, PictureType::Png, PictureType::Webp],
        /// Most bytes of a picture, 64 MiB at most.
        picture_max_bytes: u64 = 5_242_880,
        /// Most pixels of a picture's width and of its height, 16384 at most.
        picture_max_side: u32 = 4096,
        /// Most pixels of a picture.
        picture_max_pixels: u64 = 16_777_216,
        /// Most bytes of memory to decode a picture, 1 GiB at most. The default does not fit, among what the other
        /// limits allow: progressive JPEG of more than 11 million pixels (7 million with full colours), lossy WebP of
        /// more than 13 million, PNG of 16 bits of more than 11 million (8 with alpha), and lossless WebP of more than
        /// some 100 KB, which can unpack to 400 times its size.
        picture_max_memory: u64 = 67_108_864,
    }
    with {
        /// Its name: that of its table.
        name: String = String::from("default"),
    }
}
