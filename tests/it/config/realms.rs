//! Realms: presets, overrides and contradictions.

use std::time::Duration;

use accountd::config::{Activation, Locale, LoginSteps, LoginWith, Presence, Preset, Settings};

use super::{faults, load};

/// The faults of one realm's keys, which must be just these.
#[track_caller]
fn refuses(keys: &str, expected: &[&str]) {
    let expected: Vec<String> = expected
        .iter()
        .map(|fault| format!("realms.staff.{fault}"))
        .collect();
    assert_eq!(
        faults(&format!("[realms.staff]\n{keys}"), &[]),
        expected,
        "{keys}"
    );
}

#[test]
fn presets_pass_their_own_check() {
    assert!(load("", &[]).is_ok());
}

#[test]
fn presets_say_what_their_documents_say() {
    let realms = Settings::embedded().realms;
    let school = &realms["school"];
    assert_eq!((school.code_digits, school.code_guesses), (4, 3));
    assert_eq!(school.activation, Activation::Before);
    assert_eq!(school.email, Presence::Optional);
    assert_eq!(
        (school.default_role.as_str(), school.locale),
        ("MEMBER", Locale::Id)
    );
    let customer = &realms["customer"];
    assert_eq!(customer.code_cooldown, customer.code_lifetime);
    assert!(customer.code_replace_when_spent && customer.tokens_after_activation);
    assert_eq!(realms["contact"].access_lifetime, Duration::from_hours(5));
    assert_eq!(realms["profile"].login_with, [LoginWith::Email]);
    assert_eq!(realms["two_step"].login_steps, LoginSteps::Two);
    for (name, realm) in &realms {
        assert_eq!(realm.disclose_accounts, name != "default", "{name}");
        assert_eq!(realm.password_blocklist, name == "default", "{name}");
    }
}

#[test]
fn the_school_schema_takes_the_documents_sample() {
    let schema = Preset::School.realm().attributes_schema.unwrap();
    let sample =
        serde_json::json!({ "absentnum": 36, "angkatan": 12, "jurusan": "KUL", "kelas": 2 });
    assert!(jsonschema::is_valid(&schema, &sample));
    for (key, wrong) in [("absentnum", 41), ("angkatan", 9), ("kelas", 4)] {
        let mut other = sample.clone();
        other[key] = wrong.into();
        assert!(!jsonschema::is_valid(&schema, &other), "{key}");
    }
}

#[test]
fn a_table_of_another_name_is_a_realm_of_its_preset() {
    let file = "
        [realms.staff]
        preset = 'school'
        title = 'Staff'
        [realms.guests]
        [realms.customer]
        enabled = false
        preset = 'contact'
    ";
    let realms = load(
        file,
        &[("ACCOUNTD_REALMS__NIGHT_SHIFT__PRESET", "two_step")],
    )
    .unwrap()
    .realms;
    let staff = &realms["staff"];
    assert_eq!(
        (staff.name.as_str(), staff.title.as_str(), staff.code_digits),
        ("staff", "Staff", 4)
    );
    assert_eq!(realms["guests"].name, "guests");
    assert_eq!(realms["guests"].code_digits, 6);
    assert_eq!(realms["night_shift"].login_steps, LoginSteps::Two);
    assert!(!realms["customer"].enabled);
    assert_eq!(realms["customer"].phone, Presence::Required);
}

#[test]
fn identifiers_must_agree_with_the_login() {
    refuses(
        "login_with = ['phone', 'email']\nphone = 'off'",
        &["login_with: names phone, which is off; set phone to optional or required"],
    );
    refuses(
        "login_with = []",
        &["login_with: names nothing; name username, email or phone"],
    );
    refuses(
        "login_with = ['username']",
        &["login_with: names nothing that every account has; set one of its fields to required"],
    );
    refuses(
        "phone_region = 'Indonesia'",
        &["phone_region: must be a country of two capital letters, such as \"ID\""],
    );
}

