use super::highlight::Kind;
use super::*;

fn text(words: &str) -> Inline {
    Inline::Text(words.to_owned())
}

fn one(markdown: &str) -> Block {
    let mut blocks = parse(markdown);
    assert_eq!(blocks.len(), 1, "{blocks:?}");
    Block::clone(&blocks.remove(0))
}

fn line(markdown: &str) -> Vec<Inline> {
    let found = one(markdown);
    let Block::Paragraph(line) = found else { panic!("no paragraph: {found:?}") };
    line
}

fn formulas(markdown: &str) -> Vec<String> {
    line(markdown)
        .into_iter()
        .filter_map(
            |piece| if let Inline::Formula(formula) = piece { Some(formula.latex.to_string()) } else { None },
        )
        .collect()
}

#[test]
fn lists_tables_and_tasks() {
    let Block::List(None, items) = one("- [x] done\n- [ ] open\n  - [x] inner\n- plain") else { panic!() };
    let done: Vec<_> = items.iter().map(|item| item.done).collect();
    assert_eq!(done, [Some(true), Some(false), None]);
    let Some(Block::List(None, inner)) = items[1].blocks.get(1) else { panic!("{items:?}") };
    assert_eq!(inner[0].done, Some(true));
    let Block::List(None, loose) = one("- [x] a\n\n- b") else { panic!() };
    assert_eq!((loose[0].done, loose[1].done), (Some(true), None));
    let Block::List(Some(3), _) = one("3. three\n4. four") else { panic!() };

    let Block::Table { aligns, head, rows } =
        one("| a | b | c |\n|:--|:-:|--:|\n| 1<br>2 | `x|` | \\(|y|\\) |")
    else {
        panic!()
    };
    assert_eq!(aligns, [Align::Start, Align::Center, Align::End]);
    assert_eq!(head[0], [text("a")]);
    assert_eq!(rows[0][0], [text("1"), Inline::Break, text("2")]);
}

#[test]
fn html_is_text() {
    assert_eq!(one("<script>alert(1)</script>"), Block::Html("<script>alert(1)</script>".into()));
    assert_eq!(line("a <b onclick=x>c</b>"), [text("a <b onclick=x>c</b>")]);
    let Block::Html(shown) = one("<div>\n$x$\n</div>") else { panic!() };
    assert_eq!(shown, "<div>\n$x$\n</div>");
}

#[test]
fn only_safe_addresses_are_links() {
    for bad in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#10;script:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "/relative",
        "#/settings",
        "http:",
        "https:///",
    ] {
        assert_eq!(line(&format!("[word](<{bad}>)")), [text("word")], "{bad}");
        assert_eq!(line(&format!("![word](<{bad}>)")), [text("word")], "{bad}");
        let auto = parse(&format!("<{bad}>"));
        assert!(!format!("{auto:?}").contains("Link("), "{auto:?}");
    }
    for good in ["https://a.example/x?y=1#z", "HTTP://a.example", "mailto:a@b.example"] {
        assert_eq!(line(&format!("[word]({good})")), [Inline::Link(good.into(), vec![text("word")])]);
    }
    assert_eq!(
        line("![alt *x*](https://p.example/a.png)"),
        [Inline::Image { url: "https://p.example/a.png".into(), alt: "alt x".into() }]
    );
    assert_eq!(line("![alt](mailto:a@b.example)"), [text("alt")]);
    assert_eq!(host("https://user:pass@real.example:8080/a@b"), Some("real.example:8080"));
    assert_eq!(host("https://real.example\\@other.example"), Some("real.example"));
}

#[test]
fn bare_addresses_are_links() {
    let links = |markdown: &str| -> Vec<String> {
        line(markdown)
            .into_iter()
            .filter_map(|piece| if let Inline::Link(address, _) = piece { Some(address) } else { None })
            .collect()
    };
    assert_eq!(
        links("see https://a.example/x_y_z, or (http://b.example/(c)). www.d.example!"),
        ["https://a.example/x_y_z", "http://b.example/(c)", "https://www.d.example"]
    );
    assert_eq!(links("mail a.b+c@d.example. not @name or a@b"), ["mailto:a.b+c@d.example"]);
    assert_eq!(links("foo.rs a::b http:// https://. xwww.y 3.14 xhttps://a.b"), Vec::<String>::new());
    assert_eq!(links("`https://a.example`"), Vec::<String>::new());
    assert_eq!(
        line("[https://a.example](https://b.example)"),
        [Inline::Link("https://b.example".into(), vec![text("https://a.example")])]
    );
}

