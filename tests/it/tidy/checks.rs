//! The checks: from a file to what is wrong with it.

/// What is wrong, with the file and the line.
pub(super) type Complaint = String;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct File {
    /// From the root, with slashes.
    pub(super) name: String,
    pub(super) text: String,
}

/// Which module may import which; `docs/ARCHITECTURE.md` draws it.
const ARROWS: [(&str, &[&str]); 8] = [
    ("sync", &[]),
    ("chat", &["sync"]),
    ("providers", &["chat"]),
    ("firestore", &["sync"]),
    ("store", &["sync"]),
    ("session", &["sync", "chat", "providers", "firestore", "store"]),
    ("contexts", &["sync", "chat", "session"]),
    ("components", &["sync", "chat", "session", "contexts"]),
];

/// What those who show things may take from further down: plain values, never the machinery.
const PLAIN: [(&str, &[&str]); 2] = [
    (
        "sync",
        &[
            "Allowance",
            "Attention",
            "ChatScope",
            "FREE_A_DAY",
            "Id",
            "Key",
            "LogLine",
            "Role",
            "Status",
            "SyncHealth",
            "Usage",
            "Waiting",
        ],
    ),
    (
        "session",
        &[
            "ConfigSource",
            "DeviceSeen",
            "Diagnostics",
            "Erasing",
            "Joining",
            "LiveReply",
            "Mark",
            "OlderText",
            "Place",
            "Preview",
            "ProbeReport",
            "Refused",
            "SyncView",
            "ThisSession",
            "Toast",
            "ToastKind",
            "TranscriptView",
        ],
    ),
];

/// The root component opens the session and hands it to the contexts.
const ROOT: &str = "src/components/app.rs";

const BROWSER: [&str; 8] =
    ["web_sys", "js_sys", "gloo", "idb", "wasm_bindgen", "wasm_bindgen_futures", "yew", "lucide_yew"];

const MAY_TOUCH_THE_BROWSER: [&str; 11] = [
    "src/main.rs",
    "src/components.rs",
    "src/components/",
    "src/contexts.rs",
    "src/contexts/",
    "src/session.rs",
    "src/session/",
    "src/store/",
    "src/providers/http.rs",
    "src/firestore/client.rs",
    "src/lib.rs",
];

const NOT_EVEN_IN_THE_STORE: [&str; 3] = ["src/store/memory.rs", "src/store/mirror.rs", "src/store/error.rs"];

fn at(file: &File, line: usize, what: &str) -> Complaint {
    format!("{}:{}: {what}", file.name, line + 1)
}

/// The lines with their numbers, without what follows `//`.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text.lines().enumerate().map(|(number, line)| {
        // an address in a text is no comment
        let comment =
            line.match_indices("//").find(|(at, _)| !line.get(..*at).is_some_and(|l| l.ends_with(':')));
        (number, comment.map_or(line, |(at, _)| line.get(..at).unwrap_or_default()))
    })
}

/// The first-level module a source file belongs to.
fn module(file: &File) -> Option<&str> {
    let path = file.name.strip_prefix("src/")?;
    path.split('/').next()?.split('.').next()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter| !is_word(letter)).filter(|word| !word.is_empty())
}

/// The paths that follow `crate::` in a file, braces taken apart: `sync::Id`, `sync::Key` …
fn paths(file: &File) -> Vec<(usize, String)> {
    let joined: Vec<(usize, &str)> = code(file).collect();
    let mut found = Vec::new();
    for (nth, (number, line)) in joined.iter().enumerate() {
        for (start, _) in line.match_indices("crate::") {
            let mut rest = line.get(start + 7..).unwrap_or_default().to_owned();
            // a list in braces may go on over the next lines
            let mut next = nth + 1;
            while rest.contains('{') && rest.matches('{').count() > rest.matches('}').count() {
                let Some((_, more)) = joined.get(next) else { break };
                rest.push_str(more.trim());
                next += 1;
            }
            found.extend(expand(&rest).into_iter().map(|path| (*number, path)));
        }
    }
    found
}

/// `sync::{Id, Key}` → `sync::Id`, `sync::Key`; only the first list is taken apart.
fn expand(text: &str) -> Vec<String> {
    let end = text.find(|letter| !is_word(letter) && letter != ':').unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
    match list {
        Some(list) => {
            let items = list.split(',').map(str::trim).filter(|item| !item.is_empty());
            items.map(|item| format!("{path}{item}")).collect()
        }
        None => vec![path.to_owned()],
    }
}

pub(super) fn imports(file: &File) -> Vec<Complaint> {
    let Some(module) = module(file) else { return Vec::new() };
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else { return Vec::new() };
    let mut complaints = Vec::new();
    for (line, path) in paths(file) {
        let mut parts = path.split("::");
        let (target, item) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let known = ARROWS.iter().any(|(name, _)| *name == target);
        if known && target != module && !allowed.contains(&target) {
            complaints.push(at(file, line, &format!("{module} must not import {target}")));
        }
        let plain = PLAIN.iter().find(|(name, _)| *name == target).map(|(_, items)| *items);
        let shows = module == "components" || (module == "contexts" && target == "sync");
        if let Some(plain) = plain
            && shows
            && !plain.contains(&item)
            && (file.name.as_str(), item) != (ROOT, "Session")
        {
            complaints.push(at(
                file,
                line,
                &format!("{module} may only take plain values from {target}, not {item}"),
            ));
        }
    }
    complaints
}

