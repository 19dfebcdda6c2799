//! The names that cross the border as numbers: types, keys and values, each once.
//!
//! JavaScript reads the whole list when the module starts, so both sides count alike. The matches below are exhaustive:
//! a new variant in the core does not compile here until it has its word.

use rehome::{
    Bar, CancelReason, DropReason, IgnoreReason, LookupFailure, LookupKind, LossReason, NoPlan, Selection, SkipReason,
    Source, State, Timer, Transport, Trigger, Unreachable,
};

macro_rules! words {
    ($($word:ident $text:literal)*) => {
        /// A name, by its place among [`TEXTS`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub(crate) enum Word { $($word),* }

        /// All names, in the order of [`Word`], each with a comma after it.
        pub(crate) const TEXTS: &str = concat!($($text, ","),*);

        const ALL: &[Word] = &[$(Word::$word),*];
    };
}

words! {
    // Inputs
    Start "start" Stop "stop" Wake "wake" AgentLogin "agentLogin" TryPrimary "tryPrimary" NetworkDown "networkDown"
    NetworkChanged "networkChanged" Resumed "resumed" Busy "busy" Idle "idle"
    // Answers and outcomes
    Srv "srv" Addresses "addresses" NoName "noName" NoData "noData" Failed "failed" Accepted "accepted" Status "status"
    Unreachable "unreachable" NoAddress "noAddress" NotSent "notSent" Truncated "truncated"
    // Events
    Started "started" Stopping "stopping" Stopped "stopped" Configured "configured" LookupFailed "lookupFailed"
    NothingOffered "nothingOffered" RecordDropped "recordDropped" RecordsTruncated "recordsTruncated"
    PlanChanged "planChanged" CandidateChosen "candidateChosen" CandidatesBarred "candidatesBarred"
    NoCandidate "noCandidate" TlsNameMismatch "tlsNameMismatch" AnswerIgnored "answerIgnored" Registered "registered"
    Refreshed "refreshed" AttemptFailed "attemptFailed" AttemptRejected "attemptRejected" LongerExpires "longerExpires"
    AttemptCancelled "attemptCancelled" LateSuccess "lateSuccess" LateUnregistered "lateUnregistered"
    LateIgnored "lateIgnored" TargetHeld "targetHeld" RolledOver "rolledOver" RoundFailed "roundFailed"
    WaitEnded "waitEnded" Wrapped "wrapped" HomeLost "homeLost" HomeExpired "homeExpired" FlowLost "flowLost"
    FlowLossIgnored "flowLossIgnored" Slept "slept" ClockSetBack "clockSetBack" GrantTooShort "grantTooShort"
    HomeMissing "homeMissing" Triggered "triggered" TriggerDeferred "triggerDeferred" TriggerIgnored "triggerIgnored"
    ExcursionBegan "excursionBegan" HomeKept "homeKept" HomeLeft "homeLeft" Unregistered "unregistered"
    UnregisterSkipped "unregisterSkipped"
    // Keys
    Source "source" Name "name" Restart "restart" Cause "cause" Reason "reason" Index "index" Count "count"
    Targets "targets" Target "target" Id "id" Expires "expires" Streak "streak" Code "code" First "first"
    WaitMs "waitMs" Seconds "seconds" From "from" To "to" IsRejected "rejected" Rounds "rounds" UntilMs "untilMs"
    ByMs "byMs" Times "times" Trigger "trigger" Confirmed "confirmed" Ttl "ttl"
    State "state" Home "home" Primary "primary" Why "why" ExpiresAtMs "expiresAtMs" WakeMs "wakeMs" WakeFor "wakeFor"
    Trying "trying" FailedRounds "failedRounds" Last "last" HeldUntilMs "heldUntilMs"
    // Values
    A "a" Aaaa "aaaa" Udp "udp" Tcp "tcp" Tls "tls" Dtls "dtls" Ws "ws" Wss "wss" Timeout "timeout"
    ServFail "servFail" Refused "refused" Malformed "malformed" Network "network" Other "other" NoRoute "noRoute"
    Closed "closed" WebSocket "webSocket" SrvRecord "srvRecord" OutboundProxy "outboundProxy" Discovery "discovery"
    NotOffered "notOffered" NothingLeft "nothingLeft" SiteEmpty "siteEmpty" PortZero "portZero" BadName "badName"
    NameTooLong "nameTooLong" Root "root" SameTarget "sameTarget" ZeroGrant "zeroGrant" Failures "failures"
    RetryAfter "retryAfter" Manual "manual" Failback "failback" Round "round" HoldOff "holdOff" Held "held"
    Offline "offline" HomeIsPrimary "homeIsPrimary" ExcursionRunning "excursionRunning" SwitchedOff "switchedOff"
    NotRunning "notRunning" Silent "silent" InUse "inUse" SameTier "sameTier" HomeListed "homeListed" Weighted "weighted" Rfc2782 "rfc2782"
    HighestWeight "highestWeight" LookingUp "lookingUp" Registering "registering" Waiting "waiting"
    Unconfirmed "unconfirmed" Attempt "attempt" Unregister "unregister" Grace "grace" Lookup "lookup" Expiry "expiry"
    Refresh "refresh" Walk "walk" RoundWait "roundWait" Hold "hold"
}

