//! Replies in the making. A reply belongs to the session, not to the page of its chat: leaving the
//! chat does not stop it.
//!
//! What has arrived is saved on this device every second, so a closed page loses at most that, and
//! becomes one message at the end. Nothing of it goes to the server before.

use std::rc::Rc;

use futures::channel::oneshot;
use gloo_timers::callback::{Interval, Timeout};
use serde::{Deserialize, Serialize};

use super::{LiveReply, Session, Slice, ToastKind, browser};
use crate::chat::{Message, NewMessage, Role, StopReason, Usage, continuation, prompt};
use crate::providers::http::{self, Stop};
use crate::providers::{Delta, Finish, Provider};
use crate::store::Durability;
use crate::sync::{Edit, Entry, Id, Key, Record, Scope, Table};

/// Rows of replies that are not messages yet.
const LIVE_ROWS: &str = "l/live/";
const TAB: &str = "muse/tab";
const SAVE_EVERY_MS: u32 = 1_000;
/// A row that no tab has touched for so long belongs to no living tab.
const ABANDONED_MS: u64 = 12_000;
/// An unchanged row is touched after so many saves, to show that its tab lives.
const TOUCH_EVERY: u32 = 5;

pub(super) struct Reply {
    chat: Id,
    shown: Rc<LiveReply>,
    body: String,
    reasoning: String,
    /// Bytes it began with: those of the answer that it continues.
    begun_len: usize,
    usage: Option<Usage>,
    at_ms: u64,
    stop: Stop,
    /// A frame is asked for; more text waits for it.
    frame_asked: bool,
    saved_len: usize,
    saves_skipped: u32,
    /// It ended as its model wished.
    is_whole: bool,
    /// Dropped with the reply, and so told that it is over.
    waiting: Vec<oneshot::Sender<()>>,
    _saving: Interval,
}

impl Reply {
    fn len(&self) -> usize {
        self.body.len() + self.reasoning.len()
    }

    /// It continues an answer and has not got further yet.
    fn adds_nothing(&self) -> bool {
        self.begun_len > 0 && self.len() == self.begun_len
    }
}

/// A reply as it is saved while it grows.
#[derive(Serialize, Deserialize)]
struct Saved {
    chat: Id,
    re: Id,
    body: String,
    reasoning: String,
    model: String,
    at_ms: u64,
    /// Which tab it belongs to; a reload keeps the name.
    tab: String,
    touched_ms: u64,
}

impl Session {
    /// The reply that is being made in a chat.
    #[must_use]
    pub fn live(&self, chat: &Id) -> Option<Rc<LiveReply>> {
        self.0.replies.borrow().get(chat).map(|reply| Rc::clone(&reply.shown))
    }

    /// Ends the reply; what has arrived is kept.
    pub fn stop(&self, chat: &Id) {
        let stop = self.0.replies.borrow().get(chat).map(|reply| reply.stop.clone());
        if let Some(stop) = stop {
            stop.press();
        }
    }

    /// [`Session::stop`], and waits until what has arrived is a message.
    pub(super) async fn stop_and_keep(&self, chat: &Id) {
        self.stop(chat);
        let over = {
            let mut replies = self.0.replies.borrow_mut();
            let Some(reply) = replies.get_mut(chat) else { return };
            let (waiting, over) = oneshot::channel();
            reply.waiting.push(waiting);
            over
        };
        // nothing is ever sent
        let _ = over.await;
    }

    /// Asks for an answer, if anybody answers in this chat and nobody does already.
    pub(super) fn answer(&self, chat: &Id, question: &Id) {
        self.ask(chat, question, None);
    }

