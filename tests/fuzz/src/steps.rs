//! A configuration and whatever may happen under it.

use rehome::{Registration, Time};

use crate::bytes::Bytes;
use crate::configure::configure;
use crate::inputs::{Deed, deed};
use crate::phone::Phone;

/// Longer sequences show nothing new and are slow to search.
const STEPS: usize = 400;

/// Everything the bytes say happens to one phone; what must hold is checked after each step.
pub fn steps(data: &[u8]) {
    let mut bytes = Bytes(data);
    let config = configure(&mut bytes);
    let seed = bytes.u8().into();
    let registration = Registration::new(config, seed).expect("a configuration that was validated");
    run(&mut Phone::new(registration, 0), &mut bytes);
}

pub(crate) fn run(phone: &mut Phone, bytes: &mut Bytes<'_>) {
    for _ in 0..STEPS {
        if bytes.done() {
            return;
        }
        match deed(bytes, phone) {
            Deed::Input(input, now) => phone.hand_in(*input, now),
            Deed::Restore(now, away) if Time::from_millis(now) <= Time::MAX => {
                phone.restore(phone.registration.config().clone(), now, away);
            }
            Deed::Restore(..) => {}
        }
    }
}
