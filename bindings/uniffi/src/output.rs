//! What a step puts out.

use rehome::{
    Bar, CancelReason, DropReason, IgnoreReason, LookupFailure, LookupKind, LossReason, NoPlan, SkipReason, Source,
    Transport, Trigger, Unreachable,
};

use crate::mirror::mirror;

mirror! { out
    /// What one step put out.
    struct Step: rehome::Step {
        /// Everything to do, in order.
        actions: Vec<Action>,
        /// Everything decided, in order.
        events: Vec<Event>,
        /// When to call again with the input wake: later than `nowMs` of the step; none means never (rule 0.3).
        wake "wakeMs": Option<i64>,
    }
}

mirror! { out
    /// One thing the host is to do. The list is closed: a fifth kind is a major version.
    enum Action: rehome::Action {
        /// Look a name up and hand the result in as the input `Answer` (rules 1.2, 1.5).
        Lookup {
            /// Its number.
            id: i64,
            /// The name to ask for, without a final dot.
            name: String,
            /// What to ask for.
            kind: LookupKind,
            /// Until when the answer is waited for; one that comes later is still worth handing in (rule 1.2).
            deadline "deadlineMs": i64,
        },
        /// Send one REGISTER, answer its digest challenges, and hand the result in as
        /// the input `Outcome` (rule 3.1).
        Register {
            /// Its number.
            id: i64,
            /// Where to.
            target: Target,
            /// The address to use, if the core resolves or knows it (rule 1.5); else the host resolves.
            address: Option<String>,
            /// Names the binding: one Contact for all REGISTERs that carry the same number (rule 6.7).
            binding: i64,
            /// 1 for the first try in a row at this target, then 2, 3, ...
            attempt: i64,
            /// The expiry to ask for, in seconds.
            expires: i64,
            /// When the core stops waiting and counts it as failed (rule 3.1).
            deadline "deadlineMs": i64,
        },
        /// Send one REGISTER with an expiry of 0 for that binding (rules 6.7, 6.8).
        Unregister {
            /// Its number.
            id: i64,
            /// Where to.
            target: Target,
            /// The address in use, if the core resolves or knows it (rule 1.5); else the host resolves.
            address: Option<String>,
            /// Which binding, as the action `Register` named it.
            binding: i64,
            /// When the core stops waiting for it.
            deadline "deadlineMs": i64,
        },
        /// The core no longer waits for this. A connect may be aborted; a REGISTER already sent may still be answered:
        /// hand that in for 32 s (rule 3.6).
        Cancel {
            /// What is no longer waited for.
            id: i64,
        },
    }
}

mirror! { out
    /// Where a REGISTER goes. Two targets are the same if host, port and transport are.
    struct Target: rehome::Target {
        /// Its number.
        id: i64,
        /// Host name or address, lower case, without the final dot.
        host: String,
        /// Port, 1 to 65535.
        port: i32,
        /// Transport.
        transport: Transport,
        /// The name its certificate must carry: the domain, not the host (rule 1.6, RFC 5922).
        tls_name: String,
        /// SRV priority of the record last seen: lower is tried first.
        priority: i32,
        /// SRV weight of the record last seen.
        weight: i32,
        /// The site it belongs to, if the configuration names one (rule 1.7).
        site: Option<String>,
    }
}

mirror! { out
    /// One decision. Hosts log it; nothing needs to be done.
    struct Event: rehome::Event {
        /// The rule that was followed
        rule: String,
        /// What was decided.
        kind: EventKind,
    }
}

