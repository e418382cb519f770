//! The architecture, enforced: who imports whom, who touches the browser, sizes, names, links.
//!
//! Every check is a function of texts, and is shown to fail when a violation is planted.
#![allow(clippy::unwrap_used)]

mod checks;
mod planted;

use std::fs;
use std::path::{Path, PathBuf};

use checks::{Complaint, File};

/// Longest file that is let through, and the length it should not pass; lines of code.
const LINES_MAX: usize = 500;
const LINES_GOOD: usize = 400;
const FUNCTION_MAX: usize = 70;
/// A component is markup for a good part.
const COMPONENT_MAX: usize = 120;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder whose names end so, with their paths from the root.
fn files(folder: &str, ends: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if path.is_dir() && !hidden {
                folders.push(path);
            } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
                found.push(read(&path));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> File {
    let name = path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/");
    File { name, text: fs::read_to_string(path).unwrap_or_default() }
}

fn sources() -> Vec<File> {
    let sources = files("src", &[".rs"]);
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

fn documents() -> Vec<File> {
    let mut documents = files("docs", &[".md"]);
    documents.extend(["README.md", "CHANGELOG.md"].map(|name| read(&root().join(name))));
    documents
}

fn nothing(complaints: Vec<Complaint>) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn imports_follow_the_arrows_only() {
    nothing(sources().iter().flat_map(checks::imports).collect());
}

#[test]
fn only_a_few_files_name_the_browser() {
    nothing(sources().iter().flat_map(checks::browser).collect());
}

#[test]
fn files_and_functions_are_short_enough_to_read() {
    let mut all = sources();
    all.extend(files("tests", &[".rs"]));
    for file in &all {
        let lines = checks::lines_of_code(file);
        if lines > LINES_GOOD {
            println!("{} has {lines} lines of code", file.name);
        }
    }
    nothing(all.iter().flat_map(|file| checks::length(file, LINES_MAX)).collect());
    let most =
        |file: &File| if file.name.starts_with("src/components") { COMPONENT_MAX } else { FUNCTION_MAX };
    nothing(sources().iter().flat_map(|file| checks::functions(file, most(file))).collect());
}

#[test]
fn nothing_is_left_to_be_done_and_names_say_what_things_are() {
    nothing(sources().iter().flat_map(checks::leftovers).collect());
    nothing(sources().iter().flat_map(checks::names).collect());
}

#[test]
fn the_version_is_written_in_one_place() {
    let cargo = read(&root().join("Cargo.toml"));
    let version = checks::version(&cargo.text).expect("Cargo.toml has a version");
    nothing(sources().iter().flat_map(|file| checks::repeats(file, &version)).collect());
}

#[test]
fn documents_only_name_files_that_exist() {
    let exists = |path: &str| root().join(path).exists();
    nothing(documents().iter().flat_map(|file| checks::links(file, exists)).collect());
    nothing(sources().iter().flat_map(|file| checks::paths_in_backticks(file, exists)).collect());
}
