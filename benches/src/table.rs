//! Rows of text to an aligned Markdown table with numbered notes.

use std::fmt;
use std::time::Duration;

/// A table, first column to the left, the others to the right.
pub struct Table {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Table {
    /// An empty table whose first heading names the rows.
    pub fn new(title: &str, head: impl IntoIterator<Item = String>) -> Self {
        Self { title: title.into(), head: head.into_iter().collect(), rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a row; a short one is filled up.
    pub fn row(&mut self, mut cells: Vec<String>) {
        cells.resize(self.head.len(), String::new());
        self.rows.push(cells);
    }

    /// A cell without a figure: a dash and the number of the note that says why.
    pub fn absent(&mut self, reason: &str) -> String {
        let number = match self.notes.iter().position(|note| note == reason) {
            Some(index) => index + 1,
            None => {
                self.notes.push(reason.into());
                self.notes.len()
            }
        };
        format!("– [{number}]")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<&Vec<String>> = std::iter::once(&self.head).chain(&self.rows).collect();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0).max(3);
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        writeln!(out, "### {}\n", self.title)?;
        for (index, line) in lines.iter().enumerate() {
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                match column {
                    0 => write!(out, "| {cell:<width$} |")?,
                    _ => write!(out, " {cell:>width$} |")?,
                }
            }
            writeln!(out)?;
            if index == 0 {
                for (column, width) in widths.iter().enumerate() {
                    match column {
                        0 => write!(out, "|{}|", "-".repeat(width + 2))?,
                        _ => write!(out, "{}:|", "-".repeat(width + 1))?,
                    }
                }
                writeln!(out)?;
            }
        }
        writeln!(out)?;
        for (index, note) in self.notes.iter().enumerate() {
            writeln!(out, "[{}] {note}", index + 1)?;
        }
        Ok(())
    }
}

/// A duration in milliseconds, three significant digits or more.
pub fn milliseconds(time: Duration) -> String {
    let value = time.as_secs_f64() * 1e3;
    let decimals = if value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else if value >= 1.0 {
        2
    } else {
        3
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_markdown_with_numbered_notes() {
        let mut table = Table::new("Times", ["kernel", "a", "b"].map(String::from));
        let (absent, again) = (table.absent("not built"), table.absent("not built"));
        table.row(vec!["fib".into(), "1.00".into(), absent]);
        table.row(vec!["sha".into(), again]);
        let expected = "### Times\n\n\
            | kernel |     a |     b |\n\
            |--------|------:|------:|\n\
            | fib    |  1.00 | – [1] |\n\
            | sha    | – [1] |       |\n\n\
            [1] not built\n";
        assert_eq!(table.to_string(), expected);
    }
}