mirror! { out
    /// What was decided. Kinds may be added in a minor version: write an `else` (Swift: `default`).
    enum EventKind: rehome::EventKind {
        /// Started, and which source is in force (rule 1.1).
        Started {
            /// The source.
            source: Source,
            /// Its name: the SRV record, the domain, or the proxy's host.
            name: String,
        },
        /// Stopping began (rule 6.8).
        Stopping,
        /// Stopped (rule 6.8).
        Stopped,
        /// A new configuration is in force; `restart` if it changes where to register (rule 6.9).
        Configured {
            /// Whether it meant stop, then start.
            restart: bool,
        },

        /// A lookup brought no answer; the last good plan serves (rule 5.4).
        LookupFailed {
            /// The name asked for.
            name: String,
            /// Why.
            cause: LookupFailure,
        },
        /// DNS says that there is nothing to register to (rules 5.4, 2.7, 1.7).
        NothingOffered {
            /// The name asked for.
            name: String,
            /// Why.
            reason: NoPlan,
        },
        /// A record cannot be used (rule 2.7).
        RecordDropped {
            /// Its position in the answer, from 0.
            index: i64,
            /// Why.
            reason: DropReason,
        },
        /// More records came than are read (rule 2.7).
        RecordsTruncated {
            /// How many came.
            count: i64,
        },
        /// A new set of targets was ordered (rule 2.5).
        PlanChanged {
            /// How many targets it has.
            targets: i64,
        },
        /// Discovery chose a name (rule 1.4).
        CandidateChosen {
            /// The SRV name.
            name: String,
        },
        /// Discovery may not use less secure names, because the lookup of this one failed (rule 1.4).
        CandidatesBarred {
            /// The SRV name whose lookup failed.
            name: String,
        },
        /// Discovery found no SRV name: the proxy itself is the target (rule 1.4).
        NoCandidate,
        /// The host cannot check this target against the domain (rule 1.6).
        TlsNameMismatch {
            /// The target.
            target: Target,
        },
        /// A DNS answer nobody waits for changed nothing (rule 1.2).
        AnswerIgnored {
            /// Its lookup.
            id: i64,
        },

        /// A target accepted and is home from now on (rule 3.3).
        Registered {
            /// The target.
            target: Target,
            /// The expiry granted.
            expires: i64,
        },
        /// Home accepted a refresh (rule 5.1).
        Refreshed {
            /// The target.
            target: Target,
            /// The expiry granted.
            expires: i64,
        },
        /// An attempt failed and counts (rule 3.2).
        AttemptFailed {
            /// The target.
            target: Target,
            /// Why.
            reason: FailureReason,
            /// Failures in a row, this one included.
            streak: i64,
        },
        /// A target rejected this phone (rule 3.4).
        AttemptRejected {
            /// The target.
            target: Target,
            /// The status code.
            code: i32,
            /// Whether it is the first since a success or a new configuration: show it.
            first: bool,
        },
        /// 423: asked again for longer (rule 3.5).
        LongerExpires {
            /// The target.
            target: Target,
            /// The expiry asked for now.
            expires: i64,
        },
        /// A target without an address was passed over, or is no use at home (rule 1.5).
        NoAddress {
            /// The target.
            target: Target,
        },
        /// Nothing left the device (rule 3.7).
        NotSent {
            /// The target.
            target: Target,
            /// The wait before the next try.
            wait "waitMs": i64,
        },
        /// An attempt in flight was cancelled without counting (rules 0.4, 3.6, 3.7, 4.6).
        AttemptCancelled {
            /// Its id.
            id: i64,
            /// Why.
            reason: CancelReason,
        },
        /// A late success was taken (rule 3.6); the event that follows says what as.
        LateSuccess {
            /// The attempt.
            id: i64,
            /// The target.
            target: Target,
        },
        /// A late success is answered by an unregister (rule 3.6).
        LateUnregistered {
            /// The attempt.
            id: i64,
            /// The target.
            target: Target,
        },
        /// A late answer changed nothing (rule 3.6).
        LateIgnored {
            /// The attempt or unregister.
            id: i64,
        },
        /// A Retry-After holds this target (rule 4.5).
        TargetHeld {
            /// The target.
            target: Target,
            /// For how long (1 to 1800 s).
            seconds: i64,
        },

        /// The walk went on to its next target (rules 4.1, 3.4, 1.5, 3.3, 4.5).
        RolledOver {
            /// From.
            from: Target,
            /// To.
            to: Target,
        },
        /// Every target of the round was in vain (rule 4.2).
        RoundFailed {
            /// Whether every one rejected (rule 3.4).
            rejected: bool,
            /// Failed rounds since the last proven success.
            rounds: i64,
            /// When the next begins; none if only an event can begin it.
            until "untilMs": Option<i64>,
        },
        /// The wait was ended early (rule 4.4).
        WaitEnded,
        /// The next round begins at the plan's first (rule 4.2).
        Wrapped,
        /// Home is lost (rule 4.3).
        HomeLost {
            /// The target.
            target: Target,
            /// Why.
            reason: LossReason,
        },
        /// Home's binding has expired; it is still home (rule 4.3).
        HomeExpired {
            /// The target.
            target: Target,
        },
        /// Home's connection was lost (rule 4.6).
        FlowLost {
            /// The target.
            target: Target,
            /// Failures in a row: it counts as one if the success was not proven (rule 3.3).
            streak: i64,
        },
        /// A lost connection that is not home's, or whose outcome an attempt will tell (rule 4.6).
        FlowLossIgnored {
            /// The target.
            target: Target,
        },
        /// The network is gone (rule 3.7).
        NetworkDown,
        /// The network is another (rule 4.6).
        NetworkChanged,
        /// The host woke up (rule 4.6).
        Resumed,
        /// The device slept through an attempt (rule 0.4).
        Slept,
        /// The clock went back (rule 0.4).
        ClockSetBack {
            /// By how much.
            by "byMs": i64,
        },

        /// A grant is too short for a safe refresh (rule 5.2).
        GrantTooShort {
            /// The grant.
            expires: i64,
        },
        /// A good DNS answer does not list home (rule 5.3).
        HomeMissing {
            /// The target.
            target: Target,
            /// In how many answers in a row.
            times: i64,
        },

        /// A trigger asks for the primary (rules 6.3, 6.4, 5.3).
        Triggered {
            /// Which.
            trigger: Trigger,
        },
        /// A trigger waits (rules 6.3, 6.5, 6.6, 4.5).
        TriggerDeferred {
            /// Which.
            trigger: Trigger,
            /// What bars it.
            reason: Bar,
            /// Until when, where that is known.
            until "untilMs": Option<i64>,
        },
        /// A trigger changes nothing (rules 6.3, 6.4).
        TriggerIgnored {
            /// Which.
            trigger: Trigger,
            /// Why.
            reason: IgnoreReason,
        },
        /// An excursion began; home is kept meanwhile (rule 6.3).
        ExcursionBegan {
            /// What asked for it.
            trigger: Trigger,
        },
        /// An excursion ended without success, and home stays home (rules 6.3, 5.3).
        HomeKept {
            /// The target.
            target: Target,
        },
        /// Home moved to another target that accepted (rules 6.3, 5.3, 2.5, 3.6).
        HomeLeft {
            /// The old home.
            from: Target,
            /// The new one.
            to: Target,
        },
        /// An unregister has ended (rules 6.7, 6.8).
        Unregistered {
            /// The target.
            target: Target,
            /// Whether the registrar confirmed it.
            confirmed: bool,
        },
        /// The old home gets no unregister (rule 6.7).
        UnregisterSkipped {
            /// The target.
            target: Target,
            /// Why.
            reason: SkipReason,
        },
    }
}

mirror! { out
    /// Why an attempt failed (rule 3.2).
    enum FailureReason: rehome::FailureReason {
        /// No answer in time.
        Timeout,
        /// No connection.
        Unreachable(
            /// Why.
            cause: Unreachable
        ),
        /// A status code that counts.
        Status(
            /// The status code.
            code: i32
        ),
        /// Accepted for 0 seconds (rule 3.3).
        ZeroGrant,
        /// No address at home (rule 1.5).
        NoAddress,
    }
}
