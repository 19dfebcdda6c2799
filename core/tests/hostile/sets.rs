//! Record sets (rules 2.7 and 7.4).

use std::time::{Duration, Instant};

use rehome::{DropReason, EventKind, NoPlan, Selection, SrvRecord};

use crate::phone::{ACCEPTED, Phone, config, record};

/// Far above what it takes, far below what trying again and again would.
const SOON: Duration = Duration::from_secs(5);

fn after(selection: Selection, records: Vec<SrvRecord>) -> Phone {
    let mut config = config();
    config.order.selection = selection;
    let mut phone = Phone::started(config);
    let start = Instant::now();
    phone.answer(records, 300);
    assert!(start.elapsed() < SOON, "{selection:?}");
    phone
}

const ALL: [Selection; 3] = [Selection::Weighted, Selection::Rfc2782, Selection::HighestWeight];

#[test]
fn huge_sets_keep_to_the_caps() {
    for selection in ALL {
        let records = (0..20_000_u32).map(|n| record((n % 7) as u16, n as u16, 5060, &format!("h{n}.example.test")));
        let phone = after(selection, records.collect());
        assert_eq!(phone.plan().len(), 64);
        assert!(phone.events().contains(&&EventKind::RecordsTruncated { count: 20_000 }));
        assert!(phone.flight.is_some());
    }
}

#[test]
fn thousands_of_one_target_are_one() {
    for selection in ALL {
        let same = vec![record(1, 1, 5060, "a.example.test"); 5_000];
        assert_eq!(after(selection, same).plan(), ["a.example.test"]);
        let weights =
            (0..4_000).map(|n| record(n % 9, n, 5060, if n % 2 == 0 { "A.example.test." } else { "a.Example.TEST" }));
        assert_eq!(after(selection, weights.collect()).plan(), ["a.example.test"]);
    }
}

#[test]
fn the_root_among_thousands() {
    let mut records = vec![record(0, 0, 5060, "."); 4_000];
    records.push(record(9, 0, 5060, "a.example.test"));
    assert_eq!(after(Selection::Weighted, records).plan(), ["a.example.test"]);
    let phone = after(Selection::Weighted, vec![record(0, 0, 0, "."); 4_000]);
    assert!(phone.plan().is_empty());
    assert!(phone.events().iter().any(|event| matches!(event, EventKind::NothingOffered { .. })));
}

#[test]
fn port_0_in_every_record() {
    let phone = after(Selection::Weighted, vec![record(1, 1, 0, "a.example.test"), record(1, 1, 0, "b.example.test")]);
    let dropped = |index| EventKind::RecordDropped { index, reason: DropReason::PortZero };
    assert!(phone.events().contains(&&dropped(0)) && phone.events().contains(&&dropped(1)));
    let nothing = |event: &&EventKind| matches!(event, EventKind::NothingOffered { reason: NoPlan::NothingLeft, .. });
    assert!(phone.events().into_iter().any(|event| nothing(&event)));
}

/// 4,096 times 65,535 is more than 16 bits, and less than 32.
#[test]
fn the_largest_weights_add_up() {
    for selection in ALL {
        let records = (0..4_096).map(|n| record(1, u16::MAX, 5060, &format!("h{n}.example.test")));
        let phone = after(selection, records.collect());
        assert_eq!(phone.plan().len(), 64);
        let unique: std::collections::BTreeSet<String> = phone.plan().into_iter().collect();
        assert_eq!(unique.len(), 64);
        // The cap is on what is more than these.
        assert!(!phone.events().iter().any(|event| matches!(event, EventKind::RecordsTruncated { .. })));
    }
}

/// The refresh at 600 s looks up if the TTL has run out by then.
#[test]
fn a_ttl_is_used_as_a_minute_to_a_day() {
    for (ttl, looks_up) in [(0, true), (59, true), (u32::MAX, false), (1 << 31, false), ((1 << 31) - 1, false)] {
        let mut config = config();
        config.refresh.interval = Some(rehome::Millis::from_secs(600));
        let mut phone = Phone::started(config);
        phone.answer(vec![record(1, 1, 5060, "a.example.test")], ttl);
        phone.lookup = None;
        phone.outcome(ACCEPTED);
        phone.wake();
        assert_eq!(phone.lookup.is_some(), looks_up, "TTL {ttl}");
        let mut lookups = 0;
        // Over two days a TTL of 2^31 is one of 24 h.
        while phone.now < 1_000_000 + 2 * 86_400_000 {
            lookups += u32::from(phone.lookup.take().is_some());
            match phone.flight {
                Some(_) => phone.outcome(ACCEPTED),
                None => phone.wake(),
            }
        }
        assert!(lookups > 0 && lookups < 300, "TTL {ttl}: {lookups}");
    }
}