    /// [`Session::answer`], or for the rest of an answer that was cut.
    pub(super) fn ask(&self, chat: &Id, question: &Id, cut: Option<&Message>) {
        if self.0.replies.borrow().contains_key(chat) {
            return;
        }
        let (settings, summary) = (self.settings(), self.summary(chat));
        let (model, id) = (settings.model_in(summary.as_ref()), settings.model_id_in(summary.as_ref()));
        let asked = self.asked(model, id, &settings);
        let turns = {
            let views = self.0.views.borrow();
            let Some(open) = views.open.get(chat) else { return };
            prompt(&open.view.transcript, &settings, summary.as_ref(), Some(question))
        };
        let turns = match cut {
            Some(cut) => continuation(turns, cut),
            None => turns,
        };
        if asked.provider == Ok(Provider::Off) {
            return;
        }
        let stop = self.begin_reply(chat, question, asked.label(), cut);
        let (session, chat, question) = (self.clone(), chat.clone(), question.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let done = match &asked.provider {
                Ok(provider) => {
                    http::stream(provider, &turns, &stop, |delta| session.grow(&chat, delta)).await
                }
                Err(error) => Err(error.clone()),
            };
            let finish = done.unwrap_or_else(|error| Finish {
                stop: StopReason::Failed(asked.explain(&error)),
                usage: None,
                thinking: None,
            });
            if let Some(ways) = finish.thinking {
                session.note_thinking(&asked, ways);
            }
            session.end_reply(&chat, &question, finish).await;
        });
    }

    fn begin_reply(&self, chat: &Id, question: &Id, model: String, cut: Option<&Message>) -> Stop {
        let body = cut.map(|cut| cut.body.clone()).unwrap_or_default();
        let reasoning = cut.map(|cut| cut.reasoning.clone()).unwrap_or_default();
        let begun_len = body.len() + reasoning.len();
        let shown = Rc::new(LiveReply {
            id: browser::random_id('m'),
            re: question.clone(),
            body: body.clone(),
            reasoning: reasoning.clone(),
            model,
            is_unsaved: false,
        });
        let (session, of) = (self.clone(), chat.clone());
        let reply = Reply {
            chat: chat.clone(),
            shown,
            body,
            reasoning,
            begun_len,
            usage: None,
            at_ms: self.time_ms(),
            stop: Stop::new(),
            frame_asked: false,
            saved_len: begun_len,
            saves_skipped: 0,
            is_whole: false,
            waiting: Vec::new(),
            _saving: Interval::new(SAVE_EVERY_MS, move || session.save_reply(&of)),
        };
        let stop = reply.stop.clone();
        self.0.replies.borrow_mut().insert(chat.clone(), reply);
        self.notify(&Slice::Live(chat.clone()));
        stop
    }

    fn grow(&self, chat: &Id, delta: Delta) {
        let ask_frame = {
            let mut replies = self.0.replies.borrow_mut();
            let Some(reply) = replies.get_mut(chat) else { return };
            match delta {
                Delta::Text(text) => reply.body.push_str(&text),
                Delta::Reasoning(text) => reply.reasoning.push_str(&text),
                Delta::Usage(usage) => reply.usage = Some(usage),
            }
            !std::mem::replace(&mut reply.frame_asked, true)
        };
        if ask_frame {
            let (session, chat) = (self.clone(), chat.clone());
            browser::at_next_frame(move || session.show_grown(&chat));
        }
    }

    fn show_grown(&self, chat: &Id) {
        let id = {
            let mut replies = self.0.replies.borrow_mut();
            let Some(reply) = replies.get_mut(chat) else { return };
            reply.frame_asked = false;
            reply.shown = Rc::new(LiveReply {
                body: reply.body.clone(),
                reasoning: reply.reasoning.clone(),
                ..LiveReply::clone(&reply.shown)
            });
            reply.shown.id.clone()
        };
        self.notify(&Slice::Reply(id));
    }

    fn save_reply(&self, chat: &Id) {
        let entry = {
            let mut replies = self.0.replies.borrow_mut();
            let Some(reply) = replies.get_mut(chat) else { return };
            let len = reply.len();
            if reply.adds_nothing() {
                return;
            }
            if len == reply.saved_len && reply.saves_skipped < TOUCH_EVERY {
                reply.saves_skipped += 1;
                return;
            }
            reply.saved_len = len;
            reply.saves_skipped = 0;
            saved(reply).map(|entry| (reply.shown.id.clone(), entry))
        };
        let Some((message, entry)) = entry else { return };
        let (session, chat, row) = (self.clone(), chat.clone(), live_row(&message));
        wasm_bindgen_futures::spawn_local(async move {
            let Ok(store) = session.store().await else { return };
            let scope = Scope { keys: vec![row.clone()], ..Scope::default() };
            let save = |table: &mut Table| {
                // it may have become a message while this waited
                if session.is_growing(&chat, &message) {
                    table.put(&row, entry);
                }
            };
            // only a safety net: a failure shows when the whole reply is kept
            let _ = store.transact(&scope, Durability::Relaxed, save).await;
        });
    }

    fn is_growing(&self, chat: &Id, message: &Id) -> bool {
        self.0.replies.borrow().get(chat).is_some_and(|reply| reply.shown.id == *message)
    }

    async fn end_reply(&self, chat: &Id, question: &Id, finish: Finish) {
        if let Some(id) = self.vain_continuation(chat) {
            if let StopReason::Failed(why) = &finish.stop {
                self.toast(ToastKind::Error, why);
            }
            return self.drop_reply(chat, &id);
        }
        let Some(message) = self.finished(chat, question, finish) else { return };
        if self.is_deleted(chat) {
            // another tab or device took the chat away: an answer goes with it
            let row = live_row(&message.id);
            self.write_device_rows(Scope { keys: vec![row.clone()], ..Scope::default() }, move |t| {
                t.remove(&row)
            });
            return self.drop_reply(chat, &message.id);
        }
        let mut edits = vec![message.edit(chat)];
        edits.extend(self.failed_answers(chat, question).into_iter().map(Edit::delete));
        self.save(edits);
    }

    /// It could not be stored so far, if it is the message of a reply.
    pub(super) fn note_unsaved_reply(&self, key: &Key) {
        let Key::Message(chat, id) = key else { return };
        if let Some(reply) = self.0.replies.borrow_mut().get_mut(chat).filter(|reply| reply.shown.id == *id) {
            reply.shown = Rc::new(LiveReply { is_unsaved: true, ..LiveReply::clone(&reply.shown) });
        }
        self.notify(&Slice::Live(chat.clone()));
        self.notify(&Slice::Reply(id.clone()));
    }

    pub(super) fn is_deleted(&self, chat: &Id) -> bool {
        let views = self.0.views.borrow();
        views.chats.get(chat).and_then(|entry| entry.record.as_ref()).is_some_and(Record::is_deleted)
    }

    /// The reply, if it was to continue an answer and nothing came: a copy of that helps nobody.
    fn vain_continuation(&self, chat: &Id) -> Option<Id> {
        let replies = self.0.replies.borrow();
        replies.get(chat).filter(|reply| reply.adds_nothing()).map(|reply| reply.shown.id.clone())
    }

    fn finished(&self, chat: &Id, question: &Id, finish: Finish) -> Option<NewMessage> {
        self.show_grown(chat);
        let mut replies = self.0.replies.borrow_mut();
        let reply = replies.get_mut(chat)?;
        reply.is_whole = finish.stop == StopReason::Done;
        let id = reply.shown.id.clone();
        let mut message = NewMessage::answer(id, reply.body.clone(), reply.at_ms, question, finish.stop);
        message.model.clone_from(&reply.shown.model);
        message.reasoning.clone_from(&reply.reasoning);
        message.usage = finish.usage.or(reply.usage);
        Some(message)
    }

    /// Earlier answers to a question that brought nothing but an error; a new one replaces them.
    fn failed_answers(&self, chat: &Id, question: &Id) -> Vec<Key> {
        let views = self.0.views.borrow();
        let Some(open) = views.open.get(chat) else { return Vec::new() };
        let failed = open.view.transcript.all().filter(|message| {
            message.role == Role::Assistant
                && message.re.as_ref() == Some(question)
                && message.body.is_empty()
                && matches!(message.stop, Some(StopReason::Failed(_)))
        });
        failed.map(|message| Key::Message(chat.clone(), message.id.clone())).collect()
    }

    /// The reply is a message now: no longer show it twice. A first exchange that is whole gets its title.
    pub(super) fn drop_reply(&self, chat: &Id, message: &Id) {
        let dropped = {
            let mut replies = self.0.replies.borrow_mut();
            let is_it = replies.get(chat).is_some_and(|reply| reply.shown.id == *message);
            if is_it { replies.remove(chat) } else { None }
        };
        let Some(reply) = dropped else { return };
        self.notify(&Slice::Live(chat.clone()));
        if reply.is_whole && self.transcript(chat).transcript.all().count() == 2 {
            self.name_chat(chat);
        }
    }

    /// A reply that was being made when its page went away becomes a message that says so.
    pub(super) async fn keep_interrupted_replies(&self) {
        let Ok(store) = self.store().await else { return };
        let scope = Scope { prefixes: vec![LIVE_ROWS.to_owned()], ..Scope::default() };
        let Ok(table) = store.read(&scope).await else { return };
        let (now_ms, tab) = (browser::now().wall_ms, tab_name());
        let mut wait = false;
        for (row, entry) in table.range(LIVE_ROWS) {
            let saved = entry.open().ok().and_then(|json| serde_json::from_str::<Saved>(json).ok());
            let id: Option<Id> = row.strip_prefix(LIVE_ROWS).and_then(|id| id.parse().ok());
            let (Some(saved), Some(id)) = (saved, id) else { continue };
            let is_own = saved.tab == tab && !self.0.replies.borrow().contains_key(&saved.chat);
            if !is_own && now_ms.saturating_sub(saved.touched_ms) < ABANDONED_MS {
                wait = true;
                continue;
            }
            if self.is_message(&saved.chat, &id).await || self.is_deleted(&saved.chat) {
                // it was kept whole, and what is left here is older; or its chat was deleted
                let (row, scope) = (row.to_owned(), Scope { keys: vec![row.to_owned()], ..Scope::default() });
                self.write_device_rows(scope, move |table| table.remove(&row));
                continue;
            }
            let mut message =
                NewMessage::answer(id, saved.body, saved.at_ms, &saved.re, StopReason::Interrupted);
            message.model = saved.model;
            message.reasoning = saved.reasoning;
            self.save(vec![message.edit(&saved.chat)]);
        }
        if wait {
            let session = self.clone();
            let wait_ms = u32::try_from(ABANDONED_MS).unwrap_or(u32::MAX);
            Timeout::new(wait_ms, move || {
                wasm_bindgen_futures::spawn_local(async move { session.keep_interrupted_replies().await });
            })
            .forget();
        }
    }

    /// Whether a message is on this device, deleted or not. If that cannot be told, it counts as
    /// one: its text must never be written twice.
    async fn is_message(&self, chat: &Id, id: &Id) -> bool {
        let row = Key::Message(chat.clone(), id.clone()).row_key();
        let Ok(store) = self.store().await else { return true };
        let table = store.read(&Scope { keys: vec![row.clone()], ..Scope::default() }).await;
        !table.is_ok_and(|table| table.get(&row).is_none())
    }
}

/// Where a reply is saved while it grows.
pub(super) fn live_row(message: &Id) -> String {
    format!("{LIVE_ROWS}{message}")
}

fn saved(reply: &Reply) -> Option<Entry> {
    let saved = Saved {
        chat: reply.chat.clone(),
        re: reply.shown.re.clone(),
        body: reply.body.clone(),
        reasoning: reply.reasoning.clone(),
        model: reply.shown.model.clone(),
        at_ms: reply.at_ms,
        tab: tab_name(),
        touched_ms: browser::now().wall_ms,
    };
    serde_json::to_string(&saved).ok().map(|json| Entry::local(&json))
}

/// A name for this tab that a reload keeps.
fn tab_name() -> String {
    browser::of_tab(TAB).unwrap_or_else(|| {
        let name = browser::random_id('t').to_string();
        browser::set_of_tab(TAB, Some(&name));
        name
    })
}
