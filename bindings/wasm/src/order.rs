//! Section 2 of the policy by itself: to draw and lint with.

use alloc::vec::Vec;

use rehome::Selection;
use rehome::order::{self, Rng};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::input::value;
use crate::list::List;
use crate::sink::Sink;
use crate::words::Worded;

/// Makes the clean set, and tells the sink that and what was dropped; true for a lone `.`.
#[wasm_bindgen]
#[must_use]
pub fn order_normalise(list: &mut List, sink: &Sink) -> bool {
    let clean = order::normalise(&list.records, |index, reason| sink.dropped(index, reason.word() as u32));
    for candidate in &clean.set {
        sink.candidate(&candidate.host, candidate.port.into(), candidate.priority.into(), candidate.weight.into());
    }
    list.set = clean.set;
    clean.not_offered
}

/// Numerator and denominator of each record of the clean set.
#[allow(clippy::cast_precision_loss)]
#[wasm_bindgen]
#[must_use]
pub fn order_shares(list: &List, selection: u32, sink: &Sink) -> Vec<f64> {
    let Some(selection) = value::<Selection>(selection, "selection", sink) else { return Vec::new() };
    let shares = order::shares(&list.set, selection);
    shares.iter().flat_map(|share| [share.numerator as f64, share.denominator as f64]).collect()
}

/// Places in the clean set, in the order in which one phone tries them.
#[wasm_bindgen]
#[must_use]
pub fn order_draw(list: &List, selection: u32, keep: u8, seed: f64, sink: &Sink) -> Vec<u32> {
    let Some(selection) = value::<Selection>(selection, "selection", sink) else { return Vec::new() };
    let plan = order::draw(&list.set, selection, keep.into(), &mut Rng::new(crate::whole(seed)));
    plan.into_iter().filter_map(|place| u32::try_from(place).ok()).collect()
}
