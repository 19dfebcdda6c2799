//! A step's output, told to the sink.

use alloc::vec::Vec;

use rehome::{Action, Event, EventKind, FailureReason, Registration, Step, Target, TargetId, Time};

use crate::sink::Sink;
use crate::words::{Word, Worded};

/// More targets than any set has; then all are told anew.
const MAX_KNOWN: usize = 512;

/// The targets that JavaScript has as objects, as they were told.
#[derive(Default)]
pub(crate) struct Known(Vec<Target>);

impl Known {
    /// Tells a target unless JavaScript has it as it is now. False: it never was, or is long gone.
    pub(crate) fn tell(&mut self, registration: &Registration, id: TargetId, sink: &Sink) -> bool {
        let Some(target) = registration.target(id) else { return false };
        let place = self.0.iter().position(|known| known.id == id);
        match place.and_then(|place| self.0.get_mut(place)) {
            Some(known) if known == target => return true,
            Some(known) => known.clone_from(target),
            None => self.0.push(target.clone()),
        }
        sink.known(
            id.get(),
            &target.host,
            target.port.into(),
            target.transport.word() as u32,
            &target.tls_name,
            target.priority.into(),
            target.weight.into(),
            target.site.as_deref(),
        );
        true
    }

    /// Starts again where too many have gathered.
    pub(crate) fn limit(&mut self, sink: &Sink) {
        if self.0.len() > MAX_KNOWN {
            self.0.clear();
            sink.forget();
        }
    }
}

/// Milliseconds as JavaScript has them: the core gives none that a double cannot hold exactly.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn millis(time: Time) -> f64 {
    time.as_millis() as f64
}

/// Tells the sink all actions and events.
pub(crate) fn tell(step: &Step, registration: &Registration, known: &mut Known, sink: &Sink) {
    known.limit(sink);
    let mut out = Out { registration, known, sink };
    step.actions.iter().for_each(|action| out.action(action));
    step.events.iter().for_each(|event| out.event(event));
}

struct Out<'a> {
    registration: &'a Registration,
    known: &'a mut Known,
    sink: &'a Sink,
}

