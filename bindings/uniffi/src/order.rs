//! Section 2 of the policy by itself: to draw and lint with.

use rehome::order::{self, Rng};
use rehome::{DropReason, Selection};

use crate::mirror::{At, In, Out, signed};
use crate::{RehomeError, SrvRecord};

crate::mirror::mirror! { out
    /// One usable record.
    struct Candidate: rehome::order::Candidate {
        /// Host name, or an IPv4 address as some servers write, lower case, without the final dot.
        host: String,
        /// Port, 1 to 65535.
        port: i32,
        /// Lower is tried first.
        priority: i32,
        /// Share within the priority.
        weight: i32,
    }
}

/// A record that is not of the set.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Dropped {
    /// Its place in the answer, from 0.
    pub index: i64,
    /// Why.
    pub reason: DropReason,
}

/// A clean set of records (rule 2.7).
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Normalised {
    /// The usable records by priority, then host, then port; each host and port once.
    pub set: Vec<Candidate>,
    /// What is not of the set. Exact duplicates are merged without a word.
    pub dropped: Vec<Dropped>,
    /// A lone `.`: the service is decidedly not offered.
    pub not_offered: bool,
}

/// A record, and its exact chance to be picked first in its tier.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Share {
    /// The record.
    pub candidate: Candidate,
    /// So many cases.
    pub numerator: i64,
    /// Of so many that are equally likely; never 0.
    pub denominator: i64,
}

/// Makes a clean set of an SRV answer (rule 2.7).
#[uniffi::export]
pub fn order_normalise(records: Vec<SrvRecord>) -> Result<Normalised, RehomeError> {
    let mut dropped = Vec::new();
    let clean = order::normalise(&taken(records)?, |index, reason| {
        dropped.push(Dropped { index: index.into(), reason });
    });
    Ok(Normalised { set: Out::out(&clean.set, None), dropped, not_offered: clean.not_offered })
}

/// How likely each record of an SRV answer is to be picked first in its tier (rules 2.2, 2.3).
#[uniffi::export]
pub fn order_shares(records: Vec<SrvRecord>, selection: Selection) -> Result<Vec<Share>, RehomeError> {
    let set = order::normalise(&taken(records)?, |_, _| {}).set;
    let shares = order::shares(&set, selection);
    let pairs = set.iter().zip(shares);
    Ok(pairs
        .map(|(candidate, share)| Share {
            candidate: Candidate::out(candidate, None),
            numerator: signed(share.numerator),
            denominator: signed(share.denominator),
        })
        .collect())
}

/// Orders an SRV answer for the phone of this seed: the first `maxTargets` (1 to 64) in the order in which they are tried
/// (rules 2.1 to 2.4).
#[uniffi::export(default(max_targets = 64))]
pub fn order_draw(
    records: Vec<SrvRecord>,
    selection: Selection,
    seed: i64,
    max_targets: i32,
) -> Result<Vec<Candidate>, RehomeError> {
    let set = order::normalise(&taken(records)?, |_, _| {}).set;
    let keep: u8 = max_targets.into_core(&At::INPUT.field("max_targets"))?;
    let places = order::draw(&set, selection, keep.into(), &mut Rng::new(seed.cast_unsigned()));
    Ok(places.into_iter().filter_map(|place| set.get(place)).map(|candidate| Candidate::out(candidate, None)).collect())
}

fn taken(records: Vec<SrvRecord>) -> Result<Vec<rehome::SrvRecord>, RehomeError> {
    records.into_core(&At::INPUT.field("records"))
}
