//! The lines by which `cargo xtask prove` follows a long run: `progress` and `result`, on stdout, only where asked for.

use std::fmt::Display;
use std::io::Write;

/// Where the lines go, or nowhere.
#[derive(Clone, Copy, Debug)]
pub struct Lines {
    /// Whether anybody reads them.
    pub shown: bool,
}

impl Lines {
    /// How far it is.
    pub fn progress(self, done: usize, of: usize, unit: &str) {
        self.line(&format!("progress {done}/{of} {unit}"));
    }

    /// A line of the summary.
    pub fn result(self, text: impl Display) {
        self.line(&format!("result {text}"));
    }

    /// A line of the summary, which a reader without `prove` is told as well.
    pub fn result_to_all(self, text: impl Display) {
        if self.shown { self.result(text) } else { println!("{text}") }
    }

    fn line(self, text: &str) {
        let mut out = std::io::stdout().lock();
        if self.shown {
            // Nobody to tell it to is no reason to stop.
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        }
    }
}

/// A number with its thousands apart: 1,234,567.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }
}