impl Out<'_> {
    fn action(&mut self, action: &Action) {
        let sink = self.sink;
        match action {
            Action::Lookup { id, name, kind, deadline } => {
                sink.lookup(id.get(), name, kind.word() as u32, millis(*deadline));
            }
            Action::Register { id, target, address, binding, attempt, expires, deadline } => {
                self.known.tell(self.registration, *target, sink);
                let address = address.map(crate::address::text);
                let (id, target, binding, expires) = (id.get(), target.get(), binding.get(), expires.get());
                sink.register(id, target, address.as_deref(), binding, *attempt, expires, millis(*deadline));
            }
            Action::Unregister { id, target, address, binding, deadline } => {
                self.known.tell(self.registration, *target, sink);
                let address = address.map(crate::address::text);
                sink.unregister(id.get(), target.get(), address.as_deref(), binding.get(), millis(*deadline));
            }
            Action::Cancel { id } => sink.cancel(id.get()),
        }
    }

    fn target(&mut self, key: Word, id: TargetId) {
        self.known.tell(self.registration, id, self.sink);
        self.sink.target(key, id.get());
    }

    fn until(&self, until: Option<Time>) {
        if let Some(until) = until {
            self.sink.number(Word::UntilMs, millis(until));
        }
    }

    fn event(&mut self, event: &Event) {
        use EventKind as E;
        let sink = self.sink;
        sink.event(kind(&event.kind), event.rule.section, event.rule.number);
        match &event.kind {
            E::Stopping
            | E::Stopped
            | E::NoCandidate
            | E::WaitEnded
            | E::Wrapped
            | E::NetworkDown
            | E::NetworkChanged
            | E::Resumed
            | E::Slept => {}
            E::Started { source, name } => {
                sink.word(Word::Source, source.word());
                sink.text(Word::Name, name);
            }
            E::Configured { restart } => sink.flag(Word::Restart, *restart),
            E::LookupFailed { name, cause } => {
                sink.text(Word::Name, name);
                sink.word(Word::Cause, cause.word());
            }
            E::NothingOffered { name, reason } => {
                sink.text(Word::Name, name);
                sink.word(Word::Reason, reason.word());
            }
            E::RecordDropped { index, reason } => {
                sink.number(Word::Index, *index);
                sink.word(Word::Reason, reason.word());
            }
            E::RecordsTruncated { count } => sink.number(Word::Count, *count),
            E::PlanChanged { targets } => sink.number(Word::Targets, *targets),
            E::CandidateChosen { name } | E::CandidatesBarred { name } => sink.text(Word::Name, name),
            E::TlsNameMismatch { target }
            | E::NoAddress { target }
            | E::HomeExpired { target }
            | E::FlowLossIgnored { target }
            | E::HomeKept { target } => self.target(Word::Target, *target),
            E::AnswerIgnored { id } | E::LateIgnored { id } => sink.number(Word::Id, id.get()),
            E::Registered { target, expires }
            | E::Refreshed { target, expires }
            | E::LongerExpires { target, expires } => {
                self.target(Word::Target, *target);
                sink.number(Word::Expires, expires.get());
            }
            E::AttemptFailed { target, reason, streak } => {
                self.target(Word::Target, *target);
                match reason {
                    FailureReason::Timeout => sink.word(Word::Reason, Word::Timeout),
                    FailureReason::Unreachable(cause) => sink.word_in(Word::Reason, Word::Unreachable, cause.word()),
                    FailureReason::Status(code) => sink.number_in(Word::Reason, Word::Status, (*code).into()),
                    FailureReason::ZeroGrant => sink.word(Word::Reason, Word::ZeroGrant),
                    FailureReason::NoAddress => sink.word(Word::Reason, Word::NoAddress),
                }
                sink.number(Word::Streak, *streak);
            }
            E::AttemptRejected { target, code, first } => {
                self.target(Word::Target, *target);
                sink.number(Word::Code, *code);
                sink.flag(Word::First, *first);
            }
            E::NotSent { target, wait } => {
                self.target(Word::Target, *target);
                sink.number(Word::WaitMs, millis(Time::from_millis(wait.get())));
            }
            E::AttemptCancelled { id, reason } => {
                sink.number(Word::Id, id.get());
                sink.word(Word::Reason, reason.word());
            }
            E::LateSuccess { id, target } | E::LateUnregistered { id, target } => {
                sink.number(Word::Id, id.get());
                self.target(Word::Target, *target);
            }
            E::TargetHeld { target, seconds } => {
                self.target(Word::Target, *target);
                sink.number(Word::Seconds, seconds.get());
            }
            E::RolledOver { from, to } | E::HomeLeft { from, to } => {
                self.target(Word::From, *from);
                self.target(Word::To, *to);
            }
            E::RoundFailed { rejected, rounds, until } => {
                sink.flag(Word::IsRejected, *rejected);
                sink.number(Word::Rounds, *rounds);
                self.until(*until);
            }
            E::HomeLost { target, reason } => {
                self.target(Word::Target, *target);
                sink.word(Word::Reason, reason.word());
            }
            E::FlowLost { target, streak } => {
                self.target(Word::Target, *target);
                sink.number(Word::Streak, *streak);
            }
            E::ClockSetBack { by } => sink.number(Word::ByMs, millis(Time::from_millis(by.get()))),
            E::GrantTooShort { expires } => sink.number(Word::Expires, expires.get()),
            E::HomeMissing { target, times } => {
                self.target(Word::Target, *target);
                sink.number(Word::Times, *times);
            }
            E::Triggered { trigger } | E::ExcursionBegan { trigger } => sink.word(Word::Trigger, trigger.word()),
            E::TriggerDeferred { trigger, reason, until } => {
                sink.word(Word::Trigger, trigger.word());
                sink.word(Word::Reason, reason.word());
                self.until(*until);
            }
            E::TriggerIgnored { trigger, reason } => {
                sink.word(Word::Trigger, trigger.word());
                sink.word(Word::Reason, reason.word());
            }
            E::Unregistered { target, confirmed } => {
                self.target(Word::Target, *target);
                sink.flag(Word::Confirmed, *confirmed);
            }
            E::UnregisterSkipped { target, reason } => {
                self.target(Word::Target, *target);
                sink.word(Word::Reason, reason.word());
            }
        }
    }
}

macro_rules! kinds {
    ($($kind:ident)*) => {
        fn kind(event: &EventKind) -> Word {
            match event {
                $(EventKind::$kind { .. } => Word::$kind),*
            }
        }
    };
}

kinds! {
    Started Stopping Stopped Configured LookupFailed NothingOffered RecordDropped RecordsTruncated PlanChanged
    CandidateChosen CandidatesBarred NoCandidate TlsNameMismatch AnswerIgnored Registered Refreshed AttemptFailed
    AttemptRejected LongerExpires NoAddress NotSent AttemptCancelled LateSuccess LateUnregistered LateIgnored TargetHeld
    RolledOver RoundFailed WaitEnded Wrapped HomeLost HomeExpired FlowLost FlowLossIgnored NetworkDown NetworkChanged
    Resumed Slept ClockSetBack GrantTooShort HomeMissing Triggered TriggerDeferred TriggerIgnored ExcursionBegan HomeKept
    HomeLeft Unregistered UnregisterSkipped
}
