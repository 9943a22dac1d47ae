//! Addresses as logs and notices may show them.

/// Enough of a domain to recognise it.
const DOMAIN_MAX: usize = 64;

/// The address with all but its first character and its domain hidden: `nina@example.com` becomes `n…@example.com`.
/// Control characters are left out, a long domain is cut, and of what is not an address only the first character stays.
pub fn mask_address(address: &str) -> String {
    let mut shown = address.chars().filter(|c| !c.is_control());
    let first = shown.next().filter(|c| *c != '@').map(String::from);
    let domain = address.rsplit_once('@').map(|(_, domain)| {
        let domain: String = domain
            .chars()
            .filter(|c| !c.is_control() && !c.is_whitespace())
            .take(DOMAIN_MAX)
            .collect();
        format!("@{domain}")
    });
    format!(
        "{}…{}",
        first.unwrap_or_default(),
        domain.unwrap_or_default()
    )
}