#[test]
fn formulas_are_found() {
    assert_eq!(formulas("so $a_1 * b_1 * c$ and \\(x_*y_*\\)"), ["a_1 * b_1 * c", "x_*y_*"]);
    assert_eq!(formulas("**$x$**, ($y$): \\[z\\]"), ["y", "z"]);
    assert_eq!(formulas("$$\na\n= b\n$$"), ["\na\n= b\n"]);
    assert_eq!(formulas("$20$ of $n$"), ["20", "n"]);
    let Block::Quote(None, quoted) = one("> \\[\n> a\n> \\]") else { panic!() };
    let Block::Paragraph(quoted) = &quoted[0] else { panic!("{quoted:?}") };
    let Inline::Formula(formula) = &quoted[0] else { panic!("{quoted:?}") };
    assert_eq!(&*formula.latex, "\na\n");
}

#[test]
fn prices_and_variables_of_a_shell_are_text() {
    for plain in [
        "$5 and $10",
        "from $5 to $10, or US$20–US$30",
        "between $5-$10",
        "$5/month, 10$/month",
        "$5 (or 5$)",
        "$1,000 and then $x and $y",
        "costs $5.\n\nAnd $6$7",
        "set $HOME and $PATH or $HOME/$USER",
        "\\$a\\$ and \\\\(a\\\\)",
        "a$b$c",
        "$ x $",
    ] {
        let shown = format!("{:?}", parse(plain));
        assert!(!shown.contains("Formula"), "{plain}: {shown}");
    }
}

#[test]
fn formulas_in_code_are_code() {
    assert_eq!(line("`$x$ \\(y\\)`"), [Inline::Code("$x$ \\(y\\)".into())]);
    let Block::Code { text, language } = one("```LaTeX\n\\[\nx\n\\]\n```") else { panic!() };
    assert_eq!((&*text, &*language), ("\\[\nx\n\\]", "latex"));
}

#[test]
fn code_is_kept_as_written_also_when_it_is_not_complete() {
    let Block::Code { text, language } = one("```rust,ignore\n  let a = \"<b>\";\n\n") else { panic!() };
    assert_eq!((&*text, &*language), ("  let a = \"<b>\";\n", "rust"));
    let Block::Code { text, .. } = one("````\n```\n````") else { panic!() };
    assert_eq!(&*text, "```");
}

