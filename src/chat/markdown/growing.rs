//! A text that grows at its end, as an answer does: what is settled is read once, and only the rest again.
//!
//! Promises: the blocks are those of [`super::parse`] for the text so far; a block that did not change stays
//! the same pointer, so that nothing of it is drawn again.

use std::rc::Rc;

use super::{Block, tree};

/// The blocks of a growing text.
#[derive(Default)]
pub struct Growing {
    /// How much of the text is settled, and how many blocks that are.
    settled: (usize, usize),
    /// The settled text, to notice when it is another one.
    text: String,
    blocks: Vec<Rc<Block>>,
    /// Where each of them begins.
    starts: Vec<usize>,
    /// A definition in one place changes what is said in others, so then all is read each time.
    has_definitions: bool,
}

impl Growing {
    /// The blocks of `text`, which usually begins with the text of the last call.
    pub fn read(&mut self, text: &str) -> &[Rc<Block>] {
        if !text.starts_with(&self.text) {
            *self = Self::default();
        }
        let (mut start, mut kept) = self.settled;
        let tail = text.get(start..).unwrap_or_default();
        if !self.has_definitions && may_define(tail) {
            self.has_definitions = true;
            (start, kept) = (0, 0);
            self.settled = (0, 0);
            self.text.clear();
        }
        let tail = text.get(start..).unwrap_or_default();
        let found = tree::read(tail);
        let starts: Vec<usize> = found.iter().map(|(at, _)| *at).collect();
        for (place, (_, block)) in found.into_iter().enumerate() {
            match self.blocks.get_mut(kept + place) {
                Some(old) if **old == block => {}
                Some(old) => *old = Rc::new(block),
                None => self.blocks.push(Rc::new(block)),
            }
        }
        self.blocks.truncate(kept + starts.len());
        self.starts.truncate(kept);
        self.starts.extend(starts.iter().map(|at| start + at));
        if !self.has_definitions {
            self.settle(tail, &starts);
        }
        &self.blocks
    }

    /// In which of the blocks this byte of the text is.
    #[must_use]
    pub fn place(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// What stands before the beginning of the last block is settled, if an empty line is between them and the
    /// last block has a whole line: then nothing that follows can change it.
    fn settle(&mut self, tail: &str, starts: &[usize]) {
        let whole = tail.rfind('\n').map_or(0, |at| at + 1);
        let line_start =
            |at: usize| tail.get(..at).and_then(|text| text.rfind(['\n', '\r'])).map_or(0, |end| end + 1);
        let cut = starts.iter().enumerate().skip(1).rev().find_map(|(place, start)| {
            let start = line_start(*start);
            let before = tail.get(..start)?.strip_suffix('\n')?;
            let is_apart = before.rsplit('\n').next()?.trim().is_empty();
            (is_apart && start < whole).then_some((start, place))
        });
        if let Some((at, place)) = cut {
            self.text.push_str(tail.get(..at).unwrap_or_default());
            self.settled = (self.settled.0 + at, self.settled.1 + place);
        }
    }
}

/// Whether a line may define where a link or a footnote leads: `[name]: …`
fn may_define(text: &str) -> bool {
    text.contains("]:") && text.split(['\n', '\r']).any(is_definition)
}

fn is_definition(line: &str) -> bool {
    let opens = |text: &str| text.replace("\\[", "").contains('[');
    let words = line.trim_start_matches(|c: char| !c.is_alphabetic() && c != '[' && c != '\\' && c != ']');
    line.match_indices("]:").any(|(at, _)| words.starts_with('[') || !line.get(..at).is_some_and(opens))
}
