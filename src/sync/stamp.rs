//! Hybrid logical clock stamps: the version of one field of one record.
//!
//! Text form: 13 characters of lower-case Crockford base32 holding
//! `milliseconds << 16 | counter`, a dash, and 8 characters holding the 40-bit node.
//! Both parts have a fixed width, so comparing texts bytewise compares stamps.
//! After Kulkarni et al., "Logical Physical Clocks", 2014.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TIME_CHARS: usize = 13;
const NODE_CHARS: usize = 8;

/// One point in the total order of all edits of all devices.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Stamp {
    /// Unix milliseconds shifted left by 16, plus a counter.
    time: u64,
    /// Random 40 bits of the tab that made the edit.
    node: u64,
}

/// The text is not a stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidStamp;

impl Stamp {
    /// A stamp from its parts; `node` is cut to 40 bits, `ms` to 48.
    #[must_use]
    pub fn new(ms: u64, counter: u16, node: u64) -> Self {
        Self::from_time((ms << 16) | u64::from(counter), node)
    }

    pub(crate) fn from_time(time: u64, node: u64) -> Self {
        Self { time, node: node & ((1 << 40) - 1) }
    }

    /// Unix milliseconds of the clock that made the stamp.
    #[must_use]
    pub fn ms(self) -> u64 {
        self.time >> 16
    }

    pub(crate) fn time(self) -> u64 {
        self.time
    }

    pub(crate) fn node(self) -> u64 {
        self.node
    }
}

fn write_base32(f: &mut fmt::Formatter<'_>, value: u64, chars: usize) -> fmt::Result {
    for place in (0..chars).rev() {
        let digit = (value >> (5 * place)) & 31;
        let letter = ALPHABET.get(digit as usize).copied().unwrap_or(b'0');
        write!(f, "{}", letter as char)?;
    }
    Ok(())
}

fn read_base32(text: &str) -> Result<u64, InvalidStamp> {
    text.bytes().try_fold(0u64, |value, letter| {
        let digit = ALPHABET.iter().position(|a| *a == letter).ok_or(InvalidStamp)?;
        value.checked_mul(32).and_then(|v| v.checked_add(digit as u64)).ok_or(InvalidStamp)
    })
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_base32(f, self.time, TIME_CHARS)?;
        f.write_str("-")?;
        write_base32(f, self.node, NODE_CHARS)
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Stamp {
    type Err = InvalidStamp;

    fn from_str(text: &str) -> Result<Self, InvalidStamp> {
        let (time, node) = text.split_once('-').ok_or(InvalidStamp)?;
        if time.len() != TIME_CHARS || node.len() != NODE_CHARS {
            return Err(InvalidStamp);
        }
        Ok(Self { time: read_base32(time)?, node: read_base32(node)? })
    }
}

impl TryFrom<String> for Stamp {
    type Error = InvalidStamp;

    fn try_from(text: String) -> Result<Self, InvalidStamp> {
        text.parse()
    }
}

impl From<Stamp> for String {
    fn from(stamp: Stamp) -> Self {
        stamp.to_string()
    }
}

impl fmt::Display for InvalidStamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a stamp")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_stamp_order() {
        let mut rng = fastrand::Rng::with_seed(7);
        for _ in 0..20_000 {
            let mut any = || Stamp::from_time(rng.u64(..), rng.u64(..));
            let (a, b) = (any(), any());
            assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            assert_eq!(a.to_string().parse(), Ok(a));
        }
    }

    #[test]
    fn refuses_what_is_not_a_stamp() {
        let good = Stamp::new(1_700_000_000_000, 3, 99).to_string();
        assert!(good.parse::<Stamp>().is_ok());
        for bad in ["", "-", &good[1..], &good.to_uppercase(), &good.replace('-', "_")] {
            assert_eq!(bad.parse::<Stamp>(), Err(InvalidStamp), "{bad}");
        }
        // 13 characters hold 65 bits: the first letter may only be 0..=f
        assert!(format!("z{}", &good[1..]).parse::<Stamp>().is_err());
    }
}
