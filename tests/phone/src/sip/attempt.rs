//! One attempt: address, flow, REGISTER, at most two challenges, all at one target.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rehome::{Id, Outcome, Target};

use super::agent::Shared;
use super::digest::Challenge;
use super::flow::{Flow, Using};
use super::message::{Binding, Register, Reply};

/// One REGISTER asked for by the core.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: Id,
    pub(crate) target: Target,
    pub(crate) address: Option<IpAddr>,
    pub(crate) binding: Id,
    /// Seconds; 0 is an unregister.
    pub(crate) expires: u32,
}

/// How far an attempt has come, for whoever wants to cancel it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// A REGISTER has left: its answer is still of interest.
    pub(crate) sent: AtomicBool,
    /// The core no longer waits.
    pub(crate) cancelled: AtomicBool,
    /// The flow it uses.
    pub(crate) flow: Mutex<Option<Arc<Flow>>>,
}

/// Runs an attempt to its end and hands the outcome in.
pub(crate) async fn run(shared: Arc<Shared>, job: Job, progress: Arc<Progress>) {
    let peer = match address(&shared, &job).await {
        Ok(peer) => peer,
        Err(outcome) => return shared.ended(job.id, outcome),
    };
    let flow = match shared.flow(&job.target, peer).await {
        Ok(flow) => flow,
        Err(outcome) => return shared.ended(job.id, outcome),
    };
    *progress.flow.lock().unwrap_or_else(PoisonError::into_inner) = Some(flow.clone());
    let using = Using::new(flow.clone());
    let binding = shared.binding(job.binding, flow.local);
    let outcome = exchange(&shared, &job, &flow, &binding, &progress).await;
    let accepted = matches!(outcome, Outcome::Accepted { .. });
    if accepted && job.expires > 0 {
        shared.keep(job.target.id, peer, &flow);
    }
    shared.ended(job.id, outcome);
    // A connection that ended under this attempt: where its outcome told of that, the core knows already.
    let unheard = accepted || progress.cancelled.load(Ordering::Relaxed);
    if using.leave() {
        shared.lost(job.target.id, peer, &flow, unheard);
    }
    if job.expires == 0 {
        shared.done_with(job.binding, job.target.id, peer, &flow);
    }
}

async fn address(shared: &Shared, job: &Job) -> Result<SocketAddr, Outcome> {
    if !shared.has(job.target.transport) {
        // This phone's stack refuses (rule 3.7).
        return Err(Outcome::NotSent);
    }
    let literal = job.target.host.parse().ok();
    let address = match job.address.or(literal) {
        Some(address) => Some(address),
        None => shared.resolver.address(&job.target.host).await,
    };
    let address = address.ok_or(Outcome::NoAddress)?;
    Ok(SocketAddr::new(address, job.target.port))
}

/// The REGISTER, and its challenges: the first is answered, a second only if the nonce was stale (rule 3.1c).
async fn exchange(shared: &Shared, job: &Job, flow: &Flow, binding: &Binding, progress: &Progress) -> Outcome {
    let domain = shared.domain_for(&job.target);
    let mut credentials: Option<String> = None;
    let mut challenges = 0;
    loop {
        let register = Register {
            transport: job.target.transport,
            local: flow.local,
            user: &shared.user,
            domain: &domain,
            from_tag: &shared.from_tag,
            call_id: &shared.call_id,
            cseq: shared.next_cseq(),
            binding,
            expires: job.expires,
            credentials: credentials.as_deref(),
        };
        let uri = register.uri();
        let (branch, bytes) = register.write();
        progress.sent.store(true, Ordering::Relaxed);
        let reply = match flow.exchange(branch, bytes, &progress.cancelled).await {
            Ok(reply) => reply,
            Err(outcome) => return outcome,
        };
        match to_answer(&reply, challenges) {
            Some(challenge) => {
                challenges += 1;
                credentials = Some(challenge.answer(&shared.user, &shared.password, "REGISTER", &uri));
            }
            None => return reply.outcome(&binding.contact_user),
        }
    }
}

/// The challenge, if it is to be answered after so many others in this attempt.
fn to_answer(reply: &Reply, challenges: u32) -> Option<Challenge> {
    let challenge = reply.challenge()?;
    match challenges {
        0 => Some(challenge),
        1 if challenge.stale => Some(challenge),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenged(stale: bool) -> Reply {
        let text = format!(
            "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\
             WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", stale={stale}, qop=\"auth\"\r\n\r\n"
        );
        Reply::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn rule_3_1c_two_challenges_at_most_and_the_second_only_if_stale() {
        assert!(to_answer(&challenged(false), 0).is_some());
        assert!(to_answer(&challenged(false), 1).is_none());
        assert!(to_answer(&challenged(true), 1).is_some());
        assert!(to_answer(&challenged(true), 2).is_none());
    }
}
