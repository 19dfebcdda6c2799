//! What a long-running program says of itself, line by line.

/// A line that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// `progress DONE/OF UNIT`
    Progress { done: u64, of: u64, unit: String },
    /// `result TEXT`: a line of the table.
    Result(String),
}

/// The lines of this project's own programs.
pub(super) fn read(line: &str) -> Option<Said> {
    if let Some(text) = line.strip_prefix("result ") {
        return Some(Said::Result(text.trim().to_owned()));
    }
    let (numbers, unit) = line.strip_prefix("progress ")?.split_once(' ')?;
    let (done, of) = numbers.split_once('/')?;
    Some(Said::Progress { done: done.parse().ok()?, of: of.parse().ok()?, unit: unit.trim().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_understood() {
        assert_eq!(read("progress 3/20 worlds"), Some(Said::Progress { done: 3, of: 20, unit: "worlds".into() }));
        assert_eq!(read("result 3 of 3 caught "), Some(Said::Result("3 of 3 caught".into())));
        for other in
            ["", "progress", "progress 3 worlds", "progress x/3 worlds", "the result is good", "running 1 test"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
