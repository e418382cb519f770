//! Texts nobody would write, for the reading of Markdown: no panic, nothing lost, nothing unsafe, and a text that
//! grows gives what the whole gives.
//!
//! `SEEDS=n` how many (from `FIRST`), `SEED=n` one again.

use fastrand::Rng;
use muse_chat::chat::markdown::{Block, Growing, Inline, highlight, host, mathml, parse};

const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    "\n",
    "\n\n",
    " ",
    "  ",
    "    ",
    "\t",
    "word",
    "two words",
    "# ",
    "## ",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "12) ",
    "> ",
    ">",
    "```",
    "```rust\n",
    "~~~",
    "`",
    "``",
    "**",
    "*",
    "_",
    "__",
    "~~",
    "~",
    "[",
    "]",
    "](",
    ")",
    "(",
    "![",
    "[^1]",
    "[^1]: ",
    "[a]: https://a.example\n",
    "[a]",
    "]:",
    "[x] ",
    "- [ ] ",
    "|",
    "| a | b |\n",
    "|---|---|\n",
    "---",
    "===\n",
    "***\n",
    "<",
    ">",
    "<b>",
    "</b>",
    "<br>",
    "<div>\n",
    "</div>\n",
    "<script>",
    "<!--",
    "-->",
    "<?",
    "&lt;",
    "&#0;",
    "&amp;",
    "\\",
    "\\\\",
    "\\(",
    "\\)",
    "\\[",
    "\\]",
    "$",
    "$$",
    "$x$",
    "$5",
    "$$\nx\n$$",
    "\\frac{a}{b}",
    "^2",
    "_1",
    "{",
    "}",
    "http://",
    "https://a.example/b",
    "www.a.example",
    "javascript:alert(1)",
    "mailto:",
    "a@b.example",
    "\u{f8f0}0\u{f8f1}",
    "\u{f8f0}",
    "é",
    "漢字",
    "\u{1f469}\u{200d}\u{1f52c}",
    "\u{202e}",
    "\0",
    "\r\n",
    "\r",
    "{.x}",
    "::",
    ":",
    "1",
    "let x = 'a';",
    "\"",
    "'",
    "/*",
    "*/",
    "//",
    "#!",
    "[!NOTE]",
    "> [!TIP]\n",
];

const LATEX: &[&str] = &[
    "{",
    "}",
    "\\frac",
    "\\sqrt",
    "[",
    "]",
    "^",
    "_",
    "x",
    "1",
    "+",
    "=",
    "<",
    "&",
    "\\\\",
    "\\left(",
    "\\right)",
    "\\left",
    "\\right",
    "\\begin{pmatrix}",
    "\\end{pmatrix}",
    "\\begin{aligned}",
    "\\end{aligned}",
    "\\begin{array}{c|c}",
    "\\end{array}",
    "\\hline",
    "\\begin{cases}",
    "\\end{cases}",
    "\\text{a <b> & c}",
    "\\sum",
    "\\int",
    "\\limits",
    "\\not",
    "\\color{red}",
    "\\mathbb{R}",
    "\\operatorname{f}",
    "\\overline",
    "\\underbrace",
    "\\hat",
    "\\vec",
    "\\,",
    "\\!",
    "\\quad",
    "\\hspace{-1em}",
    "\\\\[2pt]",
    "\\def\\a{b}",
    "\\a",
    "'",
    "%",
    "#1",
    "\\big",
    "\\boxed",
    "\\rule{1em}{1em}",
    "\\tag{1}",
    "\\substack{a\\\\b}",
    "\\sin",
    "\\dots",
    " ",
    "é",
    "\\newcommand",
    "#漢漢",
    "\\color{",
    "漢",
    "0",
    "\\textcolor{#12345é}",
    "\\boxed{",
    "\\tag{",
    "\\label{",
    "\\char",
    "\\mathchoice",
    "\\above",
    "\\over",
    "\\begin{align}",
    "\\end{align}",
    "\\begin",
    "\\end",
    "\\mathrm",
    "\\bf",
    "\\displaystyle",
    "\\Space{1em}{1em}{1em}",
    "\\phantom",
    "\\stackrel",
];

fn seeds(most: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(one) = number("SEED") {
        return one..one + 1;
    }
    let first = number("FIRST").unwrap_or(0);
    first..first + number("SEEDS").unwrap_or(most)
}

