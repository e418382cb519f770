//! What one sees of a chat: its messages in reading order, one version of each.
//!
//! Promises: the result depends only on the set of records and choices, not on their order. A
//! message stands before what answers it, else messages stand by `(at, id)`. No message is ever
//! lost: every one that is not deleted is visible under some choice of versions, and messages
//! that two devices added to the same place are both visible, as they are no versions of each
//! other. Links that lead nowhere, to deleted messages or in a circle hide nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::rc::Rc;

use super::message::{Message, Role};
use crate::sync::{Id, Record};

/// A message with what the transcript knows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The message; shared, so an unchanged one compares by pointer.
    pub message: Rc<Message>,
    /// All versions at this place (regenerated answers, edited questions), oldest first.
    pub versions: Rc<[Id]>,
    /// Which of [`Shown::versions`] this is.
    pub version: usize,
}

/// The messages of one chat in reading order.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    /// What is shown.
    pub shown: Vec<Shown>,
    /// All messages that are not deleted, also those that are not shown.
    messages: BTreeMap<Id, Rc<Message>>,
}

impl PartialEq for Transcript {
    /// Same messages in the same order; what is hidden shows in the versions.
    fn eq(&self, other: &Self) -> bool {
        self.shown == other.shown
    }
}

impl Eq for Transcript {}

/// Which versions the person picked with the pager, a local matter. A place with no picked version
/// shows its newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen(BTreeSet<Id>);

impl Chosen {
    /// Picks one of the versions of a place (see [`Shown::versions`]).
    pub fn choose(&mut self, versions: &[Id], id: &Id) {
        self.forget(versions);
        self.0.insert(id.clone());
    }

    /// Lets a place show its newest version again, as after making a new one.
    pub fn forget(&mut self, versions: &[Id]) {
        self.0.retain(|id| !versions.contains(id));
    }

    /// The picked ids, to be stored; collect them to get the choices back.
    pub fn ids(&self) -> impl Iterator<Item = &Id> {
        self.0.iter()
    }
}

impl FromIterator<Id> for Chosen {
    fn from_iter<I: IntoIterator<Item = Id>>(ids: I) -> Self {
        Self(ids.into_iter().collect())
    }
}

impl Transcript {
    /// The transcript of the records of one chat.
    pub fn from_records<'a>(
        records: impl IntoIterator<Item = (&'a Id, &'a Record)>,
        chosen: &Chosen,
    ) -> Self {
        Self::default().rebuild(records, chosen)
    }

    /// The transcript of newer records. Whatever is unchanged is shared with this one, so that it
    /// compares by pointer and is not copied.
    #[must_use]
    pub fn rebuild<'a>(
        &self,
        records: impl IntoIterator<Item = (&'a Id, &'a Record)>,
        chosen: &Chosen,
    ) -> Self {
        let mut messages = BTreeMap::new();
        for (id, record) in records {
            if let Some(message) = Message::reuse(self.messages.get(id), id, record) {
                messages.insert(id.clone(), message);
            }
        }
        let shown = Layout::new(&messages).shown(chosen, &self.shown);
        Self { shown, messages }
    }

    /// A message of the chat, shown or not.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&Rc<Message>> {
        self.messages.get(id)
    }

    /// The last message that is shown; what is said next follows it.
    #[must_use]
    pub fn last(&self) -> Option<&Rc<Message>> {
        self.shown.last().map(|shown| &shown.message)
    }

    /// What stands above and below an answer that is being made. What follows an earlier answer to its question
    /// steps aside; what else was said after the question, perhaps on another device, stays.
    #[must_use]
    pub fn around(&self, question: &Id) -> (&[Shown], Vec<&Shown>) {
        let Some(place) = self.shown.iter().position(|shown| shown.message.id == *question) else {
            return (&self.shown, Vec::new());
        };
        let (above, below) = self.shown.split_at(place + 1);
        let mut aside: BTreeSet<&Id> = BTreeSet::new();
        let mut stays = Vec::new();
        for shown in below {
            let message = &shown.message;
            let re = message.re.as_ref();
            let is_answer = message.role == Role::Assistant && re == Some(question);
            if is_answer || re.is_some_and(|re| aside.contains(re)) {
                aside.insert(&message.id);
            } else {
                stays.push(shown);
            }
        }
        (above, stays)
    }

    /// All messages that are not deleted, shown or not, by id.
    pub fn all(&self) -> impl Iterator<Item = &Rc<Message>> {
        self.messages.values()
    }

    /// The first version of a question, which may be deleted by now: what its next version has to
    /// name as `edits`.
    #[must_use]
    pub fn first_version(&self, question: &Id) -> Id {
        let layout = Layout::new(&self.messages);
        let place = layout.messages.iter().position(|message| message.id == *question);
        match place.map(|at| &layout.place[at]) {
            Some(Place::Question { root, .. }) => root.clone(),
            Some(Place::Answer { .. } | Place::Alone(_)) | None => question.clone(),
        }
    }
}

/// Where a message stands; those with an equal place are versions of each other. The message that
/// is answered is part of it, so versions are siblings and none can be above another: this is what
/// makes every message reachable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Question { re: Option<Id>, root: Id },
    Answer { re: Id },
    Alone(Id),
}

/// The messages as a forest, by index.
struct Layout<'a> {
    messages: Vec<&'a Rc<Message>>,
    parent: Vec<Option<usize>>,
    place: Vec<Place>,
}

