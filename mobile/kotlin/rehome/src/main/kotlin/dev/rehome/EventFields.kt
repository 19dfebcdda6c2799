package dev.rehome

import dev.rehome.ffi.EventKind

/** All events, as the scenario files name their fields. */
internal fun EventKind.fields(): Map<String, Any?> = when (this) {
    is EventKind.Started -> mapOf("type" to "started", "source" to source.word, "name" to name)
    EventKind.Stopping -> mapOf("type" to "stopping")
    EventKind.Stopped -> mapOf("type" to "stopped")
    is EventKind.Configured -> mapOf("type" to "configured", "restart" to restart)
    is EventKind.LookupFailed -> mapOf("type" to "lookupFailed", "name" to name, "cause" to cause.word)
    is EventKind.NothingOffered -> mapOf("type" to "nothingOffered", "name" to name, "reason" to reason.word)
    is EventKind.RecordDropped -> mapOf("type" to "recordDropped", "index" to index, "reason" to reason.word)
    is EventKind.RecordsTruncated -> mapOf("type" to "recordsTruncated", "count" to count)
    is EventKind.PlanChanged -> mapOf("type" to "planChanged", "targets" to targets)
    is EventKind.CandidateChosen -> mapOf("type" to "candidateChosen", "name" to name)
    is EventKind.CandidatesBarred -> mapOf("type" to "candidatesBarred", "name" to name)
    EventKind.NoCandidate -> mapOf("type" to "noCandidate")
    is EventKind.TlsNameMismatch -> mapOf("type" to "tlsNameMismatch", "target" to target.text)
    is EventKind.AnswerIgnored -> mapOf("type" to "answerIgnored", "id" to id)
    is EventKind.Registered -> mapOf("type" to "registered", "target" to target.text, "expires" to expires)
    is EventKind.Refreshed -> mapOf("type" to "refreshed", "target" to target.text, "expires" to expires)
    is EventKind.AttemptFailed -> mapOf(
        "type" to "attemptFailed", "target" to target.text, "reason" to reason.value(),
        "streak" to streak,
    )
    is EventKind.AttemptRejected -> mapOf("type" to "attemptRejected", "target" to target.text, "code" to code, "first" to first)
    is EventKind.LongerExpires -> mapOf("type" to "longerExpires", "target" to target.text, "expires" to expires)
    is EventKind.NoAddress -> mapOf("type" to "noAddress", "target" to target.text)
    is EventKind.NotSent -> mapOf("type" to "notSent", "target" to target.text, "waitMs" to waitMs)
    is EventKind.AttemptCancelled -> mapOf("type" to "attemptCancelled", "id" to id, "reason" to reason.word)
    is EventKind.LateSuccess -> mapOf("type" to "lateSuccess", "id" to id, "target" to target.text)
    is EventKind.LateUnregistered -> mapOf("type" to "lateUnregistered", "id" to id, "target" to target.text)
    is EventKind.LateIgnored -> mapOf("type" to "lateIgnored", "id" to id)
    is EventKind.TargetHeld -> mapOf("type" to "targetHeld", "target" to target.text, "seconds" to seconds)
    is EventKind.RolledOver -> mapOf("type" to "rolledOver", "from" to from.text, "to" to to.text)
    is EventKind.RoundFailed -> mapOf("type" to "roundFailed", "rejected" to rejected, "rounds" to rounds, "untilMs" to untilMs)
    EventKind.WaitEnded -> mapOf("type" to "waitEnded")
    EventKind.Wrapped -> mapOf("type" to "wrapped")
    is EventKind.HomeLost -> mapOf("type" to "homeLost", "target" to target.text, "reason" to reason.word)
    is EventKind.HomeExpired -> mapOf("type" to "homeExpired", "target" to target.text)
    is EventKind.FlowLost -> mapOf("type" to "flowLost", "target" to target.text, "streak" to streak)
    is EventKind.FlowLossIgnored -> mapOf("type" to "flowLossIgnored", "target" to target.text)
    EventKind.NetworkDown -> mapOf("type" to "networkDown")
    EventKind.NetworkChanged -> mapOf("type" to "networkChanged")
    EventKind.Resumed -> mapOf("type" to "resumed")
    EventKind.Slept -> mapOf("type" to "slept")
    is EventKind.ClockSetBack -> mapOf("type" to "clockSetBack", "byMs" to byMs)
    is EventKind.GrantTooShort -> mapOf("type" to "grantTooShort", "expires" to expires)
    is EventKind.HomeMissing -> mapOf("type" to "homeMissing", "target" to target.text, "times" to times)
    is EventKind.Triggered -> mapOf("type" to "triggered", "trigger" to trigger.word)
    is EventKind.TriggerDeferred -> mapOf(
        "type" to "triggerDeferred", "trigger" to trigger.word, "reason" to reason.word,
        "untilMs" to untilMs,
    )
    is EventKind.TriggerIgnored -> mapOf("type" to "triggerIgnored", "trigger" to trigger.word, "reason" to reason.word)
    is EventKind.ExcursionBegan -> mapOf("type" to "excursionBegan", "trigger" to trigger.word)
    is EventKind.HomeKept -> mapOf("type" to "homeKept", "target" to target.text)
    is EventKind.HomeLeft -> mapOf("type" to "homeLeft", "from" to from.text, "to" to to.text)
    is EventKind.Unregistered -> mapOf("type" to "unregistered", "target" to target.text, "confirmed" to confirmed)
    is EventKind.UnregisterSkipped -> mapOf("type" to "unregisterSkipped", "target" to target.text, "reason" to reason.word)
}
