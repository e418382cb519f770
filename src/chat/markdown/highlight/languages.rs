//! What is known of each language.

/// How the text of a language is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Words, texts and comments.
    Words,
    /// Elements with attributes.
    Markup,
    /// Lines that were added and removed.
    Diff,
}

pub(super) struct Language {
    /// As people write it.
    pub(super) name: &'static str,
    /// What is written behind a fence, between spaces.
    tags: &'static str,
    pub(super) family: Family,
    pub(super) line_comments: &'static [&'static str],
    pub(super) block_comment: Option<(&'static str, &'static str)>,
    /// What texts begin and end with; three in a row stand for long ones.
    pub(super) quotes: &'static str,
    /// Between spaces.
    keywords: &'static str,
    ignores_case: bool,
    /// `'a` is no text.
    pub(super) has_lifetimes: bool,
    /// What stands before a colon is a key.
    pub(super) has_keys: bool,
    /// Names have dashes in them.
    pub(super) has_dashes: bool,
}

impl Language {
    pub(super) fn is_keyword(&self, word: &str) -> bool {
        let mut words = self.keywords.split(' ');
        if self.ignores_case {
            words.any(|known| known.eq_ignore_ascii_case(word))
        } else {
            words.any(|known| known == word)
        }
    }
}

/// Values that many languages name.
pub(super) const VALUES: [&str; 12] = [
    "true",
    "false",
    "null",
    "None",
    "True",
    "False",
    "nil",
    "undefined",
    "NULL",
    "nullptr",
    "NaN",
    "Infinity",
];

pub(super) fn find(tag: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.tags.split(' ').any(|known| known == tag))
}

const WORDS: Language = Language {
    name: "",
    tags: "",
    family: Family::Words,
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: "\"'",
    keywords: "",
    ignores_case: false,
    has_lifetimes: false,
    has_keys: false,
    has_dashes: false,
};

const SCRIPT: Language = Language { line_comments: &["#"], block_comment: None, ..WORDS };

const C: &str = "auto break case char const continue default do double else enum extern float for goto if inline int long \
register return short signed sizeof static struct switch typedef union unsigned void volatile while bool";
const JS: &str = "as async await break case catch class const continue debugger default delete do else export extends \
finally for from function get if import in instanceof let new of return set static super switch this throw try typeof var \
void while with yield abstract any boolean declare enum implements interface keyof namespace never number private protected \
public readonly string type unknown satisfies";

