//! What the registrars saw.

use std::collections::BTreeMap;

use rehome_lab::{LogEntry, REGISTRARS};

/// What one registrar saw of the phone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrarRow {
    /// Its name.
    pub registrar: String,
    /// REGISTERs that came in, repetitions over UDP aside.
    pub registers: usize,
    /// Those that were answered 401: a challenge, which the next one answers.
    pub challenged: usize,
    /// Those that were accepted.
    pub accepted: usize,
    /// Those that were left unanswered.
    pub unanswered: usize,
    /// Those that removed a binding, and were accepted.
    pub removed: usize,
    /// When it saw the phone first and last, in milliseconds since the lab began.
    pub seen_ms: Option<(u64, u64)>,
}

/// Counts a log, registrar by registrar.
#[must_use]
pub fn count(log: &[LogEntry]) -> Vec<RegistrarRow> {
    REGISTRARS
        .iter()
        .map(|name| {
            let seen = log.iter().filter(|entry| entry.method == "REGISTER" && entry.registrar == *name);
            // A repeated request has the CSeq of the first: they are one, answered if any of them was.
            let mut requests: BTreeMap<u32, &LogEntry> = BTreeMap::new();
            let mut row = RegistrarRow { registrar: (*name).to_owned(), ..RegistrarRow::default() };
            for entry in seen {
                let first = row.seen_ms.map_or(entry.at_ms, |(first, _)| first);
                row.seen_ms = Some((first, entry.at_ms));
                if requests.get(&entry.cseq).is_none_or(|known| known.code.is_none()) {
                    requests.insert(entry.cseq, entry);
                }
            }
            row.registers = requests.len();
            for entry in requests.values() {
                match entry.code {
                    None => row.unanswered += 1,
                    Some(401) => row.challenged += 1,
                    Some(200) if entry.expires == Some(0) => row.removed += 1,
                    Some(200) => row.accepted += 1,
                    Some(_) => {}
                }
            }
            row
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rehome_lab::Transport;

    fn entry(at_ms: u64, cseq: u32, expires: u32, code: Option<u16>) -> LogEntry {
        LogEntry {
            at_ms,
            registrar: "dc1-spx2".into(),
            method: "REGISTER".into(),
            user: "alice".into(),
            transport: Transport::Udp,
            source: "127.0.0.1:1".into(),
            call_id: "c".into(),
            cseq,
            expires: Some(expires),
            authorized: false,
            retransmission: false,
            code,
        }
    }

    #[test]
    fn repetitions_are_one_request() {
        let log = [
            entry(10, 1, 60, Some(401)),
            entry(11, 2, 60, Some(200)),
            entry(20, 3, 60, None),
            entry(25, 3, 60, None),
            entry(40, 4, 0, Some(200)),
        ];
        let row = count(&log).into_iter().find(|row| row.registrar == "dc1-spx2").unwrap();
        let expected = RegistrarRow {
            registrar: "dc1-spx2".into(),
            registers: 4,
            challenged: 1,
            accepted: 1,
            unanswered: 1,
            removed: 1,
            seen_ms: Some((10, 40)),
        };
        assert_eq!(row, expected);
    }
}
