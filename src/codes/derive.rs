//! The digits of a code, computed when they are needed.

use uuid::Uuid;

use crate::{
    keys::Keys,
    mails::{Mail, Purpose},
};

/// What the digits depend on, beside a key that is in no store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Derivation<'a> {
    pub(super) purpose: Purpose,
    pub(super) subject: &'a str,
    pub(super) issue: Uuid,
    pub(super) nonce: [u8; 16],
    pub(super) key_id: &'a str,
    pub(super) digits: u8,
}

/// The digits; none when the key is gone.
pub(super) fn derive(keys: &Keys, from: &Derivation<'_>) -> Option<String> {
    let context: [&[u8]; 4] = [
        from.purpose.as_str().as_bytes(),
        from.subject.as_bytes(),
        from.issue.as_bytes(),
        &from.nonce,
    ];
    keys.code(from.key_id, &context, from.digits)
}

/// The digits that a mail is to show; none for a mail without a code, or when its key is not known. In that case new keys
/// are looked for, so that the next attempt at the mail may find it. Called on a runtime.
pub fn code_of(keys: &Keys, mail: &Mail) -> Option<String> {
    let Mail::Code {
        purpose,
        issue,
        nonce,
        key_id,
        subject,
        digits,
        ..
    } = mail
    else {
        return None;
    };
    let code = derive(
        keys,
        &Derivation {
            purpose: *purpose,
            subject,
            issue: *issue,
            nonce: *nonce,
            key_id,
            digits: *digits,
        },
    );
    if code.is_none() {
        let (keys, key_id) = (keys.clone(), key_id.clone());
        tokio::spawn(async move { keys.learn(&key_id).await });
    }
    code
}