const LANGUAGES: &[Language] = &[
    Language {
        name: "JavaScript",
        tags: "javascript js jsx mjs cjs node",
        quotes: "\"'`",
        keywords: JS,
        ..WORDS
    },
    Language { name: "TypeScript", tags: "typescript ts tsx mts", quotes: "\"'`", keywords: JS, ..WORDS },
    Language {
        name: "Python",
        tags: "python py python3 ipython pycon",
        quotes: "\"\"\"'''",
        keywords: "and as assert async await break case class continue def del elif else except finally for from global if \
import in is lambda match nonlocal not or pass raise return self try while with yield",
        ..SCRIPT
    },
    Language {
        name: "Rust",
        tags: "rust rs",
        keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move \
mut pub ref return self Self static struct super trait type unsafe use where while bool char str u8 u16 u32 u64 u128 usize \
i8 i16 i32 i64 i128 isize f32 f64 String Vec Option Result Box",
        has_lifetimes: true,
        ..WORDS
    },
    Language {
        name: "Shell",
        tags: "bash sh shell zsh fish console terminal shellscript",
        keywords: "if then else elif fi for in do done while until case esac function return local export readonly set unset \
source alias cd echo exit sudo apt npm pip git docker cargo curl mkdir rm cp mv cat grep sed awk chmod",
        has_dashes: true,
        ..SCRIPT
    },
    Language { name: "JSON", tags: "json json5 jsonc jsonl", quotes: "\"", has_keys: true, ..WORDS },
    Language { name: "YAML", tags: "yaml yml", has_keys: true, has_dashes: true, ..SCRIPT },
    Language {
        name: "TOML",
        tags: "toml ini cfg conf properties env dotenv",
        line_comments: &["#", ";"],
        has_dashes: true,
        ..SCRIPT
    },
    Language {
        name: "SQL",
        tags: "sql mysql postgresql postgres sqlite plsql tsql",
        line_comments: &["--"],
        ignores_case: true,
        keywords: "add all alter and as asc between by case check column constraint create cross database default delete \
desc distinct drop else end exists foreign from full group having if in index inner insert integer into is join key left \
like limit not null on or order outer primary references returning right select set table text then union unique update \
using values varchar view when where with",
        ..WORDS
    },
    Language { name: "C", tags: "c h", keywords: C, ..WORDS },
    Language {
        name: "C++",
        tags: "cpp c++ cc cxx hpp arduino",
        keywords: "auto break case catch char class const constexpr continue default delete do double else enum explicit \
extern float for friend if inline int long namespace new noexcept operator override private protected public return short \
signed sizeof static std struct switch template this throw try typedef typename union unsigned using virtual void volatile \
while bool",
        ..WORDS
    },
    Language {
        name: "C#",
        tags: "csharp cs c# dotnet",
        keywords: "abstract as async await base bool break byte case catch char class const continue decimal default do \
double else enum event explicit finally fixed float for foreach get if implicit in int interface internal is lock long \
namespace new object operator out override params private protected public readonly record ref return sealed set short \
sizeof static string struct switch this throw try typeof uint ulong unsafe using var virtual void where while yield",
        ..WORDS
    },
    Language {
        name: "Java",
        tags: "java",
        quotes: "\"\"\"'",
        keywords: "abstract assert boolean break byte case catch char class const continue default do double else enum \
extends final finally float for if implements import instanceof int interface long native new package private protected \
public record return sealed short static super switch synchronized this throw throws transient try var void volatile while",
        ..WORDS
    },
    Language {
        name: "Kotlin",
        tags: "kotlin kt kts",
        quotes: "\"\"\"'",
        keywords: "abstract as break by class companion const constructor continue data do else enum false final for fun if \
import in init inline interface internal is it lateinit object open override package private protected public return sealed \
super suspend this throw try typealias val var when where while",
        ..WORDS
    },
    Language {
        name: "Swift",
        tags: "swift",
        quotes: "\"\"\"",
        keywords: "actor as async await break case catch class continue default defer do else enum extension fallthrough \
fileprivate for func guard if import in init inout internal is let mutating open operator override private protocol public \
repeat return self Self some static struct subscript super switch throw throws try typealias var where while",
        ..WORDS
    },
    Language {
        name: "Go",
        tags: "go golang",
        quotes: "\"'`",
        keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map \
package range return select struct switch type var any bool byte error float32 float64 int int32 int64 rune string uint",
        ..WORDS
    },
    Language {
        name: "PHP",
        tags: "php",
        line_comments: &["//", "#"],
        keywords: "abstract and array as break case catch class clone const continue declare default do echo else elseif \
empty enum extends final finally fn for foreach function global if implements include instanceof interface isset list match \
namespace new or print private protected public readonly require return static switch this throw trait try use var while yield",
        ..WORDS
    },
    Language {
        name: "Ruby",
        tags: "ruby rb",
        keywords: "alias and begin break case class def defined do else elsif end ensure for if in module next not or puts \
raise redo require rescue retry return self super then undef unless until when while yield",
        ..SCRIPT
    },
    Language {
        name: "CSS",
        tags: "css scss sass less",
        keywords: "important",
        has_keys: true,
        has_dashes: true,
        ..WORDS
    },
    Language {
        name: "Lua",
        tags: "lua",
        line_comments: &["--"],
        block_comment: None,
        keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
        ..WORDS
    },
    Language {
        name: "Haskell",
        tags: "haskell hs elm",
        line_comments: &["--"],
        block_comment: Some(("{-", "-}")),
        quotes: "\"",
        keywords: "case class data deriving do else if import in infix infixl infixr instance let module newtype of then \
type where",
        ..WORDS
    },
    Language {
        name: "R",
        tags: "r rscript",
        keywords: "break else for function if in library next repeat require return while TRUE FALSE NA",
        ..SCRIPT
    },
    Language {
        name: "Dart",
        tags: "dart",
        keywords: "abstract as async await break case catch class const continue default do dynamic else enum extends final \
finally for get if implements import in is late library mixin new required return set static super switch this throw try \
typedef var void while with yield int double String bool List Map",
        ..WORDS
    },
    Language {
        name: "Elixir",
        tags: "elixir ex exs",
        quotes: "\"\"\"",
        keywords: "after alias and case catch cond def defmodule defp defstruct do else end fn for if import in not or quote \
raise receive require rescue try unless use when with",
        ..SCRIPT
    },
    Language {
        name: "PowerShell",
        tags: "powershell ps1 pwsh",
        block_comment: Some(("<#", "#>")),
        ignores_case: true,
        has_dashes: true,
        keywords: "begin break catch class continue do else elseif end exit finally for foreach function if in param process \
return switch throw trap try until while",
        ..SCRIPT
    },
    Language {
        name: "Dockerfile",
        tags: "dockerfile docker",
        keywords: "FROM RUN CMD COPY ADD ENV ARG EXPOSE WORKDIR ENTRYPOINT USER VOLUME LABEL AS HEALTHCHECK",
        has_dashes: true,
        ..SCRIPT
    },
    Language {
        name: "Makefile",
        tags: "makefile make mk cmake",
        keywords: "ifeq ifneq ifdef else endif include define endef export",
        ..SCRIPT
    },
    Language { name: "HTML", tags: "html htm vue svelte astro", family: Family::Markup, ..WORDS },
    Language { name: "XML", tags: "xml svg xhtml rss plist", family: Family::Markup, ..WORDS },
    Language { name: "Diff", tags: "diff patch", family: Family::Diff, ..WORDS },
];
