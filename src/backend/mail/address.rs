//! Which addresses may appear on the wire: the last line of defence behind the account's own rules.

use lettre::{Address, message::Mailbox};

use super::SendError;

/// Octets in a whole address (RFC 5321, 4.5.3.1.3, less the angle brackets).
const ADDRESS_MAX: usize = 254;
/// Octets before the `@` (RFC 5321, 4.5.3.1.1).
const LOCAL_MAX: usize = 64;

/// Whether letters can be sent in the name of `from`: an address, or `Name <address>`, without control characters.
pub fn is_sender(from: &str) -> bool {
    sender(from).is_ok()
}

/// The sender. One that cannot be read is an error of the configuration, so no letter is given up for it.
pub(super) fn sender(from: &str) -> Result<Mailbox, SendError> {
    let closed = || SendError::Closed("the sender is not an address".to_owned());
    if from.chars().any(char::is_control) {
        return Err(closed());
    }
    from.parse().map_err(|_| closed())
}

/// The recipient with the domain in its ASCII form, since few relays take any other.
///
/// Quoted local parts, source routes, address literals, host names without a dot and encoded words are legal mail,
/// and the tools of those who want to reach another place than it seems; none belongs to a person's address.
pub(super) fn recipient(to: &str) -> Result<Address, SendError> {
    let never = || SendError::Never("the address cannot be written to".to_owned());
    let (local, domain) = to.rsplit_once('@').ok_or_else(never)?;
    let domain = idna::domain_to_ascii(domain).map_err(|_| never())?;
    if to.len() > ADDRESS_MAX
        || local.len() > LOCAL_MAX
        || local.len() + 1 + domain.len() > ADDRESS_MAX
        || !is_plain_local(local)
        || !is_public_domain(&domain)
    {
        return Err(never());
    }
    Address::new(local, domain).map_err(|_| never())
}

fn is_plain_local(local: &str) -> bool {
    !local.starts_with('-')
        && !local.contains("=?")
        && local
            .chars()
            .all(|c| c.is_alphanumeric() || ".#$&'*+-/=?^_`{|}~".contains(c))
}

fn is_public_domain(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
        && !last.is_empty()
        && !last.chars().all(|c| c.is_ascii_digit())
}
