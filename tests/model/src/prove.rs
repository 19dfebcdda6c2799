//! The lines by which `cargo xtask prove` follows a long run: `progress` and `result`, on stdout, only where asked for.

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
    pub fn result(self, text: &str) {
        self.line(&format!("result {text}"));
    }

    fn line(self, text: &str) {
        let mut out = std::io::stdout().lock();
        if self.shown {
            // Nobody to tell it to is no reason to stop.
            let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        }
    }
}

/// A number with its thousands apart.
#[must_use]
pub fn grouped(number: usize) -> String {
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
