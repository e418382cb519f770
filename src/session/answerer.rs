//! Who answers in a chat, and what one can find out about them without saying anything in a chat.

use super::{KeyView, Session, Slice, ToastKind, browser};
use crate::chat::{Answerer, ChatDraft, ChatSummary, Model, Settings, Speaker, StopReason, Turn, edits};
use crate::providers::http::{self, Stop};
use crate::providers::{ApiKey, Delta, Provider, ProviderError, Thinking};
use crate::sync::Id;

/// Who is to answer, or why nobody can.
pub(super) struct Asked {
    pub(super) provider: Result<Provider, ProviderError>,
    host: String,
    id: String,
}

impl Asked {
    /// Which model this is, of all there are.
    fn model(&self) -> String {
        format!("{} {}", self.host, self.id)
    }

    pub(super) fn label(&self) -> String {
        self.provider.as_ref().map_or("", Provider::label).to_owned()
    }

    pub(super) fn explain(&self, error: &ProviderError) -> String {
        error.message(&self.host, &self.id)
    }
}

impl Session {
    pub(super) fn asked(&self, model: Model, id: &str, settings: &Settings) -> Asked {
        let service = Provider::service(model, settings, |_| ApiKey::default());
        let mut asked = Asked {
            provider: Provider::choose(model, id, settings, |endpoint| self.key_for(endpoint)),
            host: service.map(|service| service.endpoint.host().to_owned()).unwrap_or_default(),
            id: id.to_owned(),
        };
        if settings.thinking
            && let Some(ways) = self.0.thinking.borrow().get(&asked.model())
        {
            asked.provider = asked.provider.map(|provider| provider.thinking(ways));
        }
        asked
    }

    /// Remembers for this visit how a model lets itself be asked to think first, and tells the person if it does not.
    pub(super) fn note_thinking(&self, asked: &Asked, ways: &'static [Thinking]) {
        self.0.thinking.borrow_mut().insert(asked.model(), ways);
        if ways.is_empty() {
            let text = format!(
                "{} cannot be asked to think first, so it answered without; for that, choose another model.",
                asked.label()
            );
            self.toast(ToastKind::Info, &text);
        }
    }

    /// A chat's line in the list, or what was chosen for one that has no message yet.
    #[must_use]
    pub fn summary(&self, chat: &Id) -> Option<ChatSummary> {
        let views = self.0.views.borrow();
        let listed = views.list.iter().find(|summary| summary.id == *chat).cloned();
        listed.or_else(|| {
            let draft = views.drafts.get(chat)?;
            let mut summary = ChatSummary::from_record(chat, None, draft.at_ms, None);
            summary.model = draft.answerer.as_ref().map(|answerer| answerer.model);
            let id = draft.answerer.as_ref().map(|answerer| answerer.id.clone());
            summary.model_id = id.filter(|id| !id.is_empty());
            summary.system.clone_from(&draft.system);
            Some(summary)
        })
    }

    /// Chooses who answers in a chat; `None` follows the settings.
    pub fn set_answerer(&self, chat: &Id, answerer: Option<Answerer>) {
        if self.is_chat(chat) {
            self.save(edits::set_answerer(chat, answerer.as_ref()));
        } else {
            self.change_draft(chat, |draft| draft.answerer = answerer);
        }
    }

    /// Sets the system prompt of a chat; `None` follows the settings, an empty one means none.
    pub fn set_system(&self, chat: &Id, system: Option<String>) {
        if self.is_chat(chat) {
            self.save(edits::set_system(chat, system.as_deref()));
        } else {
            self.change_draft(chat, |draft| draft.system = system);
        }
    }

    fn is_chat(&self, chat: &Id) -> bool {
        self.0.views.borrow().list.iter().any(|summary| summary.id == *chat)
    }

    fn change_draft(&self, chat: &Id, change: impl FnOnce(&mut ChatDraft)) {
        {
            let mut views = self.0.views.borrow_mut();
            let at_ms = browser::now().wall_ms;
            change(views.drafts.entry(chat.clone()).or_insert_with(|| ChatDraft::new(chat.clone(), at_ms)));
        }
        self.notify(&Slice::Chats);
    }

    /// What is wrong with the address typed for a model, in one sentence; an empty one is not wrong yet.
    #[must_use]
    pub fn address_problem(&self, model: Model) -> Option<String> {
        let settings = self.settings();
        settings.source(model).filter(|source| !source.url.is_empty())?;
        let problem = Provider::service(model, &settings, |_| ApiKey::default()).err()?;
        Some(problem.message("", ""))
    }

    /// The key that a chat's model needs and does not have.
    #[must_use]
    pub fn missing_key(&self, chat: &Id) -> Option<(Model, KeyView)> {
        let model = self.settings().model_in(self.summary(chat).as_ref());
        let key = self.key(model)?;
        (key.needed && key.hint.is_none()).then_some((model, key))
    }

    /// Ids of the models that a source offers.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn models(&self, model: Model) -> Result<Vec<String>, String> {
        let settings = self.settings();
        let asked = self.asked(model, "", &settings);
        let service = Provider::service(model, &settings, |endpoint| self.key_for(endpoint));
        let models = match &service {
            Ok(service) if service.key.is_empty() && service.endpoint.needs_key() => {
                Err(ProviderError::NoKey)
            }
            Ok(service) => http::models(service).await,
            Err(error) => Err(error.clone()),
        };
        models.map_err(|error| asked.explain(&error))
    }

    /// Asks the model of a source for one word, to see whether all is well; gives its answer.
    ///
    /// # Errors
    /// One sentence for the user.
    pub async fn try_model(&self, model: Model) -> Result<String, String> {
        let settings = self.settings();
        let id = settings.source(model).map_or("", |source| &source.model);
        let asked = self.asked(model, id, &settings);
        let turns = [Turn::new(Speaker::User, "Reply with one word: hello.")];
        let answer = match &asked.provider {
            Ok(provider) => one_answer(provider, &turns).await,
            Err(error) => Err(error.clone()),
        };
        answer.map_err(|error| asked.explain(&error))
    }
}

/// An answer as a whole, to something that needs no thinking.
pub(super) async fn one_answer(provider: &Provider, turns: &[Turn]) -> Result<String, ProviderError> {
    let mut text = String::new();
    let provider = provider.clone().thinking(&[]);
    let finish = http::stream(&provider, turns, &Stop::new(), |delta| {
        if let Delta::Text(more) = delta {
            text.push_str(&more);
        }
    })
    .await?;
    match finish.stop {
        StopReason::Interrupted => Err(ProviderError::Unreachable(crate::providers::Unreachable::Lost)),
        StopReason::Done
        | StopReason::Stopped
        | StopReason::Length
        | StopReason::Filtered
        | StopReason::Failed(_) => Ok(text.trim().to_owned()),
    }
}
