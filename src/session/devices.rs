//! The devices of a space.

use super::Session;

/// A device that wrote to the space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSeen {
    /// The beginning of its random id.
    pub name: String,
    /// When it wrote last, Unix milliseconds.
    pub at_ms: u64,
    /// Whether it is this one.
    pub is_this: bool,
}

/// So many letters tell a person's devices apart.
const NAME_LETTERS: usize = 6;

impl Session {
    /// This device, then the others, the latest first.
    #[must_use]
    pub fn devices(&self) -> Vec<DeviceSeen> {
        let own = self.0.device.borrow().id.clone();
        let named = |id: &str, at_ms| DeviceSeen {
            name: id.chars().take(NAME_LETTERS).collect(),
            at_ms,
            is_this: id == own,
        };
        let mut devices = vec![named(&own, 0)];
        let engine = self.0.engine.borrow();
        let mut others: Vec<_> = engine
            .devices()
            .iter()
            .filter(|(id, _)| **id != own)
            .map(|(id, at_ms)| named(id, *at_ms))
            .collect();
        others.sort_by_key(|device| std::cmp::Reverse(device.at_ms));
        devices.extend(others);
        devices
    }
}
