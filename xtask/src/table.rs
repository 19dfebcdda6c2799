//! The table at the end of `cargo xtask test`.

use std::fmt::Write;

use crate::suite::{Row, Verdict};

/// One line a suite, and the count alone on the last line.
pub(crate) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::from("\n");
    for row in rows {
        let line =
            format!("{:<width$}  {:<7}  {:>6.1} s  {}", row.name, row.verdict.word(), row.took.as_secs_f64(), row.note);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = write!(text, "\n{}", counts(rows.iter().map(|row| row.verdict)));
    text
}

/// How many of each: the last line of a table.
pub(crate) fn counts(verdicts: impl Iterator<Item = Verdict> + Clone) -> String {
    let count = |wanted| verdicts.clone().filter(|verdict| *verdict == wanted).count();
    let (passed, failed, skipped) = (count(Verdict::Passed), count(Verdict::Failed), count(Verdict::Skipped));
    let skipped = if skipped > 0 { format!(", {skipped} skipped") } else { String::new() };
    format!("{passed} passed, {failed} failed{skipped}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_count_is_the_last_line_alone() {
        let row = |name, verdict| Row { name, verdict, took: Duration::from_millis(1200), note: String::new() };
        let mut rows = vec![row("format", Verdict::Passed), row("core", Verdict::Failed)];
        assert!(table(&rows).ends_with("\n\n1 passed, 1 failed"), "{}", table(&rows));
        rows.push(row("lab", Verdict::Skipped));
        assert!(table(&rows).ends_with("\n\n1 passed, 1 failed, 1 skipped"), "{}", table(&rows));
    }
}
