//! A space is one user's place on the server. Who knows its secret may read and write it.
//!
//! The secret never leaves the device except as the pairing code the user carries to another
//! device; the server only sees an id derived from it (HKDF, RFC 5869), from which the secret
//! cannot be computed.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use hkdf::Hkdf;
use sha2::Sha256;

/// 160 random bits: the pairing code.
///
/// It cannot be serialised or printed by accident; [`Secret::code`] is the one way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 20]);

/// The text is not a pairing code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCode;

/// Id of a space on the server: `[a-z2-7]{32}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpaceId(String);

impl Secret {
    /// A new secret from 160 random bits.
    #[must_use]
    pub fn new(bits: [u8; 20]) -> Self {
        Self(bits)
    }

    /// The pairing code: 8 groups of 4 characters of base32.
    #[must_use]
    pub fn code(&self) -> String {
        let text = BASE32_NOPAD.encode(&self.0).to_ascii_lowercase();
        let groups: Vec<&str> = (0..text.len()).step_by(4).filter_map(|i| text.get(i..i + 4)).collect();
        groups.join("-")
    }

    /// The space this secret opens.
    #[must_use]
    pub fn space(&self) -> SpaceId {
        let mut out = [0u8; 20];
        // 20 bytes are far below HKDF's limit of 255 hashes, the only error there is
        let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(b"muse/space/1", &mut out);
        debug_assert!(expanded.is_ok());
        SpaceId(BASE32_NOPAD.encode(&out).to_ascii_lowercase())
    }
}

/// Accepts what people type: any case, spaces or dashes anywhere.
impl FromStr for Secret {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let bytes = BASE32_NOPAD.decode(plain.as_bytes()).map_err(|_| InvalidCode)?;
        Ok(Self(bytes.try_into().map_err(|_| InvalidCode)?))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for InvalidCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("A pairing code has 8 groups of 4 letters and digits, like abcd-efgh-…")
    }
}

impl SpaceId {
    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_leads_back_to_its_secret_however_it_is_typed() {
        let secret = Secret::new(std::array::from_fn(|i| i as u8 * 11));
        let code = secret.code();
        assert_eq!(code.len(), 8 * 4 + 7);
        assert_eq!(code.parse(), Ok(secret.clone()));
        assert_eq!(code.to_uppercase().replace('-', " ").parse(), Ok(secret.clone()));
        assert!(!format!("{secret:?}").contains(&code[..4]));
        for bad in ["", "abcd", "abcd-1", &code[1..], &format!("{code}a")] {
            assert_eq!(bad.parse::<Secret>(), Err(InvalidCode), "{bad}");
        }
    }

    #[test]
    fn the_space_id_is_stable_and_does_not_contain_the_secret() {
        let secret = Secret::new([1; 20]);
        let space = secret.space();
        assert_eq!(space.as_str().len(), 32);
        assert_eq!(space, secret.space());
        assert_ne!(space, Secret::new([2; 20]).space());
        assert_ne!(space.as_str(), secret.code().replace('-', ""));
        // computed independently: HKDF-SHA256(01×20, no salt, "muse/space/1")[..20] in base32
        assert_eq!(space.as_str(), SPACE_OF_ONES);
    }

    const SPACE_OF_ONES: &str = "7hlwa6jtumyiz3k7srdykbnnb7fhmkzh";
}
