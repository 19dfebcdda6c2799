//! What can be said at any time.

use crate::mirror::mirror;
use crate::output::Target;
use rehome::{State, Timer};

mirror! { out
    /// Everything an agent desktop or a support engineer asks about.
    struct Status: rehome::Status {
        /// The state.
        state: State,
        /// Home: the target of the last success; calls go there.
        home: Option<Target>,
        /// Whether home is of the primary tier of the plan.
        primary: bool,
        /// The rule by which home is not a primary.
        why: Option<String>,
        /// Failed REGISTERs in a row, at home or at the walk's current target.
        streak: i64,
        /// When home's binding ends.
        expires_at "expiresAtMs": Option<i64>,
        /// All targets, in the order in which they are to be tried.
        plan: Vec<PlanEntry>,
        /// When to call again, as the last step said.
        wake "wakeMs": Option<i64>,
        /// What for.
        wake_for: Option<Timer>,
        /// The target that the walk is trying now.
        trying: Option<Target>,
        /// Failed rounds since the last proven success (rule 4.4).
        failed_rounds: i64,
    }
}

mirror! { out
    /// One target of the plan.
    struct PlanEntry: rehome::PlanEntry {
        /// The target.
        target: Target,
        /// What its last attempt came to.
        last: Option<LastOutcome>,
        /// Until when a Retry-After holds it (rule 4.5).
        held_until "heldUntilMs": Option<i64>,
    }
}

mirror! { out
    /// What a target's last attempt came to.
    enum LastOutcome: rehome::LastOutcome {
        /// Accepted.
        Accepted,
        /// A final answer that counted as a failure.
        Failed(
            /// The status code.
            code: i32
        ),
        /// A final answer that was a rejection.
        Rejected(
            /// The status code.
            code: i32
        ),
        /// No answer: time-out, or no connection.
        Silent,
        /// No address.
        NoAddress,
    }
}
