//! The registrars' side: where each phone can be called, compared with what it says.

use rehome::{State, Time};

use crate::herd::Herd;
use crate::network::SERVERS;

/// How many bindings are live that no phone has as its home: left to expire where a registrar fell silent (rule 6.7a), or
/// did not take the unregister.
#[must_use]
pub fn left_to_expire(herd: &Herd) -> usize {
    let phones = herd.phones.iter().enumerate();
    phones
        .map(|(number, phone)| herd.network.bound(number, herd.now).filter(|at| Some(*at) != phone.home).count())
        .sum()
}

/// Every phone that is left behind, or bound where it does not say so, or in two places.
#[must_use]
pub fn complaints(herd: &Herd) -> Vec<String> {
    let mut complaints = Vec::new();
    for (number, phone) in herd.phones.iter().enumerate() {
        let status = phone.registration.status(Time::from_millis(herd.now));
        let home = status.home.and_then(|home| SERVERS.iter().position(|name| *name == &*home.host));
        let bound: Vec<usize> = herd.network.bound(number, herd.now).collect();
        if status.state != State::Registered || home.is_none() {
            complaints.push(format!("phone {number} is left behind: it says {:?}", status.state));
        } else if bound != home.into_iter().collect::<Vec<_>>() {
            let names: Vec<&str> = bound.iter().map(|server| SERVERS[*server]).collect();
            let home = home.map_or("nowhere", |home| SERVERS[home]);
            complaints.push(format!("phone {number} says {home}, and is bound at {names:?}"));
        }
    }
    complaints
}
