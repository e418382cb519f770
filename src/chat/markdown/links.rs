//! Addresses: which are safe to follow.

/// The address, if it leads to the web or to a mailbox. Everything else, relative ones too, leads nowhere.
pub(super) fn safe(address: &str) -> Option<String> {
    // browsers skip these within a scheme, so an address with them is not what it seems
    if address.chars().any(|c| c.is_control() || is_invisible(c)) {
        return None;
    }
    let address = address.trim();
    let (scheme, rest) = address.split_once(':')?;
    let is_web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let is_safe =
        (is_web && host(address).is_some()) || (scheme.eq_ignore_ascii_case("mailto") && !rest.is_empty());
    is_safe.then(|| address.to_owned())
}

/// The address of a picture, if it is on the web.
pub(super) fn safe_image(address: &str) -> Option<String> {
    safe(address).filter(|address| host(address).is_some())
}

/// The host of an address on the web, for people to see where it leads.
#[must_use]
pub fn host(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host).filter(|host| !host.is_empty())
}

/// Characters that make an address look like another.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
