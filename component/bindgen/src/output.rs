//! Rust as text, laid out as one would by hand: what is generated is meant to be read.
//!
//! Text rather than tokens, since a stream of tokens has no blank lines, and no comments but attributes.

/// Longer lines are broken.
const WIDTH: usize = 120;

const INDENT: &str = "    ";

/// Some lines of Rust.
#[derive(Default)]
pub(crate) struct Output {
    text: String,
    depth: usize,
    /// How deep it will be within other text.
    margin: usize,
}

impl Output {
    /// Text that will be so deep within other text.
    pub(crate) fn within(margin: usize) -> Self {
        Self { margin, ..Self::default() }
    }

    /// Text that will be within this, one deeper.
    pub(crate) fn inner(&self) -> Self {
        Self::within(self.margin + self.depth + 1)
    }

    /// One line.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        let line = line.as_ref();
        if !line.is_empty() {
            for _ in 0..self.depth {
                self.text.push_str(INDENT);
            }
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// A blank line, unless a block or the text begins here.
    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("{\n") && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// `open`, what `body` writes, `close`.
    pub(crate) fn nest(&mut self, open: impl AsRef<str>, close: &str, body: impl FnOnce(&mut Self)) {
        self.line(open);
        self.indented(body);
        self.line(close);
    }

    /// What `body` writes, one deeper.
    pub(crate) fn indented(&mut self, body: impl FnOnce(&mut Self)) {
        self.depth += 1;
        body(self);
        self.depth -= 1;
    }

    /// `head {`, what `body` writes, `}`.
    pub(crate) fn block(&mut self, head: impl AsRef<str>, body: impl FnOnce(&mut Self)) {
        self.nest(format!("{} {{", head.as_ref()), "}", body);
    }

    /// `head(items)tail`, with one item a line where it is long.
    pub(crate) fn call(&mut self, head: &str, items: &[String], tail: &str) {
        let line = format!("{head}({}){tail}", items.join(", "));
        if self.fits(&line) || items.is_empty() {
            self.line(line);
            return;
        }
        self.nest(format!("{head}("), &format!("){tail}"), |inner| {
            items.iter().for_each(|item| inner.line(format!("{item},")));
        });
    }

    /// The same, followed by a block.
    pub(crate) fn call_block(&mut self, head: &str, items: &[String], tail: &str, body: impl FnOnce(&mut Self)) {
        self.call(head, items, &format!("{tail} {{"));
        self.indented(body);
        self.line("}");
    }

    /// `callee(argument, last {`, what `body` writes, `})?;`, with the arguments in lines of their own where they are long.
    pub(crate) fn closure(&mut self, callee: &str, argument: &str, last: &str, body: impl FnOnce(&mut Self)) {
        let open = format!("{callee}({argument}, {last} {{");
        if self.fits(&open) {
            self.nest(open, "})?;", body);
        } else {
            self.nest(format!("{callee}("), ")?;", |inner| {
                inner.line(format!("{argument},"));
                inner.nest(format!("{last} {{"), "},", body);
            });
        }
    }

    /// `open fields close`, with one field a line where they are long.
    pub(crate) fn fields(&mut self, open: &str, fields: &[String], close: &str) {
        let line = format!("{open} {} {close}", fields.join(", "));
        match self.fits(&line) {
            true => self.line(line),
            false => self.nest(open, close, |inner| fields.iter().for_each(|field| inner.line(format!("{field},")))),
        }
    }

    /// Whether a line is not too long here.
    pub(crate) fn fits(&self, line: &str) -> bool {
        (self.margin + self.depth) * INDENT.len() + line.len() <= WIDTH
    }

    /// Lines written elsewhere.
    pub(crate) fn append(&mut self, other: &Self) {
        for line in other.text.lines() {
            self.line(line);
        }
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// A doc comment of WIT.
    ///
    /// Rust would take code in it for a test: a block of no other language is text, and an indented block is indented less.
    pub(crate) fn docs(&mut self, docs: &str) {
        let mut in_fence = false;
        for line in docs.trim_end().lines() {
            let line = line.trim_end();
            let content = line.trim_start();
            let indent = line.len() - content.len();
            let line = match content.strip_prefix("```") {
                Some(language) if !in_fence => {
                    in_fence = true;
                    let is_rust = language.is_empty() || language.starts_with("rust");
                    format!("{}```{}", &line[..indent.min(3)], if is_rust { "text" } else { language })
                }
                Some(_) => {
                    in_fence = false;
                    line.to_owned()
                }
                None if in_fence => line.to_owned(),
                None => format!("{}{content}", &line[..indent.min(3)]),
            };
            self.line(format!("/// {line}").trim_end());
        }
        if in_fence {
            self.line("/// ```");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Output)) -> String {
        let mut output = Output::default();
        write(&mut output);
        output.into_text()
    }

    #[test]
    fn code_in_docs_is_no_test() {
        let docs = "Adds.\n\n      let x = 1;\n```\n    let y = 2;\n```\n\n```wit\nf: func()";
        let wanted = "/// Adds.\n///\n///    let x = 1;\n/// ```text\n///     let y = 2;\n/// ```\n///\n/// ```wit\n/// f: func()\n/// ```\n";
        assert_eq!(written(|output| output.docs(docs)), wanted);
    }

    #[test]
    fn long_calls_are_broken() {
        let items = ["a".repeat(60), "b".repeat(60)];
        assert_eq!(
            written(|output| output.call("f", &items, ";")),
            format!("f(\n    {},\n    {},\n);\n", items[0], items[1])
        );
        assert_eq!(written(|output| output.call("f", &["a".into()], ";")), "f(a);\n");
    }
}
