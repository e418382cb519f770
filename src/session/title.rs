//! A title made by the model, where the person switched that on.

use super::Session;
use super::answerer::one_answer;
use crate::chat::{edits, title_from_answer, title_from_first_exchange, title_prompt};
use crate::providers::Provider;
use crate::sync::Id;

impl Session {
    /// Lets the model that gave the first answer name the chat, unless a person did. A failure is not
    /// told: the title made of the first words stays.
    pub(super) fn name_chat(&self, chat: &Id) {
        let settings = self.settings();
        if !settings.model_titles {
            return;
        }
        let summary = self.summary(chat);
        let (model, id) = (settings.model_in(summary.as_ref()), settings.model_id_in(summary.as_ref()));
        let Ok(provider @ Provider::Service(_)) = self.asked(model, id, &settings).provider else { return };
        let Some(turns) = self.first_exchange(chat).map(|(said, answer)| title_prompt(&said, &answer)) else {
            return;
        };
        let (session, chat) = (self.clone(), chat.clone());
        wasm_bindgen_futures::spawn_local(async move {
            let Ok(answer) = one_answer(&provider, &turns).await else { return };
            // somebody may have named it meanwhile
            if let (Some(title), Some(_)) = (title_from_answer(&answer), session.first_exchange(&chat)) {
                session.save(edits::rename(&chat, &title));
            }
        });
    }

    /// The first words and their answer in a chat that still has the title made of them.
    fn first_exchange(&self, chat: &Id) -> Option<(String, String)> {
        let views = self.0.views.borrow();
        let record = views.chat_record(chat)?;
        let shown = &views.open.get(chat)?.view.transcript.shown;
        let (said, answer) = (&shown.first()?.message.body, &shown.get(1)?.message.body);
        let is_own = record.text("title").map(ToOwned::to_owned) == title_from_first_exchange(said);
        is_own.then(|| (said.clone(), answer.clone()))
    }
}