#[test]
fn mails_need_an_address() {
    let optional = "username = 'required'\nemail = 'optional'\n";
    refuses(
        optional,
        &["activation: is after and sends every account a code; set email to required"],
    );
    refuses(
        &format!(
            "{optional}activation = 'none'\nlogin_steps = 'two'\ntokens_after_activation = false"
        ),
        &["login_steps: is two and sends a code at each login; set email to required"],
    );
    refuses(
        "username = 'required'\nemail = 'off'\nlogin_with = ['username']\nactivation = 'before'",
        &[
            "activation: is before and asks for a code by mail; set email to optional or required",
            "password_reset: goes by mail; set it to false, or email to optional or required",
        ],
    );
}

#[test]
fn lengths_must_leave_room() {
    refuses(
        "username_min = 9\nusername_max = 8",
        &["username_min: is more than username_max; lower it, or raise that"],
    );
    refuses("username_max = 101", &["username_max: must be 100 at most"]);
    refuses("full_name_min = 0", &["full_name_min: must be 1 or more"]);
    refuses("password_max = 129", &["password_max: must be 128 at most"]);
    refuses(
        "password_max = 32",
        &["password_max: forbids passphrases; set it to 64 or more"],
    );
}

#[test]
fn codes_must_be_usable() {
    refuses(
        "code_digits = 3\ncode_guesses = 0\ncode_daily = 0",
        &[
            "code_digits: must be from 4 to 10",
            "code_guesses: is 0, so that no code could ever be used; set it to 1 or more",
            "code_daily: is 0, so that no code could ever be used; set it to 1 or more",
        ],
    );
    refuses(
        "code_cooldown = '11m'",
        &[
            "code_cooldown: is longer than code_lifetime, so that nobody could get a code in between; lower it",
        ],
    );
    refuses(
        "code_lifetime = '25h'\nregistration_lifetime = '1h'",
        &[
            "code_lifetime: must be from 30s to 24h",
            "registration_lifetime: ends before the code that activates it; raise it to code_lifetime or more",
        ],
    );
}

#[test]
fn sessions_must_outlive_their_tokens() {
    refuses(
        "access_lifetime = '2h'\nrefresh_idle = '1h'",
        &["refresh_idle: ends before the access token does; raise it, or lower access_lifetime"],
    );
    refuses(
        "refresh_idle = '31d'",
        &["refresh_absolute: ends before refresh_idle does; raise it, or lower refresh_idle"],
    );
    refuses(
        "session_cap = 0",
        &["session_cap: is 0, so that nobody could log in; set it to 1 or more"],
    );
    refuses(
        "login_steps = 'two'",
        &[
            "tokens_after_activation: gives tokens without the second step of login_steps; set it to false",
        ],
    );
    for word in ["recent_login", "recent_login_for_address"] {
        refuses(
            &format!("reauthentication = '{word}'\nrecent_login = '0s'"),
            &["recent_login: is 0, so that no login would be recent; raise it"],
        );
    }
}

#[test]
fn names_and_schemas_must_be_usable() {
    refuses(
        "default_role = ' '\ntitle = ''",
        &[
            "title: must have 1 to 64 characters",
            "default_role: must not be empty",
        ],
    );
    let told = faults("[realms.Staff-2]", &[]);
    assert!(told[0].starts_with("realms.Staff-2.enabled: belongs to a realm whose name is none"));
    for schema in [
        "{\"type\": \"thing\"}",
        "{\"$ref\": \"https://example.com/schema\"}",
    ] {
        let told = faults("", &[("ACCOUNTD_REALMS__STAFF__ATTRIBUTES_SCHEMA", schema)]);
        assert!(
            told[0].starts_with("realms.staff.attributes_schema: is no JSON Schema"),
            "{told:?}"
        );
    }
    let told = faults("[realms.staff]\nattributes_schema = '{'", &[]);
    assert!(
        told[0].starts_with("realms.staff.attributes_schema: must be JSON ("),
        "{told:?}"
    );
}

#[test]
fn one_realm_must_be_served() {
    let realms = Settings::embedded().realms;
    let off = |name: &String| format!("[realms.{name}]\nenabled = false");
    let file = realms.keys().map(off).collect::<Vec<_>>().join("\n");
    assert_eq!(faults(&file, &[]), ["realms: all are disabled; enable one"]);
}
