//! Lines and tables for a terminal.

use std::fmt::Write;
use std::time::Duration;

use crate::follow::{Line, Mark};
use crate::story::Ending;

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With colours.
    Coloured,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";
const CYAN: &str = "36";

/// One line of the story: time, action, what came of it, rule.
#[must_use]
pub fn line(line: &Line, style: Style) -> String {
    if line.mark == Mark::Chapter {
        return format!("\n{}", style.paint(BOLD, &line.text));
    }
    let verb = format!("{:<10}", line.verb);
    let verb = match line.mark {
        Mark::Good => style.paint(GREEN, &verb),
        Mark::Bad => style.paint(RED, &verb),
        Mark::World => style.paint(CYAN, &verb),
        Mark::Plain | Mark::Chapter => verb,
    };
    let rule = line.rule.as_ref().map(|rule| style.paint(DIM, &format!(" ({rule})"))).unwrap_or_default();
    format!("{:>6} s  {verb}  {}{rule}", tenths(line.at), line.text)
}

fn tenths(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

/// The table at the end, and the verdict.
#[must_use]
pub fn ending(ending: &Ending, style: Style) -> String {
    let mut text = String::from("\n");
    let head = ["registrar", "REGISTERs", "401", "accepted", "no answer", "removed", "first", "last", "bound now"];
    let mut table = vec![head.map(str::to_owned)];
    for row in &ending.rows {
        let at = |millis: Option<u64>| {
            millis.map_or("-".into(), |millis| format!("{} s", tenths(Duration::from_millis(millis))))
        };
        let bound = ending.bound.iter().filter(|name| **name == row.registrar).count();
        table.push([
            row.registrar.clone(),
            row.registers.to_string(),
            row.challenged.to_string(),
            row.accepted.to_string(),
            row.unanswered.to_string(),
            row.removed.to_string(),
            at(row.seen_ms.map(|(first, _)| first)),
            at(row.seen_ms.map(|(_, last)| last)),
            if bound == 0 { "-".into() } else { bound.to_string() },
        ]);
    }
    text.push_str(&style.paint(BOLD, "Where each registrar saw the phone"));
    text.push('\n');
    text.push_str(&aligned(&table));
    let out =
        ending.out_of_service.map_or("it never came back into service".into(), |time| format!("{} s", tenths(time)));
    let _ = writeln!(text, "\nout of service        {out}");
    let _ = writeln!(text, "REGISTERs asked for   {}", ending.registers);
    let _ = writeln!(text, "the story took        {} s\n", tenths(ending.took));
    for part in ending.parts.iter().filter(|part| part.missing.is_some()) {
        let why = part.missing.as_deref().unwrap_or_default();
        let _ = writeln!(text, "{} {}: {why}", style.paint(RED, "did not happen:"), part.title);
    }
    if ending.is_happy() {
        let _ = writeln!(text, "{}", style.paint(GREEN, "All of it happened."));
    }
    text
}

/// Columns as wide as their widest cell; the first to the left, the others to the right.
fn aligned<const N: usize>(table: &[[String; N]]) -> String {
    let mut text = String::new();
    for row in table {
        for (column, cell) in row.iter().enumerate() {
            let width = table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
            let _ = if column == 0 { write!(text, "  {cell:<width$}") } else { write!(text, "  {cell:>width$}") };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_time_action_reason_and_rule() {
        let failed = Line {
            at: Duration::from_millis(12_340),
            mark: Mark::Bad,
            verb: "REGISTER",
            text: "dc1-spx1 #2 ... no answer in 2 s".into(),
            rule: Some("3.2".into()),
        };
        assert_eq!(line(&failed, Style::Plain), "  12.3 s  REGISTER    dc1-spx1 #2 ... no answer in 2 s (3.2)");
        assert!(line(&failed, Style::Coloured).contains("\x1b[31mREGISTER"));
    }
}
