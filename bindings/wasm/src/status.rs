//! The status, told to the sink.

use rehome::{LastOutcome, Registration, Status};

use crate::output::{Known, millis};
use crate::sink::Sink;
use crate::words::{Word, Worded};

pub(crate) fn tell(status: &Status, registration: &Registration, known: &mut Known, sink: &Sink) {
    known.limit(sink);
    sink.status(status.state.word() as u32);
    let mut target = |key, id| {
        if known.tell(registration, id, sink) {
            sink.target(key, id.get());
        }
    };
    if let Some(home) = &status.home {
        target(Word::Home, home.id);
    }
    if let Some(trying) = status.trying {
        target(Word::Trying, trying);
    }
    sink.flag(Word::Primary, status.primary);
    if let Some(why) = status.why {
        sink.rule(Word::Why, why.section, why.number);
    }
    sink.number(Word::Streak, status.streak);
    if let Some(expires_at) = status.expires_at {
        sink.number(Word::ExpiresAtMs, millis(expires_at));
    }
    if let Some(wake) = status.wake {
        sink.number(Word::WakeMs, millis(wake));
    }
    if let Some(timer) = status.wake_for {
        sink.word(Word::WakeFor, timer.word());
    }
    sink.number(Word::FailedRounds, status.failed_rounds);
    for entry in &status.plan {
        known.tell(registration, entry.target.id, sink);
        sink.entry(entry.target.id.get());
        match entry.last {
            None => {}
            Some(LastOutcome::Accepted) => sink.word(Word::Last, Word::Accepted),
            Some(LastOutcome::Failed(code)) => sink.number_in(Word::Last, Word::Failed, code.into()),
            Some(LastOutcome::Rejected(code)) => sink.number_in(Word::Last, Word::IsRejected, code.into()),
            Some(LastOutcome::Silent) => sink.word(Word::Last, Word::Silent),
            Some(LastOutcome::NoAddress) => sink.word(Word::Last, Word::NoAddress),
        }
        if let Some(until) = entry.held_until {
            sink.number(Word::HeldUntilMs, millis(until));
        }
    }
}
