//! How much of a chat is in the page: its end, counted in what it costs to draw.
//!
//! A long answer is cut like everything else: its last blocks may be there while its first are not.

/// What a message costs besides its text, in bytes of text that cost as much.
const ROW: usize = 300;

/// The end of a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tail {
    /// So many messages are there,
    pub(super) rows: usize,
    /// and so much of the one above them.
    begun: usize,
}

impl Tail {
    /// With so much more of what stands above: the lengths of those texts, the nearest first.
    pub(super) fn with(self, above: impl Iterator<Item = usize>, bytes: usize) -> Self {
        let mut tail = Self { begun: self.begun + bytes, ..self };
        for cost in above.map(|len| ROW + len) {
            if tail.begun < cost {
                return tail;
            }
            tail = Self { rows: tail.rows + 1, begun: tail.begun - cost };
        }
        Self { begun: 0, ..tail }
    }

    /// From which byte on the text above them, of this length, is there; `None` if not at all.
    pub(super) fn cut(self, len: usize) -> Option<usize> {
        let there = self.begun.checked_sub(ROW).filter(|there| *there > 0)?;
        Some(len.saturating_sub(there))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(tail: Tail, above: &[usize], bytes: usize) -> Tail {
        tail.with(above.iter().copied(), bytes)
    }

    #[test]
    fn all_texts_come_whole_or_from_their_end() {
        let above = [100, 5_000, 0];
        let tail = with(Tail::default(), &above, 1_000);
        // 400 for the first; 300 and 300 bytes are left for the next
        assert_eq!((tail.rows, tail.cut(5_000)), (1, Some(4_700)));
        let tail = with(tail, &above[1..], 4_699);
        assert_eq!((tail.rows, tail.cut(5_000)), (1, Some(1)));
        let tail = with(tail, &above[1..], 1);
        assert_eq!((tail.rows, tail.cut(0)), (2, None));
        let tail = with(tail, &above[2..], 9_999);
        assert_eq!(tail, Tail { rows: 3, begun: 0 });
        assert_eq!(with(tail, &[], 1_000), tail);
    }

    #[test]
    fn small_parts_bring_what_one_large_part_brings() {
        let above = [700, 10, 0, 2_500, 10, 900];
        let mut tail = Tail::default();
        for parts in 1..200 {
            tail = with(tail, &above[tail.rows..], 37);
            assert_eq!(tail, with(Tail::default(), &above, parts * 37));
        }
        assert_eq!(tail.rows, 6);
    }

    #[test]
    fn a_message_that_shrank_meanwhile_is_shown_whole() {
        let tail = with(Tail::default(), &[5_000], 4_000);
        assert_eq!(tail.cut(20), Some(0));
    }
}
