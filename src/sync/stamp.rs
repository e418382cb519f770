//! Hybrid logical clock stamps: the version of one field of one record.
//!
//! Text form: 13 characters of lower-case Crockford base32 holding
//! `milliseconds << 16 | counter`, a dash, and 8 characters holding the 40-bit node.
//! Both parts have a fixed width, so comparing texts bytewise compares stamps.
//! After Kulkarni et al., "Logical Physical Clocks", 2014.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TIME_CHARS: usize = 13;
const NODE_CHARS: usize = 8;

/// One point in the total order of all edits of all devices.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// The digit that each byte stands for; 32 for one that stands for none.
const DIGITS: [u8; 256] = {
    let mut digits = [32; 256];
    let mut digit = 0;
    while digit < 32 {
        digits[ALPHABET[digit] as usize] = digit as u8;
        digit += 1;
    }
    digits
};

fn write_base32(out: &mut [u8], mut value: u64) {
    for letter in out.iter_mut().rev() {
        *letter = ALPHABET[(value & 31) as usize];
        value >>= 5;
    }
}

fn read_base32(text: &str) -> Result<u64, InvalidStamp> {
    text.bytes().try_fold(0u64, |value, letter| match DIGITS[usize::from(letter)] {
        32 => Err(InvalidStamp),
        digit => value.checked_mul(32).map(|v| v | u64::from(digit)).ok_or(InvalidStamp),
    })
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'-'; TIME_CHARS + 1 + NODE_CHARS];
        let (time, node) = text.split_at_mut(TIME_CHARS);
        write_base32(time, self.time);
        write_base32(&mut node[1..], self.node);
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
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

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// By hand, as `try_from` would make a `String` of each.
impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Stamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a stamp")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Stamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
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