impl<'a> Layout<'a> {
    fn new(by_id: &'a BTreeMap<Id, Rc<Message>>) -> Self {
        let messages: Vec<_> = by_id.values().collect();
        let mut parent: Vec<Option<usize>> = messages
            .iter()
            .map(|message| message.re.as_ref().and_then(|re| place_of(&messages, re)))
            .collect();
        let cut = cut_circles(&mut parent);
        let root = first_versions(&messages);
        let place = messages
            .iter()
            .enumerate()
            .map(|(at, message)| {
                let re = if cut.contains(&at) { None } else { message.re.clone() };
                match (message.role, re) {
                    (Role::Assistant, Some(re)) => Place::Answer { re },
                    (Role::Assistant, None) => Place::Alone(message.id.clone()),
                    (Role::User, re) => Place::Question { re, root: root[at].clone() },
                }
            })
            .collect();
        Self { messages, parent, place }
    }

    fn rank(&self, at: usize) -> (u64, &'a Id) {
        (self.messages[at].at_ms, &self.messages[at].id)
    }

    /// Kahn's order with a heap: always the earliest message whose parent has been shown.
    fn shown(&self, chosen: &Chosen, before: &[Shown]) -> Vec<Shown> {
        let before: BTreeMap<&Id, &Shown> = before.iter().map(|shown| (&shown.message.id, shown)).collect();
        let mut places: BTreeMap<&Place, Vec<usize>> = BTreeMap::new();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.messages.len()];
        for (at, place) in self.place.iter().enumerate() {
            places.entry(place).or_default().push(at);
            if let Some(parent) = self.parent[at] {
                children[parent].push(at);
            }
        }
        for versions in places.values_mut() {
            versions.sort_unstable_by_key(|at| self.rank(*at));
        }
        let is_chosen = |at: &usize| chosen.0.contains(&self.messages[*at].id);
        let mut active = BTreeMap::new();
        for versions in places.values() {
            let pick = versions.iter().rposition(is_chosen).unwrap_or(versions.len() - 1);
            active.insert(versions[pick], (pick, versions));
        }
        let mut ready: BinaryHeap<_> = (0..self.messages.len())
            .filter(|at| self.parent[*at].is_none())
            .map(|at| Reverse((self.rank(at), at)))
            .collect();
        let mut shown = Vec::new();
        while let Some(Reverse((_, at))) = ready.pop() {
            let Some((version, versions)) = active.get(&at) else {
                continue;
            };
            let message = self.messages[at];
            let ids = versions.iter().map(|at| self.messages[*at].id.clone());
            let versions = match before.get(&message.id) {
                Some(old) if old.versions.iter().cloned().eq(ids.clone()) => old.versions.clone(),
                Some(_) | None => ids.collect(),
            };
            shown.push(Shown { message: message.clone(), versions, version: *version });
            ready.extend(children[at].iter().map(|at| Reverse((self.rank(*at), *at))));
        }
        shown
    }
}

/// Where a message is among these, which are sorted by id.
fn place_of(messages: &[&Rc<Message>], id: &Id) -> Option<usize> {
    messages.binary_search_by(|message| message.id.cmp(id)).ok()
}

/// For every message the first version of it: where its `edits` lead, which may be gone. Only
/// questions are versions of questions.
fn first_versions(messages: &[&Rc<Message>]) -> Vec<Id> {
    let is_question = |at: &usize| messages[*at].role == Role::User;
    let mut root = Vec::with_capacity(messages.len());
    let mut older = Vec::with_capacity(messages.len());
    for (at, message) in messages.iter().enumerate() {
        let edits = message.edits.as_ref().filter(|_| is_question(&at));
        let known = edits.and_then(|edits| place_of(messages, edits));
        older.push(known.filter(is_question));
        // a version of something that is gone still belongs to the others of it
        root.push(edits.filter(|_| known.is_none()).unwrap_or(&message.id).clone());
    }
    cut_circles(&mut older);
    for start in 0..older.len() {
        let (mut path, mut at) = (Vec::new(), start);
        while let Some(next) = older[at] {
            path.push(at);
            at = next;
        }
        // the links just walked now lead to the end, so nothing is walked twice
        for step in path {
            root[step] = root[at].clone();
            older[step] = None;
        }
    }
    root
}

/// Makes a forest of the links: of every circle the message with the smallest id (indices are in
/// the order of ids) loses its parent. Says which did.
fn cut_circles(parent: &mut [Option<usize>]) -> BTreeSet<usize> {
    // 0 = not seen; else the number of the walk that saw it
    let mut seen = vec![0; parent.len()];
    let mut cut = BTreeSet::new();
    for start in 0..parent.len() {
        let walk = start + 1;
        let mut at = Some(start);
        while let Some(here) = at
            && seen[here] == 0
        {
            seen[here] = walk;
            at = parent[here];
        }
        let Some(entry) = at.filter(|here| seen[*here] == walk) else {
            continue;
        };
        let mut smallest = entry;
        let mut next = parent[entry];
        while let Some(here) = next
            && here != entry
        {
            smallest = smallest.min(here);
            next = parent[here];
        }
        parent[smallest] = None;
        cut.insert(smallest);
    }
    cut
}

#[cfg(test)]
mod tests;