impl Word {
    /// The word of this number.
    pub(crate) fn of(number: u32) -> Option<Self> {
        ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// A plain enumeration of the core.
pub(crate) trait Worded: Copy + 'static {
    /// All its values.
    const ALL: &'static [Self];

    /// The name of a value.
    fn word(self) -> Word;

    /// The value of a name.
    fn of(number: u32) -> Option<Self> {
        let word = Word::of(number)?;
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }
}

macro_rules! worded {
    ($($kind:ident: $($variant:ident $(= $word:ident)?)*;)*) => {$(
        impl Worded for $kind {
            const ALL: &'static [Self] = &[$($kind::$variant),*];

            fn word(self) -> Word {
                match self { $($kind::$variant => worded!(@ $variant $($word)?)),* }
            }
        }
    )*};
    (@ $variant:ident) => { Word::$variant };
    (@ $variant:ident $word:ident) => { Word::$word };
}

worded! {
    LookupKind: Srv A Aaaa;
    Transport: Udp Tcp Tls Dtls Ws Wss;
    LookupFailure: Timeout ServFail Refused Malformed Network Other;
    Unreachable: Refused NoRoute Closed Tls WebSocket Timeout Other;
    Source: SrvRecord OutboundProxy Discovery;
    NoPlan: NoName NoData NotOffered NothingLeft SiteEmpty;
    DropReason: PortZero BadName NameTooLong Root SameTarget;
    CancelReason: Slept LateSuccess NetworkDown NetworkChanged Resumed Stopping HomeLost HomeListed;
    LossReason: Failures Rejected = IsRejected RetryAfter;
    Trigger: AgentLogin Manual Failback HomeMissing;
    Bar: Round Busy HoldOff Held Offline;
    IgnoreReason: HomeIsPrimary ExcursionRunning SwitchedOff NotRunning;
    SkipReason: Silent InUse SwitchedOff SameTier Offline;
    State: Stopped LookingUp Registering Waiting Rejected = IsRejected Registered Unconfirmed Offline Stopping;
    Timer: Attempt Unregister Grace Lookup Expiry Refresh Walk RoundWait Hold Failback;
    Selection: Weighted Rfc2782 HighestWeight;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_listed_once_and_without_a_comma() {
        let texts: Vec<&str> = TEXTS.trim_end_matches(',').split(',').collect();
        assert_eq!(texts.len(), ALL.len());
        for (place, text) in texts.iter().enumerate() {
            assert!(!texts[..place].contains(text), "{text} is listed twice");
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{text}");
        }
    }

    /// The values' names are those of the JSON.
    #[test]
    fn words_are_the_names_of_the_json() {
        fn all<T: Worded + serde::Serialize>() {
            for value in T::ALL {
                let json = serde_json::to_value(value).unwrap();
                assert_eq!(json, TEXTS.split(',').nth(value.word() as usize).unwrap());
            }
        }
        all::<LookupKind>();
        all::<Transport>();
        all::<LookupFailure>();
        all::<Unreachable>();
        all::<Source>();
        all::<NoPlan>();
        all::<DropReason>();
        all::<CancelReason>();
        all::<LossReason>();
        all::<Trigger>();
        all::<Bar>();
        all::<IgnoreReason>();
        all::<SkipReason>();
        all::<Selection>();
        all::<State>();
        all::<Timer>();
    }
}