pub(super) fn browser(file: &File) -> Vec<Complaint> {
    let may =
        |allowed: &str| file.name == allowed || (allowed.ends_with('/') && file.name.starts_with(allowed));
    let allowed = MAY_TOUCH_THE_BROWSER.iter().any(|path| may(path));
    if allowed && !NOT_EVEN_IN_THE_STORE.contains(&file.name.as_str()) {
        return Vec::new();
    }
    let named = |word: &&str| BROWSER.contains(word) || word.starts_with("gloo_");
    code(file)
        .filter_map(|(line, text)| {
            Some(at(file, line, &format!("names {}", words(text).find(|w| named(w))?)))
        })
        .collect()
}

pub(super) fn lines_of_code(file: &File) -> usize {
    code(file).filter(|(_, line)| !line.trim().is_empty()).count()
}

pub(super) fn length(file: &File, most: usize) -> Vec<Complaint> {
    let lines = lines_of_code(file);
    let mut complaints = Vec::new();
    if lines > most {
        complaints.push(format!("{}: {lines} lines of code, at most {most}", file.name));
    }
    if file.name.ends_with("/mod.rs") {
        complaints.push(format!("{}: name it after its folder, beside it", file.name));
    }
    complaints
}

/// Functions longer than `most` lines, as the formatter lays them out.
pub(super) fn functions(file: &File, most: usize) -> Vec<Complaint> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut complaints = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent: String = line.chars().take_while(|letter| *letter == ' ').collect();
        let is_function =
            words(line).take(4).any(|word| word == "fn") && !line.trim_start().starts_with("//");
        if !is_function {
            continue;
        }
        let end = format!("{indent}}}");
        let length = lines.iter().skip(start).position(|line| **line == end).map_or(0, |at| at + 1);
        let one_line = line.trim_end().ends_with('}') || line.trim_end().ends_with(';');
        if !one_line && length > most {
            complaints.push(at(file, start, &format!("a function of {length} lines, at most {most}")));
        }
    }
    complaints
}

/// Notes about work that was left for later.
pub(super) fn leftovers(file: &File) -> Vec<Complaint> {
    const NOTES: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(line, text)| {
            let note = words(text).find(|word| NOTES.contains(word))?;
            Some(at(file, line, &format!("{note}: do it or drop it")))
        })
        .collect()
}

/// Names that say nothing.
pub(super) fn names(file: &File) -> Vec<Complaint> {
    const EMPTY: [&str; 4] = ["Manager", "Helper", "Helpers", "Utils"];
    let mut complaints = Vec::new();
    for (line, text) in code(file) {
        let mut words = words(text);
        while let Some(word) = words.next() {
            let defines = ["struct", "enum", "trait", "type", "mod"].contains(&word);
            let name = if defines { words.next() } else { None };
            let bad = |name: &&str| {
                EMPTY.iter().any(|empty| name.ends_with(empty)) || ["utils", "util", "helpers"].contains(name)
            };
            if let Some(name) = name.filter(bad) {
                complaints.push(at(file, line, &format!("{name} says nothing about what it is")));
            }
        }
    }
    complaints
}

pub(super) fn version(cargo_toml: &str) -> Option<String> {
    let line = cargo_toml.lines().find_map(|line| line.strip_prefix("version = \""))?;
    line.strip_suffix('"').map(ToOwned::to_owned)
}

pub(super) fn repeats(file: &File, version: &str) -> Vec<Complaint> {
    let lines = file.text.lines().enumerate().filter(|(_, line)| line.contains(version));
    lines.map(|(line, _)| at(file, line, "repeats the version: use CARGO_PKG_VERSION")).collect()
}

/// Links and paths of a document that lead nowhere.
pub(super) fn links(file: &File, exists: impl Fn(&str) -> bool) -> Vec<Complaint> {
    let mut complaints = paths_in_backticks(file, &exists);
    let folder = file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
    for (line, text) in file.text.lines().enumerate() {
        for (start, _) in text.match_indices("](") {
            let rest = text.get(start + 2..).unwrap_or_default();
            let target = rest.split([')', '#', ' ']).next().unwrap_or_default();
            let elsewhere = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !elsewhere && !exists(&resolve(folder, target)) {
                complaints.push(at(file, line, &format!("links to {target}, which does not exist")));
            }
        }
    }
    complaints
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `src/…`, `tests/…`, `docs/…`, `scripts/…` in backticks must exist, unless they stand for many.
pub(super) fn paths_in_backticks(file: &File, exists: impl Fn(&str) -> bool) -> Vec<Complaint> {
    const FOLDERS: [&str; 5] = ["src/", "tests/", "docs/", "scripts/", "assets/"];
    let mut complaints = Vec::new();
    for (line, text) in file.text.lines().enumerate() {
        for quoted in text.split('`').skip(1).step_by(2) {
            let path = quoted.split(' ').next().unwrap_or_default();
            let is_path = FOLDERS.iter().any(|folder| path.starts_with(folder))
                && path.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
            if is_path && !exists(path) {
                complaints.push(at(file, line, &format!("names {path}, which does not exist")));
            }
        }
    }
    complaints
}
