//! Email addresses: what can be sent to, and when two of them are the same mailbox.

use std::fmt;

use lettre::Address;

use super::{Violation, text};

/// RFC 5321: a path has 256 octets, two of which are its brackets.
const MAX_BYTES: usize = 254;
/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;

/// An email address of at most 254 bytes with a plain ASCII local part and a public domain name.
///
/// One policy of comparison, for every flow: the domain is compared as A-labels in lower case without its last dot, the
/// local part in ASCII lower case. RFC 5321 lets a host tell `Ann` from `ann`, but no public one does: two accounts
/// whose addresses differ by case would be an attack, not two mailboxes. Nothing else is folded (no dots, no `+tag`).
/// Mail goes to the local part as it was typed, so a host that does care is served too.
#[derive(Clone, PartialEq, Eq)]
pub struct Email {
    typed: String,
    canonical: String,
    sending: String,
}

impl Email {
    /// Reads an address. Refused are quoted and non-ASCII local parts, comments, encoded words (RFC 2047), source routes
    /// with `%` or `!`, a leading `-`, domains without a dot, IP addresses, and whatever the mailer would not send to.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        text::sized(text, MAX_BYTES)?;
        text::visible(text)?;
        let Some((local, domain)) = text.rsplit_once('@') else {
            return Err(Violation::malformed("must have the form name@example.com"));
        };
        if local.len() > MAX_LOCAL_BYTES {
            let text = format!("must have at most {MAX_LOCAL_BYTES} bytes before the @");
            return Err(Violation::too_long(text));
        }
        check_local(local)?;
        let Some(domain) = a_label(domain) else {
            return Err(Violation::malformed(
                "must end in a domain name such as example.com",
            ));
        };
        if Address::new(local, &domain).is_err() {
            return Err(Violation::malformed(
                "must be an address that mail can be sent to",
            ));
        }
        let sending = format!("{local}@{domain}");
        if sending.len() > MAX_BYTES {
            let text = format!("must have at most {MAX_BYTES} bytes with its domain in ASCII");
            return Err(Violation::too_long(text));
        }
        Ok(Self {
            typed: text.to_owned(),
            canonical: sending.to_ascii_lowercase(),
            sending,
        })
    }

    /// The canonical form of any text that somebody logs in or searches with; `None` when no account can have it.
    pub fn canonical_of(text: &str) -> Option<String> {
        Some(Self::parse(text).ok()?.canonical)
    }

    /// The address as its owner wrote it.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The form that all spellings of this mailbox share.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// What to give to the mailer: the local part as typed, the domain in ASCII.
    pub fn for_sending(&self) -> &str {
        &self.sending
    }

    /// What stands before the `@`, as typed: no password may be equal to it.
    pub fn local_part(&self) -> &str {
        self.sending.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email")
    }
}

/// Narrower than the mailer: each refusal is a form by which filters, relays or readers have been misled.
fn check_local(local: &str) -> Result<(), Violation> {
    if !local.is_ascii() {
        return Err(Violation::new(
            "NOT_SUPPORTED",
            "must have ASCII characters only before the @",
        ));
    }
    let has_routing = local.contains(['%', '!', '@']);
    let has_quoting = local.contains(['"', '\\', '(', ')', ' ']);
    if has_routing || has_quoting || local.starts_with('-') || local.contains("=?") {
        return Err(Violation::malformed(
            "must have a plain name before the @: no quotes, comments, routing or leading hyphen",
        ));
    }
    Ok(())
}

/// The domain by UTS 46 with the strict rules of host names; `None` without a dot, and for an IP address.
fn a_label(domain: &str) -> Option<String> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let (_, top) = ascii.rsplit_once('.')?;
    // RFC 3696: no top-level domain is all digits, and every IPv4 address ends so.
    let is_numeric = top.bytes().all(|b| b.is_ascii_digit());
    (!is_numeric).then_some(ascii)
}