#[test]
fn footnotes_are_numbered_and_stand_at_the_end() {
    let blocks = parse("One[^a] two[^b].\n\n[^b]: Second\n\n[^a]: First\n\nMore.");
    let Some(Block::Notes(notes)) = blocks.last().map(|block| &**block) else { panic!("{blocks:?}") };
    assert_eq!(notes.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(notes[0].1, [Block::Paragraph(vec![text("First")])]);
}

#[test]
fn mathml_is_made_of_known_elements_or_nothing() {
    let shown = |latex: &str| format!("{:?}", mathml::read(latex, true));
    for good in [
        "\\frac{a}{b}",
        "\\sum_{i=1}^{n} i^2 = \\frac{n(n+1)(2n+1)}{6}",
        "a < b > c & d".split(" &").next().unwrap(),
        "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
        "\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}",
        "\\left( \\int_0^\\infty e^{-x^2}\\,dx \\right)",
        "\\text{if } x \\in \\mathbb{R}",
        "\\color{red} x",
        "\\boxed{x} \\tag{1}",
        "a \\label{eq:x} \\nonumber",
        "x \\! y \\quad z",
        "\\begin{cases} 1 & x > 0 \\\\[2pt] 0 & x \\le 0 \\end{cases}",
        "\\begin{array}{c|c} a & b \\\\ \\hline c & d \\end{array}",
        "\\bigl( x \\bigr)",
        "\\sqrt[3]{x}",
        "\\vec{v} \\cdot \\hat{n}",
        "\\Space{1em}{1em}{0em}",
        "\\operatorname{argmax}_x",
    ] {
        let got = shown(good);
        println!("{good}: {got}");
        assert!(got.starts_with("Some"), "{good}");
        assert!(!got.contains("style\"") && !got.contains("<") || good.contains('<'), "{good}: {got}");
    }
    assert!(mathml::read(&"x_1^2 + ".repeat(100), true).is_some(), "long is not deep");
    for bad in [
        "\\color{#漢漢} x",
        "\\frac{a}",
        "\\nonsense",
        "{",
        "\\left( x",
        &"{".repeat(5_000),
        &"\\sqrt".repeat(700),
    ] {
        assert_eq!(shown(bad), "None", "{bad}");
    }
    assert!(shown("\\text{<img src=x onerror=alert(1)>}").contains("Text(\"<img src=x onerror=alert(1)>\")"));
}

#[test]
fn tokens_say_what_is_there() {
    let seen = |code: &str, language: &str| -> Vec<(Kind, String)> {
        let mut at = 0;
        highlight::tokens(code, language)
            .into_iter()
            .map(|(kind, len)| {
                at += len;
                (kind, code[at - len..at].to_owned())
            })
            .filter(|(kind, _)| *kind != Kind::Plain)
            .collect()
    };
    let is = |kind: Kind, word: &str| (kind, word.to_owned());
    assert_eq!(
        seen("let x: &'a str = \"if\"; // fn", "rust"),
        [
            is(Kind::Keyword, "let"),
            is(Kind::Keyword, "str"),
            is(Kind::Text, "\"if\""),
            is(Kind::Comment, "// fn")
        ]
    );
    assert_eq!(seen("'\\n' 'x'", "rs").len(), 2);
    assert_eq!(
        seen("def f(x):\n  \"\"\"a\n# b\"\"\"\n  return 1.5 # c", "python"),
        [
            is(Kind::Keyword, "def"),
            is(Kind::Name, "f"),
            is(Kind::Text, "\"\"\"a\n# b\"\"\""),
            is(Kind::Keyword, "return"),
            is(Kind::Number, "1.5"),
            is(Kind::Comment, "# c")
        ]
    );
    assert_eq!(
        seen("{\"a\": \"b\", \"n\": null}", "json"),
        [is(Kind::Name, "\"a\""), is(Kind::Text, "\"b\""), is(Kind::Name, "\"n\""), is(Kind::Number, "null")]
    );
    assert_eq!(
        seen("<a href=\"x\">y</a>", "html"),
        [is(Kind::Keyword, "a"), is(Kind::Name, "href"), is(Kind::Text, "\"x\""), is(Kind::Keyword, "a")]
    );
    assert_eq!(seen("SELECT 'it''s' -- x", "sql").first(), Some(&is(Kind::Keyword, "SELECT")));
    assert_eq!(seen("don't # no", "bash").last(), Some(&is(Kind::Comment, "# no")));
    assert_eq!(highlight::tokens("x", "klingon"), [(Kind::Plain, 1)]);
}

#[test]
fn plain_text_has_no_marks() {
    let said = plain(
        "# Title\n\nSome **bold** [link](https://a.example), $x^2$.\n\n- [x] one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    );
    assert_eq!(said, "Title\nSome bold link, x^2.\nDone: one\ntwo\na, b, \n1, 2,");
}

#[test]
fn every_byte_is_in_a_block_also_while_the_text_grows() {
    let text = "One $x$.\n\n- a\n- b\n\n```\ncode\n\n```\n\nLast[^1].\n\n[^1]: Note.";
    let places = |growing: &Growing| (0..text.len()).map(|byte| growing.place(byte)).collect::<Vec<_>>();
    let mut whole = Growing::default();
    let blocks = whole.read(text).len();
    let place = |words: &str| whole.place(text.find(words).unwrap());
    assert_eq!(["One", "- a", "- b", "```", "code", "Last"].map(place), [0, 1, 1, 2, 2, 3]);
    assert_eq!((whole.place(0), whole.place(text.len()), blocks), (0, 4, 5));
    let mut growing = Growing::default();
    for end in (0..=text.len()).step_by(3) {
        growing.read(&text[..end]);
    }
    growing.read(text);
    assert_eq!(places(&growing), places(&whole));
    assert_eq!(Growing::default().place(7), 0);
}
