//! The security rules that the simulated server keeps, and what it must never be made to take though
//! no rule forbids it.

use std::collections::BTreeMap;

use muse_chat::sync::SCHEMA;
use serde_json::{Value, json};

use super::server::{Fields, Refusal, Server, Write, int, text, time_text};
use super::stranger::STRANGER;

impl Server {
    /// The security rules, as far as the protocol leans on them.
    pub(super) fn check(
        &self,
        write: &Write,
        after: &BTreeMap<&str, &Fields>,
        time_us: u64,
    ) -> Result<(), Refusal> {
        let denied = (403, "PERMISSION_DENIED");
        let allow = |holds: bool| if holds { Ok(()) } else { Err(denied) };
        let parts: Vec<&str> = write.path.split('/').collect();
        let (space, below) = (parts[1], parts.get(2..).unwrap_or_default().join("/"));
        let new = &write.fields;
        let old = write.before.as_ref().map(|doc| &*doc.fields);
        if below.is_empty() {
            return allow(is_head(new, time_us) && old.is_none_or(|old| follows(old, new)));
        }
        if let (Some(refusal), false) = (self.poison.get(&below), write.is_bump) {
            return Err(*refusal);
        }
        let head = after.get(format!("users/{space}").as_str()).ok_or(denied)?;
        allow(head["at"] == json!({ "timestampValue": time_text(time_us) }))?;
        allow(new["seq"] == head["seq"] && new["c"] == head["c"])?;
        allow(!is_closed(head))?;
        if write.is_bump {
            return allow(parts.len() == 4 && parts[2] == "chats");
        }
        allow(is_record(new, time_us))?;
        if let Some(old) = old {
            allow(text(new, "h") >= text(old, "h"))?;
            allow(int(new, "v") >= int(old, "v"))?;
            let (was, is) = (body(old), body(new));
            allow(is_null(was) || is_null(is) || was == is)?;
        }
        match parts.get(2..).unwrap_or_default() {
            ["config", _] => allow(head["cs"] == new["seq"]),
            ["chats", _] => Ok(()),
            ["chats", chat, "messages", _] => {
                let chat = after.get(format!("users/{space}/chats/{chat}").as_str());
                allow(chat.is_some_and(|chat| chat["seq"] == new["seq"]))
            }
            _ => Err(denied),
        }
    }
}

fn body(fields: &Fields) -> &Value {
    fields.get("f").map_or(&Value::Null, |f| &f["mapValue"]["fields"]["body"])
}

pub(super) fn is_closed(head: &Fields) -> bool {
    head.get("closed").is_some_and(|closed| closed["booleanValue"] == true)
}

fn is_null(value: &Value) -> bool {
    value.is_null() || value.get("nullValue").is_some()
}

fn is_head(head: &Fields, time_us: u64) -> bool {
    let letters = |text: &str| text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    let (commit, log) = (text(head, "c"), text(head, "log"));
    int(head, "seq") >= 1
        && head["at"] == json!({ "timestampValue": time_text(time_us) })
        && commit.len() == 6
        && text(head, "epoch").len() == 16
        && int(head, "cs") <= int(head, "seq")
        && letters(log)
        && log.len() <= 384
        && log.starts_with(commit)
}

fn follows(old: &Fields, new: &Fields) -> bool {
    let (was, is) = (text(old, "log"), text(new, "log"));
    let kept = was.get(..was.len().min(378)).unwrap_or_default();
    let by = int(new, "seq").saturating_sub(int(old, "seq"));
    (by == 1 || (by > 1 && int(new, "gen") == int(old, "gen") + 1))
        && !is_closed(old)
        && new["epoch"] == old["epoch"]
        && (0..=1).contains(&(int(new, "gen").wrapping_sub(int(old, "gen"))))
        && int(new, "schema") >= int(old, "schema")
        && (new["cs"] == old["cs"] || new["cs"] == new["seq"])
        && is == format!("{}{kept}", text(new, "c"))
}

fn is_record(new: &Fields, time_us: u64) -> bool {
    let keys = |name: &str| {
        let map = new.get(name).and_then(|map| map["mapValue"]["fields"].as_object());
        map.map(|map| map.keys().collect::<Vec<_>>()).unwrap_or_default()
    };
    let values = keys("f");
    let deleted = new["f"]["mapValue"]["fields"]["del"]["booleanValue"] == true;
    !values.is_empty()
        && values == keys("t")
        && int(new, "ms") <= time_us / 1000 + 300_000
        && deleted == new.get("del").is_some_and(|del| del["booleanValue"] == true)
}

/// Whether a write is over a record of a newer version of the app, by one that cannot know what it
/// means.
pub(super) fn is_too_new(write: &Write) -> Option<String> {
    let newer = int(&write.before.as_ref()?.fields, "v") > u64::from(SCHEMA);
    let ours = !write.is_bump && text(&write.fields, "dev") != STRANGER;
    (newer && ours).then(|| format!("{} of a newer version was written", write.path))
}

/// Whether a write puts an older value over a newer one, which nothing on the server forbids.
pub(super) fn went_down(write: &Write) -> Option<String> {
    fn stamps(fields: &Fields) -> Option<&Fields> {
        fields.get("t")?["mapValue"]["fields"].as_object()
    }
    let old = stamps(&write.before.as_ref()?.fields)?;
    let new = stamps(&write.fields);
    let lower = old.iter().find(|(name, stamp)| {
        new.and_then(|new| new.get(*name)).and_then(|s| s["stringValue"].as_str())
            < stamp["stringValue"].as_str()
    })?;
    Some(format!("I7: {} of {} went down on the server", lower.0, write.path))
}
