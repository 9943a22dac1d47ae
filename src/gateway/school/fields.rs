//! What the document says of fields that cannot be taken.

use crate::gateway::refusal::{Refusal, Violation};

/// The contract's names of the fields, in the order in which the document has them.
const ORDER: [&str; 10] = [
    "username",
    "password",
    "full_name",
    "email",
    "code",
    "attributes/absentnum",
    "attributes/angkatan",
    "attributes/jurusan",
    "attributes/kelas",
    "attributes",
];

/// All that is wrong with the fields, joined as the original joins it.
///
/// The id is left out: it is made of other fields, and these are told.
pub(super) fn told(refusal: &Refusal) -> String {
    let mut violations: Vec<&Violation> = refusal.violations.iter().collect();
    violations.retain(|one| one.field != "external_id");
    let place = |one: &&Violation| {
        let place = ORDER.iter().position(|field| *field == one.field);
        place.unwrap_or(ORDER.len())
    };
    violations.sort_by_key(place);
    let mut texts: Vec<String> = violations.into_iter().map(words).collect();
    texts.dedup();
    if texts.is_empty() {
        return refusal.text.clone();
    }
    texts.join(", ")
}

/// The document's words; the contract's where it has none.
fn words(violation: &Violation) -> String {
    let text = match (violation.field.as_str(), violation.reason.as_str()) {
        ("username", "REQUIRED" | "TOO_SHORT") => "Username harus lebih dari 3 huruf!",
        ("username", "TOO_LONG") => "Username tidak boleh lebih dari 20 huruf!",
        ("username", _) => "Username tidak valid!",
        ("full_name", "REQUIRED" | "TOO_SHORT") => "Nama harus lebih dari 2 huruf!",
        ("full_name", _) => "Nama tidak valid!",
        ("email", _) => "Email tidak valid!",
        ("password", "REQUIRED" | "TOO_SHORT") => "Password harus lebih dari 6 karakter!",
        ("password" | "current_password", _) => "Password tidak valid!",
        ("code", _) => "Kode OTP tidak valid!",
        ("attributes/absentnum", "REQUIRED") => "Nomor Absen wajib diisi!",
        ("attributes/absentnum", "OUT_OF_RANGE") => "Nomor Absen tidak boleh lebih dari 40!",
        ("attributes/absentnum", _) => "Nomor Absen tidak valid!",
        ("attributes/angkatan", _) => "Angkatan tidak valid (10-12)",
        ("attributes/jurusan", _) => "Jurusan tidak valid!",
        ("attributes/kelas", _) => "Kelas tidak valid!",
        (field, _) => return format!("{field} {}", violation.text),
    };
    text.to_owned()
}