fn text(random: &mut Rng, pieces: &[&str], most: usize) -> String {
    (0..random.usize(1..most)).map(|_| pieces[random.usize(..pieces.len())]).collect()
}

fn check_line(line: &[Inline], depth: usize) {
    assert!(depth < 100, "too deep");
    for piece in line {
        match piece {
            Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Strike(inner) => {
                check_line(inner, depth + 1)
            }
            Inline::Link(address, inner) => {
                let small = address.to_lowercase();
                assert!(
                    ["http://", "https://", "mailto:"].iter().any(|start| small.starts_with(start)),
                    "{address}"
                );
                check_line(inner, depth + 1);
            }
            Inline::Image { url, .. } => assert!(host(url).is_some(), "{url}"),
            Inline::Formula(formula) => {
                assert!(!formula.latex.trim().is_empty() && formula.source.len() > formula.latex.len())
            }
            Inline::Text(_) | Inline::Code(_) | Inline::Break | Inline::Note(_) => {}
        }
    }
}

fn check(block: &Block, depth: usize) {
    assert!(depth < 100, "too deep");
    let all = |blocks: &[Block]| blocks.iter().for_each(|block| check(block, depth + 1));
    match block {
        Block::Paragraph(line) | Block::Plain(line) | Block::Heading(_, line) => check_line(line, depth),
        Block::Quote(_, blocks) => all(blocks),
        Block::List(_, items) => items.iter().for_each(|item| all(&item.blocks)),
        Block::Table { head, rows, .. } => {
            head.iter().chain(rows.iter().flatten()).for_each(|cell| check_line(cell, depth));
        }
        Block::Notes(notes) => notes.iter().for_each(|(_, blocks)| all(blocks)),
        Block::Code { .. } | Block::Html(_) | Block::Rule => {}
    }
}

#[test]
fn any_text_can_be_read_and_a_growing_one_gives_what_the_whole_gives() {
    for seed in seeds(1_500) {
        let mut random = Rng::with_seed(seed);
        let whole = text(&mut random, PIECES, 60);
        let mut growing = Growing::default();
        let mut end = 0;
        while end < whole.len() {
            end = (end + random.usize(1..12)).min(whole.len());
            while !whole.is_char_boundary(end) {
                end += 1;
            }
            let so_far = &whole[..end];
            let expected = parse(so_far);
            let found = growing.read(so_far);
            assert!(found == expected, "seed {seed}: {so_far:?}\n{found:#?}\ninstead of\n{expected:#?}");
        }
        parse(&whole).iter().for_each(|block| check(block, 0));
    }
}

#[test]
fn deep_nesting_ends_somewhere() {
    for piece in
        ["> ", "- ", "1. ", "*", "**a ", "[", "![", "$x$ ", "<b>", "[^1]: ", "(", "\\(", "~~", "`", "_a "]
    {
        for count in [30, 500, 4_000] {
            parse(&piece.repeat(count)).iter().for_each(|block| check(block, 0));
        }
    }
    let steps: String = (0..200).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
    parse(&steps).iter().for_each(|block| check(block, 0));
}

#[test]
fn any_latex_is_read_or_refused() {
    let mut read = 0;
    for seed in seeds(10_000) {
        let mut random = Rng::with_seed(seed);
        let latex = text(&mut random, LATEX, 25);
        let found = std::panic::catch_unwind(|| mathml::read(&latex, seed % 2 == 0));
        match found {
            Ok(found) => read += usize::from(found.is_some()),
            Err(_) => panic!("seed {seed}: {latex:?}"),
        }
    }
    assert!(read > 100 || std::env::var("SEED").is_ok(), "only {read}");
}

#[test]
fn tokens_put_together_are_the_text() {
    let languages = [
        "rust",
        "python",
        "js",
        "html",
        "diff",
        "json",
        "css",
        "sql",
        "bash",
        "haskell",
        "powershell",
        "none",
    ];
    for seed in seeds(2_000) {
        let mut random = Rng::with_seed(seed);
        let code = text(&mut random, PIECES, 40);
        for language in languages {
            let mut at = 0;
            for (_, len) in highlight::tokens(&code, language) {
                at += len;
                assert!(len > 0 && code.is_char_boundary(at), "seed {seed}: {language} {code:?}");
            }
            assert_eq!(at, code.len(), "seed {seed}: {language} {code:?}");
        }
    }
}
